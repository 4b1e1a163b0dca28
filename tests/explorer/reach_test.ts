/** Ancestors, descendants, siblings, shortest paths, rows by time. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { childrenOf, type Dag, dagOf, parentsOf } from "../../explorer/graph/dag.ts";
import { ancestors, descendants, neighbourhood, siblings } from "../../explorer/graph/reach.ts";
import { rowOrder } from "../../explorer/graph/rows.ts";
import { shortestPathDown } from "../../explorer/graph/shortest.ts";
import { above, chain, closure, dags, dagsWithNode, edgesOf } from "./graphs.ts";

const ascending = (nodes: Iterable<number>) => [...nodes].sort((a, b) => a - b);

/** How many hops up each node is, by rounds over all edges; `-1`: it is not above. */
function naiveHops(dag: Dag, from: number): number[] {
  const hops = new Array<number>(dag.size).fill(Infinity);
  hops[from] = 0;
  for (let round = 0; round < dag.size; round++) {
    for (const [parent, child] of edgesOf(dag)) {
      hops[parent] = Math.min(hops[parent]!, hops[child]! + 1);
    }
  }
  return hops.map((each) => each === Infinity ? -1 : each);
}

test("ancestors and descendants are those of a naive search", () => {
  fc.assert(fc.property(dagsWithNode, ([dag, node]) => {
    const up = above(dag, node);
    const down = closure(node, (each) => childrenOf(dag, each));
    up.delete(node);
    down.delete(node);
    assert.deepEqual(ascending(ancestors(dag, node)), ascending(up));
    assert.deepEqual(ascending(descendants(dag, node)), ascending(down));
  }));
});

test("the hops of a naive search limit the neighbourhood", () => {
  fc.assert(fc.property(dagsWithNode, fc.nat(4), fc.nat(4), ([dag, node], up, down) => {
    const hops = naiveHops(dag, node);
    const below = Array.from(hops, (_, other) => naiveHops(dag, other)[node]!);
    const near = ascending(
      Array.from(hops.keys()).filter((each) =>
        (hops[each]! >= 0 && hops[each]! <= up) || (below[each]! >= 0 && below[each]! <= down)
      ),
    );
    assert.deepEqual([...neighbourhood(dag, node, up, down)], near);
    const far = Math.max(...hops);
    assert.equal(ancestors(dag, node, far).length, ancestors(dag, node).length);
  }));
});

test("siblings share a parent", () => {
  fc.assert(fc.property(dagsWithNode, ([dag, node]) => {
    const own = new Set(parentsOf(dag, node));
    const expected = Array.from({ length: dag.size }, (_, other) => other)
      .filter((other) => other !== node && parentsOf(dag, other).some((each) => own.has(each)));
    assert.deepEqual([...siblings(dag, node)], expected);
  }));
});

test("a shortest path follows edges and is as long as the hops", () => {
  fc.assert(fc.property(dagsWithNode, fc.nat(), ([dag, node], pick) => {
    const other = pick % dag.size;
    const path = shortestPathDown(dag, node, (each) => each === other);
    assert.equal(path === null ? -1 : path.length - 1, naiveHops(dag, node)[other]);
    if (path === null) return;
    assert.deepEqual([path[0], path.at(-1)], [other, node]);
    for (let i = 1; i < path.length; i++) {
      assert(parentsOf(dag, path[i]!).includes(path[i - 1]!), "the path leaves the graph");
    }
  }));
});

test("a path goes only where it may", () => {
  // 0 → 1 → 3, 0 → 2 → 4 → 3
  const dag = dagOf([[], [0], [0], [1, 4], [2]]);
  const path = shortestPathDown(dag, 3, (node) => node === 0, (node) => node !== 1);
  assert.deepEqual([...path!], [0, 2, 4, 3]);
  assert.equal(shortestPathDown(dag, 3, () => false), null);
});

test("rows: parents first, and by time wherever that allows it", () => {
  const times = fc.array(fc.option(fc.nat(20)), { minLength: 40, maxLength: 40 });
  fc.assert(fc.property(dags, times, (dag, list) => {
    const time = (node: number) => list[node] ?? -Infinity;
    const rows = rowOrder(dag, list.slice(0, dag.size));
    const done = new Set<number>();
    for (const row of rows) {
      const ready = Array.from({ length: dag.size }, (_, node) => node)
        .filter((node) => !done.has(node) && parentsOf(dag, node).every((each) => done.has(each)));
      ready.sort((a, b) => time(a) === time(b) ? a - b : time(a) < time(b) ? -1 : 1);
      assert.equal(row, ready[0]);
      done.add(row);
    }
    assert.equal(done.size, dag.size);
  }));
});

test("100,000 generations are no problem", () => {
  const dag = dagOf(chain(100_000));
  assert.equal(ancestors(dag, 99_999).length, 99_999);
  assert.equal(descendants(dag, 0).length, 99_999);
  assert.equal(shortestPathDown(dag, 99_999, (node) => node === 0)?.length, 100_000);
  assert.equal(rowOrder(dag, chain(100_000).map(() => null))[99_999], 99_999);
});
