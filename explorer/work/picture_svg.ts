/**
 * A picture as an SVG file, marked as the page marks it.
 *
 * @module
 */

import type { EntryFacts } from "../graph/facts.ts";
import { DARK, LIGHT, type SvgNode, svgOf } from "../graph/svg.ts";
import { EDGE, NODE } from "./look.ts";
import { MARK, MARK_WORDS } from "./marks.ts";
import { labelled, type Picture } from "./picture.ts";

/** How the picture is drawn. */
export interface SvgRequest {
  readonly title: string;
  readonly description: string;
  readonly dark: boolean;
  /** Whether trust scores are written. */
  readonly trust: boolean;
  /** Bits of `NODE`, and of `EDGE`. */
  readonly nodes: Uint16Array;
  readonly edges: Uint8Array;
}

/** Colours of marks, on light and dark ground. */
const COLOURS = {
  bad: ["#b3123a", "#ff8aa0"],
  badGround: ["#fbe6eb", "#43202a"],
  open: ["#7a4d00", "#f0bd5e"],
  taint: ["#8a1fa8", "#e09bf5"],
  taintGround: ["#f6e6fa", "#3a2143"],
  lit: ["#0b57c4", "#7fb2ff"],
} as const;

/** What is written below the name of a node, a word for everything that is marked. */
function noteOf(
  { kind, trustScore }: Pick<EntryFacts, "kind" | "trustScore">,
  bits: number,
  trust: boolean,
): string {
  const words = bits & NODE.mark ? [MARK_WORDS[bits & NODE.mark]!.join(" ")] : [];
  if (bits & NODE.adds) words.push("+ adds the taint");
  if (bits & NODE.removes) words.push("− removes the taint");
  if (kind !== "step") words.push(kind);
  if (trust && trustScore !== null) words.push(`trust ${trustScore}`);
  return words.join(" · ");
}

/** The SVG file of a picture. */
export function pictureSvg(
  picture: Picture,
  facts: readonly EntryFacts[],
  { title, description, dark, trust, nodes, edges }: SvgRequest,
): Blob {
  const { dag, layout, first } = picture;
  const of = (name: keyof typeof COLOURS) => COLOURS[name][dark ? 1 : 0];
  const node = (index: number): SvgNode => {
    const entry = facts[first[index]!]!;
    const bits = nodes[index]!;
    const mark = bits & NODE.mark;
    const note = noteOf(entry, bits, trust);
    const name = entry.kind === "missing" ? entry.id || entry.hash : entry.nodeId;
    return {
      label: labelled(picture, index, name),
      ...(note === "" ? {} : { note }),
      ...(mark >= MARK.changed && mark <= MARK.affected
        ? { fill: of("badGround") }
        : bits & NODE.carries
        ? { fill: of("taintGround") }
        : {}),
      ...(mark === MARK.changed || mark === MARK.wrong
        ? { border: of("bad") }
        : mark === MARK.open
        ? { border: of("open") }
        : bits & (NODE.carries | NODE.adds | NODE.removes)
        ? { border: of("taint") }
        : bits & NODE.lit
        ? { border: of("lit") }
        : {}),
      dashed: entry.kind === "missing" || mark === MARK.open,
    };
  };
  const edge = (index: number) => {
    const bits = edges[index]!;
    if (bits & EDGE.broken) return of("bad");
    if (bits & (EDGE.path | EDGE.carries)) return of("taint");
    return bits & EDGE.lit ? of("lit") : undefined;
  };
  const colours = dark ? DARK : LIGHT;
  const text = svgOf(dag, layout, { title, description, colours, node, edge });
  return new Blob([text], { type: "image/svg+xml" });
}
