/**
 * Groups: long chains and wide fans drawn as one box each, until somebody opens
 * them.
 *
 * @module
 */

import { childrenOf, type Dag, dagOf, parentsOf } from "./dag.ts";
import type { EntryFacts } from "./facts.ts";

/** Fewer members than this are drawn one by one. */
export const MIN_GROUP = 3;

/** What one node of a collapsed graph stands for. */
export interface Cluster {
  /** One entry, a chain of entries, or a fan of entries or of like chains. */
  readonly kind: "chain" | "entry" | "fan";
  /** Its kind and the id of its first entry. */
  readonly key: string;
  /** The nodes of the whole graph that it stands for; a chain's from the top down. */
  readonly members: readonly number[];
}

/** A smaller graph and what it stands for. */
export interface Collapsed {
  /** The graph of clusters. */
  readonly dag: Dag;
  /** One for each node of {@linkcode dag}, in the order of their least members. */
  readonly clusters: readonly Cluster[];
  /** The cluster of each node of the whole graph. */
  readonly clusterOf: Int32Array;
}

/** What is shown one by one. */
export interface CollapseOptions {
  /** Whether an entry must be seen: selected, changed, denied, removes a taint… Default none. */
  readonly notable?: (node: number) => boolean;
  /** Keys of clusters that are open. */
  readonly expanded?: ReadonlySet<string>;
}

interface Groups {
  readonly members: readonly (readonly number[])[];
  readonly groupOf: Int32Array;
}

/** Groups from some sets; every other node is a group of its own. */
function groupsOf(size: number, sets: readonly (readonly number[])[]): Groups {
  const setOf = new Int32Array(size).fill(-1);
  sets.forEach((set, index) => set.forEach((node) => setOf[node] = index));
  const groupOf = new Int32Array(size).fill(-1);
  const members: (readonly number[])[] = [];
  for (let node = 0; node < size; node++) {
    if (groupOf[node] !== -1) continue;
    const group = setOf[node] === -1 ? [node] : sets[setOf[node]!]!;
    for (const member of group) groupOf[member] = members.length;
    members.push(group);
  }
  return { members, groupOf };
}

/** The graph of groups. */
function contract(dag: Dag, { members, groupOf }: Groups): Dag {
  const lists: number[][] = members.map(() => []);
  for (let edge = 0; edge < dag.edges; edge++) {
    const parent = groupOf[dag.parents[edge]!]!;
    const child = groupOf[dag.edgeChild[edge]!]!;
    if (parent !== child) lists[child]!.push(parent);
  }
  return dagOf(lists);
}

/** Runs of nodes with one parent and one child each. */
function chainsOf(dag: Dag, plain: (node: number) => boolean): number[][] {
  const { parentStart, childStart, children } = dag;
  const inside = (node: number): boolean =>
    parentStart[node + 1]! - parentStart[node]! === 1 &&
    childStart[node + 1]! - childStart[node]! === 1 && plain(node);
  const chains: number[][] = [];
  const seen = new Uint8Array(dag.size);
  for (const top of dag.order) {
    if (seen[top] || !inside(top)) continue;
    const chain: number[] = [];
    for (let node = top; inside(node); node = children[childStart[node]!]!) {
      chain.push(node);
      seen[node] = 1;
    }
    chains.push(chain);
  }
  return chains.filter((chain) => chain.length >= MIN_GROUP);
}

/** Nodes that have the same parents, the same children and the same signature. */
function fansOf(dag: Dag, signature: (node: number) => string | null): number[][] {
  const alike = new Map<string, number[]>();
  for (let node = 0; node < dag.size; node++) {
    const parents = parentsOf(dag, node);
    const children = childrenOf(dag, node);
    // Its likes hang on the same neighbours: whose have few others, has none.
    const beside = parents.length > 0
      ? childrenOf(dag, parents[0]!).length
      : children.length > 0
      ? parentsOf(dag, children[0]!).length
      : 0;
    const own = beside < MIN_GROUP ? null : signature(node);
    if (own === null) continue;
    const key = `${parents.slice().sort()}|${children}|${own}`;
    const same = alike.get(key);
    if (same) same.push(node);
    else alike.set(key, [node]);
  }
  return [...alike.values()].filter((nodes) => nodes.length >= MIN_GROUP);
}

/**
 * The graph with chains of unremarkable entries drawn as one, and then entries
 * (or chains) that do the same between the same neighbours.
 *
 * @param facts One for each node of the graph.
 */
export function collapse(
  dag: Dag,
  facts: readonly EntryFacts[],
  { notable = () => false, expanded = new Set() }: CollapseOptions = {},
): Collapsed {
  const plain = (node: number) => facts[node]!.kind !== "missing" && !notable(node);
  const keyOf = (kind: string, first: number) => `${kind}:${facts[first]!.id}`;
  const chains = chainsOf(dag, plain).filter(([top]) => !expanded.has(keyOf("chain", top!)));
  const inner = groupsOf(dag.size, chains);
  const small = contract(dag, inner);
  const fans = fansOf(small, (group) => {
    const members = inner.members[group]!;
    if (!members.every(plain)) return null;
    return JSON.stringify(members.map((node) => [facts[node]!.kind, facts[node]!.nodeId]));
  }).filter(([first]) => !expanded.has(keyOf("fan", inner.members[first!]![0]!)));
  const outer = groupsOf(small.size, fans);
  const clusters = outer.members.map((groups): Cluster => {
    const members = groups.flatMap((group) => inner.members[group]!);
    const kind = groups.length > 1 ? "fan" : members.length > 1 ? "chain" : "entry";
    return { kind, key: keyOf(kind, members[0]!), members };
  });
  return Object.freeze({
    dag: contract(small, outer),
    clusters,
    clusterOf: inner.groupOf.map((group) => outer.groupOf[group]!),
  });
}
