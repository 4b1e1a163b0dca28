/**
 * Where the arrow keys lead in a picture.
 *
 * @module
 */

import { childrenOf, type Dag, parentsOf } from "../graph/dag.ts";
import { siblings } from "../graph/reach.ts";
import type { Picture } from "../work/picture.ts";

/** The keys that lead somewhere. */
export type Arrow = "ArrowDown" | "ArrowLeft" | "ArrowRight" | "ArrowUp";

/** The one of some nodes that stands nearest; -1 if there is none. */
function nearest(nodes: Iterable<number>, x: Float64Array, to: number): number {
  let best = -1;
  for (const node of nodes) {
    if (best < 0 || Math.abs(x[node]! - to) < Math.abs(x[best]! - to)) best = node;
  }
  return best;
}

/** All nodes of a node's rank but itself. */
function* beside({ layout }: Picture, node: number): Generator<number> {
  for (let other = 0; other < layout.rank.length; other++) {
    if (other !== node && layout.rank[other] === layout.rank[node]) yield other;
  }
}

function sideways(picture: Picture, node: number, sign: number): number {
  const { x } = picture.layout;
  const onSide = (other: number) => (x[other]! - x[node]!) * sign > 0;
  const own = [...siblings(picture.dag, node)].filter(onSide);
  const found = nearest(own, x, x[node]!);
  return found >= 0 ? found : nearest([...beside(picture, node)].filter(onSide), x, x[node]!);
}

/**
 * The entry that an arrow leads to from another; the same if there is none. Up
 * and down go to the parent and the child that stand nearest, also to those that
 * the picture does not show; left and right to siblings, and then to others of
 * the rank.
 */
export function step(dag: Dag, picture: Picture, entry: number, arrow: Arrow): number {
  const node = picture.nodeOf[entry]!;
  if (node < 0) return entry;
  const { x } = picture.layout;
  if (arrow === "ArrowLeft" || arrow === "ArrowRight") {
    const found = sideways(picture, node, arrow === "ArrowLeft" ? -1 : 1);
    return found < 0 ? entry : picture.first[found]!;
  }
  const of = arrow === "ArrowUp" ? parentsOf : childrenOf;
  const found = nearest(of(picture.dag, node), x, x[node]!);
  return found >= 0 ? picture.first[found]! : of(dag, entry)[0] ?? entry;
}
