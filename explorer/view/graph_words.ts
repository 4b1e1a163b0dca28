/**
 * The picture in words, for those who do not see it.
 *
 * @module
 */

import { childrenOf, parentsOf } from "../graph/dag.ts";
import { KINDS } from "../work/columns.ts";
import { NODE } from "../work/look.ts";
import { MARK_WORDS } from "../work/marks.ts";
import { labelled } from "../work/picture.ts";
import type { Scene } from "./canvas_scene.ts";
import type { Hops } from "./store.ts";
import { nodeName } from "./text.tsx";

/** What is written on a node. */
export function labelOf({ columns, picture }: Scene, node: number): string {
  return labelled(picture, node, nodeName(columns, picture.first[node]!));
}

/** A number with its thousands apart. The first `toLocaleString` of a page takes 20 ms. */
function digits(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A number with its noun. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${digits(count)} ${count === 1 ? one : many}`;
}

/** What is selected, in one sentence. */
function selectionText({ dag, columns, picture, nodes }: Scene, selected: number): string {
  const node = picture.nodeOf[selected]!;
  const mark = node < 0 ? 0 : nodes[node]! & NODE.mark;
  return [
    `Selected: ${nodeName(columns, selected)}`,
    KINDS[columns.kind[selected]!]!,
    counted(parentsOf(dag, selected).length, "parent"),
    counted(childrenOf(dag, selected).length, "child", "children"),
    ...mark > 0 ? [MARK_WORDS[mark]![1]] : [],
  ].join(", ");
}

/** What is shown, and what is selected in it. */
export function summaryOf(
  scene: Scene,
  { hops, focus, selected }: { hops: Hops | null; focus: number; selected: number },
): string {
  const { columns, picture } = scene;
  let drawn = 0;
  let groups = 0;
  for (const count of picture.count) {
    drawn += count;
    if (count > 1) groups++;
  }
  const all = counted(columns.size, "entry", "entries");
  const some = drawn === columns.size ? `All ${all}` : `${digits(drawn)} of ${all}`;
  return [
    drawn === columns.size || hops === null || focus < 0
      ? some
      : `${some}, up to ${counted(Math.max(hops.up, hops.down), "hop")} around ${
        nodeName(columns, focus)
      }`,
    ...groups > 0 ? [counted(groups, "group")] : [],
    ...selected >= 0 ? [selectionText(scene, selected)] : [],
  ].join(". ") + ".";
}
