/** Graphs for the tests of the explorer, and slow answers to compare with. */

import fc from "fast-check";
import { type Dag, dagOf, parentsOf } from "../../explorer/graph/dag.ts";
import type { EntryFacts } from "../../explorer/graph/facts.ts";

/** Parent lists of small acyclic graphs, parents first. */
export const parentLists: fc.Arbitrary<number[][]> = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 40, size: "max" })
  .map((rows) => rows.map((row, child) => child === 0 ? [] : row.map((pick) => pick % child)));

/** Any parent lists: cycles, self-loops, repeats, children before parents. */
export const wildLists: fc.Arbitrary<number[][]> = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 25, size: "max" })
  .map((rows) => rows.map((row) => row.map((pick) => pick % rows.length)));

/** Graphs of {@linkcode parentLists} and {@linkcode wildLists}. */
export const dags: fc.Arbitrary<Dag> = fc.oneof(parentLists, wildLists).map(dagOf);

/** A graph with one of its nodes. */
export const dagsWithNode: fc.Arbitrary<[Dag, number]> = fc
  .tuple(dags.filter((dag) => dag.size > 0), fc.nat())
  .map(([dag, pick]) => [dag, pick % dag.size]);

/** Edges as pairs of parent and child. */
export function edgesOf(dag: Dag): [number, number][] {
  return Array.from({ length: dag.edges }, (_, edge) => [dag.parents[edge]!, dag.edgeChild[edge]!]);
}

/** Everything that can be reached by following a relation, the start included. */
export function closure(start: number, next: (node: number) => Iterable<number>): Set<number> {
  const reached = new Set([start]);
  for (const node of reached) for (const other of next(node)) reached.add(other);
  return reached;
}

/** Everything at or above a node. */
export function above(dag: Dag, node: number): Set<number> {
  return closure(node, (each) => parentsOf(dag, each));
}

/** A chain of many nodes. */
export function chain(size: number): number[][] {
  return Array.from({ length: size }, (_, node) => node === 0 ? [] : [node - 1]);
}

/** One source, many children, one sink. */
export function fan(size: number): number[][] {
  const middle = Array.from({ length: size - 2 }, (_, i) => i + 1);
  return [[], ...middle.map(() => [0]), middle];
}

/** Facts of a node that nothing is known of. */
export function bareFacts(id: number, parents: readonly number[]): EntryFacts {
  return {
    id: `entry-${id}`,
    hash: `hash-${id}`,
    nodeId: `node-${id % 3}`,
    kind: parents.length === 0 ? "originate" : "step",
    parents,
    addedTaint: [],
    removedTaint: [],
    accumulatedTaint: [],
    labels: {},
    origin: null,
    keyId: null,
    trustScore: 1,
    timestampMs: id,
  };
}
