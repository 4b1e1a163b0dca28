/** Where taints come from, where they go, and why. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { type Dag, dagOf, parentsOf } from "../../explorer/graph/dag.ts";
import type { EntryFacts } from "../../explorer/graph/facts.ts";
import { Taints } from "../../explorer/graph/taints.ts";
import { bareFacts, edgesOf, parentLists, wildLists } from "./graphs.ts";

const names = fc.uniqueArray(fc.constantFrom("pii", "web", "c:secret", "gone"), { maxLength: 2 });

const tainted: fc.Arbitrary<[Dag, EntryFacts[]]> = fc
  .tuple(
    fc.oneof(parentLists, wildLists),
    fc.array(names, { minLength: 40, maxLength: 40 }),
    fc.array(names, { minLength: 40, maxLength: 40 }),
  )
  .map(([lists, added, removed]) => {
    const facts = lists.map((list, node) => ({
      ...bareFacts(node, list),
      addedTaint: node % 3 === 0 ? added[node]! : [],
      removedTaint: node % 4 === 1 ? removed[node]! : [],
    }));
    return [dagOf(lists), facts];
  });

/** The accumulated taints of all nodes, by the definition of SPEC 4.6. */
function accumulated(dag: Dag, facts: EntryFacts[]): Set<string>[] {
  const sets: Set<string>[] = [];
  for (const node of dag.order) {
    const set = new Set(facts[node]!.addedTaint);
    for (const parent of parentsOf(dag, node)) for (const taint of sets[parent]!) set.add(taint);
    for (const taint of facts[node]!.removedTaint) set.delete(taint);
    sets[node] = set;
  }
  return sets;
}

test("every entry has the taints that it accumulates", () => {
  fc.assert(fc.property(tainted, ([dag, facts]) => {
    const taints = new Taints(dag, facts);
    accumulated(dag, facts).forEach((set, node) => {
      assert.deepEqual(taints.taintsOf(node), [...set].sort());
      assert.equal(taints.has(node, "nobody's"), false);
    });
  }));
});

test("a flow names the entries that add, carry and remove, and the edges between", () => {
  fc.assert(fc.property(tainted, ([dag, facts]) => {
    const taints = new Taints(dag, facts);
    const sets = accumulated(dag, facts);
    for (const taint of [...taints.all, "nobody's"]) {
      const flow = taints.flow(taint);
      const nodes = (holds: (node: number) => boolean) => [...sets.keys()].filter(holds);
      assert.deepEqual([...flow.nodes], sets.map((set) => Number(set.has(taint))));
      assert.equal(flow.count, nodes((node) => sets[node]!.has(taint)).length);
      assert.deepEqual(
        [...flow.edges],
        edgesOf(dag).map(([parent]) => Number(sets[parent]!.has(taint))),
      );
      const adds = (node: number) => facts[node]!.addedTaint.includes(taint);
      assert.deepEqual([...flow.added], nodes(adds));
      assert.deepEqual(
        [...flow.removed],
        nodes((node) =>
          facts[node]!.removedTaint.includes(taint) &&
          (adds(node) || parentsOf(dag, node).some((parent) => sets[parent]!.has(taint)))
        ),
      );
    }
  }));
});

/** The hops from each node up to one that adds a taint, through nodes that carry it. */
function hopsToSource(dag: Dag, facts: EntryFacts[], taint: string): number[] {
  const sets = accumulated(dag, facts);
  const hops = new Array<number>(dag.size).fill(Infinity);
  for (const node of dag.order) {
    if (!sets[node]!.has(taint)) continue;
    if (facts[node]!.addedTaint.includes(taint)) hops[node] = 0;
    for (const parent of parentsOf(dag, node)) {
      hops[node] = Math.min(hops[node]!, hops[parent]! + 1);
    }
  }
  return hops;
}

test("why: a shortest path from an entry that adds the taint, through entries that carry it", () => {
  fc.assert(fc.property(tainted, ([dag, facts]) => {
    const taints = new Taints(dag, facts);
    for (const taint of taints.all) {
      const hops = hopsToSource(dag, facts, taint);
      for (let node = 0; node < dag.size; node++) {
        const path = taints.why(node, taint);
        assert.equal(path === null ? Infinity : path.length - 1, hops[node]);
        if (path === null) continue;
        assert(facts[path[0]!]!.addedTaint.includes(taint));
        assert.equal(path.at(-1), node);
        path.forEach((each, i) => {
          assert(taints.has(each, taint));
          if (i > 0) assert(parentsOf(dag, each).includes(path[i - 1]!));
        });
      }
    }
  }));
});

test("more taints than are kept at a time are still right", () => {
  const count = 2000;
  const facts = Array.from({ length: count }, (_, node) => ({
    ...bareFacts(node, node === 0 ? [] : [node - 1]),
    addedTaint: [`t${node}`],
    removedTaint: node === count - 1 ? ["t0", "t1999"] : [],
  }));
  const taints = new Taints(dagOf(facts.map((each) => each.parents)), facts);
  assert.equal(taints.all.length, count);
  for (
    const [node, taint, has] of [
      [count - 2, "t0", true],
      [count - 1, "t0", false],
      [count - 1, "t1", true],
      [0, "t1", false],
      [count - 1, "t1999", false],
    ] as const
  ) assert.equal(taints.has(node, taint), has);
  assert.deepEqual([...taints.flow("t1999").removed], [count - 1]);
});

test("facts that are not one per node are refused", () => {
  assert.throws(() => new Taints(dagOf([[]]), []), RangeError);
});
