/** The graph of a passport as arrays. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { childrenOf, type Dag, dagOf, parentsOf } from "../../explorer/graph/dag.ts";
import { chain, closure, edgesOf, parentLists, wildLists } from "./graphs.ts";

function assertTopological(dag: Dag): void {
  const at = new Map([...dag.order].map((node, index) => [node, index]));
  assert.equal(at.size, dag.size);
  for (const [parent, child] of edgesOf(dag)) assert(at.get(parent)! < at.get(child)!);
}

test("an acyclic graph keeps every edge once, in the order given", () => {
  fc.assert(fc.property(parentLists, (lists) => {
    const dag = dagOf(lists);
    assert.deepEqual([...dag.order], lists.map((_, node) => node));
    lists.forEach((list, node) => assert.deepEqual([...parentsOf(dag, node)], [...new Set(list)]));
    assert.equal(dag.closing.length, 0);
    assertTopological(dag);
  }));
});

test("children are the parents seen from the other side", () => {
  fc.assert(fc.property(wildLists, (lists) => {
    const dag = dagOf(lists);
    const down = lists.flatMap((_, node) => [...childrenOf(dag, node)].map((c) => [node, c]));
    const sorted = (pairs: number[][]) => pairs.map(String).sort();
    assert.deepEqual(sorted(down), sorted(edgesOf(dag)));
    for (let slot = 0; slot < dag.edges; slot++) {
      assert.equal(dag.edgeChild[dag.childEdges[slot]!], dag.children[slot]);
    }
    const sinks = lists.flatMap((_, node) => childrenOf(dag, node).length === 0 ? [node] : []);
    assert.deepEqual([...dag.sinks], sinks);
    const sources = lists.flatMap((_, node) => parentsOf(dag, node).length === 0 ? [node] : []);
    assert.deepEqual([...dag.sources], sources);
  }));
});

test("edges that close a cycle are set aside, and only such edges", () => {
  fc.assert(fc.property(wildLists, (lists) => {
    const dag = dagOf(lists);
    assertTopological(dag);
    const closing = Array.from(
      { length: dag.closing.length / 2 },
      (_, i) => [dag.closing[2 * i]!, dag.closing[2 * i + 1]!],
    );
    const all = lists.flatMap((list, child) => [...new Set(list)].map((parent) => [parent, child]));
    assert.deepEqual([...edgesOf(dag), ...closing].map(String).sort(), all.map(String).sort());
    for (const [parent, child] of closing) {
      assert(closure(parent!, (node) => lists[node]!).has(child!), "the edge lies on no cycle");
    }
  }));
});

test("a chain of 100,000 read backwards, and a cycle of 100,000, are no problem", () => {
  const size = 100_000;
  const backwards = chain(size).reverse().map((list) => list.map((node) => size - 1 - node));
  const dag = dagOf(backwards);
  assertTopological(dag);
  assert.equal(dag.edges, size - 1);
  const cycle = chain(size);
  cycle[0] = [size - 1];
  assert.equal(dagOf(cycle).closing.length, 2);
});

test("a parent that is no node is refused", () => {
  assert.throws(() => dagOf([[1]]), RangeError);
  assert.throws(() => dagOf([[-1]]), RangeError);
  assert.throws(() => dagOf([[0.5]]), RangeError);
});
