/**
 * Pictures: some of the entries, in groups or one by one, each in its place.
 *
 * @module
 */

import { collapse, type Collapsed } from "../graph/collapse.ts";
import { type Dag, dagOf } from "../graph/dag.ts";
import type { EntryFacts } from "../graph/facts.ts";
import { type Places, placesIn } from "../graph/grid.ts";
import { type Layout, layoutOf } from "../graph/layout.ts";

/** What is drawn. */
export interface LayoutRequest {
  /** The entries, ascending; `null`: all. */
  readonly nodes: Int32Array | null;
  /** Keys of groups that are open; `null`: nothing is grouped. */
  readonly open: readonly string[] | null;
  /** 1 for each entry that is seen by itself. */
  readonly notable: Uint8Array;
  /** Whether entries stay where they stood in the last picture. */
  readonly stable: boolean;
}

/** A picture, and what each node and edge of it stands for. */
export interface Picture {
  readonly dag: Dag;
  readonly layout: Layout;
  readonly places: Places;
  /** The first entry of each node. */
  readonly first: Int32Array;
  /** How many entries each node stands for. */
  readonly count: Int32Array;
  /** The key of each group; empty where nothing is grouped. */
  readonly keys: readonly string[];
  /** The node of each entry; -1: it is not drawn. */
  readonly nodeOf: Int32Array;
  /** The edge of each edge among all entries; -1: it is not drawn. */
  readonly edgeOf: Int32Array;
}

/** What is written on a node, from the name of its first entry. */
export function labelled({ count, keys }: Picture, node: number, name: string): string {
  if (count[node] === 1) return name;
  return keys[node]!.startsWith("chain")
    ? `${name} … ${count[node]} in a row`
    : `${count[node]} × ${name}`;
}

const HEIGHT = 40;
const GAP = 26;
const RANK_GAP = 50;
const NARROWEST = 116;
const WIDEST = 232;

/** The width of a character of the names, and of what stands beside them. */
const CHARACTER = 7.3;
const PADDING = 56;

/** The graph among some nodes; `nodes` is ascending. */
function subgraph(dag: Dag, nodes: Int32Array): Dag {
  const place = new Map<number, number>();
  nodes.forEach((node, index) => place.set(node, index));
  return dagOf(Array.from(nodes, (node) => {
    const parents: number[] = [];
    for (let edge = dag.parentStart[node]!; edge < dag.parentStart[node + 1]!; edge++) {
      const parent = place.get(dag.parents[edge]!);
      if (parent !== undefined) parents.push(parent);
    }
    return parents;
  }));
}

/** Every node by itself. */
function apart(dag: Dag): Collapsed {
  const clusterOf = Int32Array.from({ length: dag.size }, (_, node) => node);
  return { dag, clusters: [], clusterOf };
}

/** The edge between two nodes of a picture, for each edge of the graph that it was made of. */
function edgesOf(dag: Dag, picture: Dag, nodeOf: Int32Array): Int32Array {
  if (dag === picture) return Int32Array.from({ length: dag.edges }, (_, edge) => edge);
  const byEnds = new Map<number, number>();
  for (let edge = 0; edge < picture.edges; edge++) {
    byEnds.set(picture.parents[edge]! * picture.size + picture.edgeChild[edge]!, edge);
  }
  const edgeOf = new Int32Array(dag.edges).fill(-1);
  for (let edge = 0; edge < dag.edges; edge++) {
    const [parent, child] = [nodeOf[dag.parents[edge]!]!, nodeOf[dag.edgeChild[edge]!]!];
    if (parent < 0 || child < 0) continue;
    edgeOf[edge] = byEnds.get(parent * picture.size + child) ?? -1;
  }
  return edgeOf;
}

function widthsOf(facts: readonly EntryFacts[], first: Int32Array, count: Int32Array) {
  return Float64Array.from(first, (entry, node) => {
    const letters = facts[entry]!.nodeId.length + (count[node]! > 1 ? 13 : 0);
    return Math.min(WIDEST, Math.max(NARROWEST, letters * CHARACTER + PADDING));
  });
}

/** Where the nodes of a picture stood in the last one. */
function previousOf(first: Int32Array, last: Picture): Float64Array {
  return Float64Array.from(first, (entry) => {
    const node = last.nodeOf[entry]!;
    return node < 0 ? NaN : last.layout.x[node]!;
  });
}

/** Groups of a graph; entries that removed taints or were refused are seen by themselves. */
function grouped(
  dag: Dag,
  facts: readonly EntryFacts[],
  entries: Int32Array,
  { open, notable }: LayoutRequest,
): Collapsed {
  const own = Array.from(entries, (entry) => facts[entry]!);
  return collapse(dag, own, {
    notable: (node) => notable[entries[node]!] === 1 || own[node]!.kind !== "step",
    expanded: new Set(open),
  });
}

/** Draws what was asked for. @param last The picture before, if there was one. */
export function pictureOf(
  dag: Dag,
  facts: readonly EntryFacts[],
  request: LayoutRequest,
  last: Picture | undefined,
): Picture {
  const { nodes, open, stable } = request;
  const part = nodes === null ? dag : subgraph(dag, nodes);
  const entries = nodes ?? Int32Array.from({ length: dag.size }, (_, node) => node);
  const groups = open === null ? apart(part) : grouped(part, facts, entries, request);
  const { size } = groups.dag;
  const first = new Int32Array(size).fill(-1);
  const count = new Int32Array(size);
  const nodeOf = new Int32Array(dag.size).fill(-1);
  entries.forEach((entry, index) => {
    const node = groups.clusterOf[index]!;
    nodeOf[entry] = node;
    count[node]!++;
    if (first[node] === -1) first[node] = entry;
  });
  const layout = layoutOf(groups.dag, {
    width: widthsOf(facts, first, count),
    height: HEIGHT,
    gap: GAP,
    rankGap: RANK_GAP,
    ...(stable && last ? { previous: previousOf(first, last) } : {}),
  });
  return {
    dag: groups.dag,
    layout,
    places: placesIn(groups.dag, layout),
    first,
    count,
    keys: groups.clusters.map(({ kind, key }) => kind === "entry" ? "" : key),
    nodeOf,
    edgeOf: edgesOf(dag, groups.dag, nodeOf),
  };
}
