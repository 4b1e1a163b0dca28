/**
 * What a picture shows at the moment: for each node and edge the bits by which it
 * is painted.
 *
 * @module
 */

import { ancestors, descendants } from "../graph/reach.ts";
import { type Dag, parentsOf } from "../graph/dag.ts";
import type { TaintFlow } from "../graph/taints.ts";
import type { Columns } from "../work/columns.ts";
import { EDGE, NODE } from "../work/look.ts";
import type { Picture } from "../work/picture.ts";

/** What is known of the entries. */
export interface Shown {
  readonly lit: Lit;
  readonly marks: Uint8Array | null;
  readonly hits: Uint8Array | null;
  readonly flow: TaintFlow | null;
  readonly path: Int32Array | null;
  /** Edges to another version of the parent. */
  readonly broken: Int32Array;
}

/** A picture and how it looks. */
export interface Scene {
  readonly picture: Picture;
  readonly columns: Columns;
  /** The graph of all entries. */
  readonly dag: Dag;
  /** Bits of `NODE` for each node. */
  readonly nodes: Uint16Array;
  /** Bits of `EDGE` for each edge. */
  readonly edges: Uint8Array;
  /** The node that is selected; -1: none. */
  readonly selected: number;
  /** Whether trust scores are shown. */
  readonly trust: boolean;
}

const UP = 1;
const DOWN = 2;

/** What lies above an entry and below it. */
export interface Reach {
  readonly dag: Dag;
  /** The entry; -1: none. */
  readonly selected: number;
  /** For each entry: 1 above, 2 below; itself is both. */
  readonly bits: Uint8Array;
}

/** What lies above an entry and below it; what is known before is kept if it is about the same. */
export function reachOf(dag: Dag, selected: number, before?: Reach): Reach {
  if (before?.dag === dag && before.selected === selected) return before;
  const bits = new Uint8Array(dag.size);
  if (selected >= 0) {
    for (const node of ancestors(dag, selected)) bits[node] = UP;
    for (const node of descendants(dag, selected)) bits[node] = DOWN;
    bits[selected] = UP | DOWN;
  }
  return { dag, selected, bits };
}

/** What of a picture is above a node or below it. */
export interface Lit {
  readonly reach: Reach;
  readonly picture: Picture;
  readonly nodes: Uint16Array;
  readonly edges: Uint8Array;
}

/** What is lit in a picture; what is known before is kept if it is about the same. */
export function litIn(picture: Picture, reach: Reach, before?: Lit): Lit {
  if (before?.picture === picture && before.reach === reach) return before;
  const { dag, bits } = reach;
  const { nodeOf, edgeOf } = picture;
  const nodes = new Uint16Array(picture.dag.size);
  const edges = new Uint8Array(picture.dag.edges);
  for (let entry = 0; entry < dag.size; entry++) {
    if (bits[entry] && nodeOf[entry]! >= 0) nodes[nodeOf[entry]!]! |= NODE.lit;
  }
  for (let edge = 0; edge < dag.edges; edge++) {
    const isLit = bits[dag.parents[edge]!]! & bits[dag.edgeChild[edge]!]!;
    if (isLit && edgeOf[edge]! >= 0) edges[edgeOf[edge]!]! |= EDGE.lit;
  }
  return { reach, picture, nodes, edges };
}

function nodeBits(dag: Dag, picture: Picture, shown: Shown): Uint16Array {
  const { lit, marks, hits, flow, path } = shown;
  const { nodeOf } = picture;
  const bits = lit.nodes.slice();
  const add = (entries: Int32Array, bit: number) => {
    for (const entry of entries) if (nodeOf[entry]! >= 0) bits[nodeOf[entry]!]! |= bit;
  };
  for (let entry = 0; entry < dag.size; entry++) {
    const node = nodeOf[entry]!;
    if (node < 0) continue;
    if (hits?.[entry]) bits[node]! |= NODE.hit;
    if (flow?.nodes[entry]) bits[node]! |= NODE.carries;
    const mark = marks?.[entry] ?? 0;
    const worst = bits[node]! & NODE.mark;
    // The gravest of a group.
    if (mark > 0 && (worst === 0 || mark < worst)) bits[node]! += mark - worst;
  }
  if (flow) {
    add(flow.added, NODE.adds);
    add(flow.removed, NODE.removes);
  }
  if (path) add(path, NODE.path);
  return bits;
}

function edgeBits(dag: Dag, picture: Picture, shown: Shown): Uint8Array {
  const { lit, flow, path, broken } = shown;
  const bits = lit.edges.slice();
  const { edgeOf } = picture;
  for (let edge = 0; flow && edge < dag.edges; edge++) {
    if (flow.edges[edge] && edgeOf[edge]! >= 0) bits[edgeOf[edge]!]! |= EDGE.carries;
  }
  const add = (edge: number, bit: number) => {
    if (edgeOf[edge]! >= 0) bits[edgeOf[edge]!]! |= bit;
  };
  for (const edge of broken) add(edge, EDGE.broken);
  for (let i = 1; path && i < path.length; i++) {
    const at = parentsOf(dag, path[i]!).indexOf(path[i - 1]!);
    add(dag.parentStart[path[i]!]! + at, EDGE.path);
  }
  return bits;
}

/** How a picture looks. */
export function sceneOf(
  columns: Columns,
  shown: Shown,
  trust: boolean,
): Scene {
  const { picture, reach: { dag, selected } } = shown.lit;
  return {
    ...{ picture, columns, dag, trust },
    nodes: nodeBits(dag, picture, shown),
    edges: edgeBits(dag, picture, shown),
    selected: selected < 0 ? -1 : picture.nodeOf[selected]!,
  };
}
