/** The layered picture. */

import { straighten } from "../../explorer/graph/straighten.ts";
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { type Dag, dagOf } from "../../explorer/graph/dag.ts";
import { crossingsOf } from "../../explorer/graph/crossings.ts";
import { type Layout, layoutOf } from "../../explorer/graph/layout.ts";
import { type Levels, levelsOf } from "../../explorer/graph/levels.ts";
import { arrangementOf } from "../../explorer/graph/order.ts";
import { chain, dags, edgesOf, fan, parentLists } from "./graphs.ts";

function assertSound(dag: Dag, layout: Layout, gap: number): void {
  for (const each of [layout.x, layout.y, layout.bendX, layout.bendY]) {
    assert(each.every(Number.isFinite), "a coordinate is not finite");
  }
  for (const [parent, child] of edgesOf(dag)) {
    assert(layout.rank[parent]! < layout.rank[child]!, "an edge does not point down");
    assert(layout.y[parent]! < layout.y[child]!, "an edge does not point down");
  }
  const byRank = new Map<number, number[]>();
  layout.rank.forEach((rank, node) => byRank.set(rank, [...(byRank.get(rank) ?? []), node]));
  assert.equal(byRank.size, layout.ranks);
  for (const nodes of byRank.values()) {
    nodes.sort((a, b) => layout.x[a]! - layout.x[b]!);
    for (let i = 1; i < nodes.length; i++) {
      const [a, b] = [nodes[i - 1]!, nodes[i]!];
      const free = layout.x[b]! - layout.x[a]! - (layout.nodeWidth[a]! + layout.nodeWidth[b]!) / 2;
      assert(free >= gap - 1e-6, `nodes ${a} and ${b} overlap: ${free}`);
    }
  }
}

/** Every pair of edges between two ranks, compared. */
function naiveCrossings(levels: Levels, position: Int32Array): number {
  const edges: [number, number][] = [];
  for (let node = 0; node < levels.count; node++) {
    for (let i = levels.downStart[node]!; i < levels.downStart[node + 1]!; i++) {
      edges.push([node, levels.down[i]!]);
    }
  }
  let crossings = 0;
  for (const [a, b] of edges) {
    for (const [c, d] of edges) {
      if (levels.rank[a] !== levels.rank[c]) continue;
      if (position[a]! < position[c]! && position[b]! > position[d]!) crossings++;
    }
  }
  return crossings;
}

test("no overlap, every edge points down, all finite, whatever the widths", () => {
  const widths = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 40, maxLength: 40 });
  fc.assert(fc.property(dags, widths, (dag, list) => {
    const width = Float64Array.from(list.slice(0, dag.size));
    assertSound(dag, layoutOf(dag, { width, gap: 30 }), 30);
  }));
});

test("the same graph gives the same picture", () => {
  fc.assert(fc.property(dags, (dag) => {
    assert.deepEqual(layoutOf(dag), layoutOf(dag));
  }));
});

test("bends lie on the ranks between the ends of an edge", () => {
  fc.assert(fc.property(dags, (dag) => {
    const layout = layoutOf(dag);
    for (const [edge, [parent, child]] of edgesOf(dag).entries()) {
      const ys = layout.bendY.slice(layout.bendStart[edge]!, layout.bendStart[edge + 1]!);
      const all = [layout.y[parent]!, ...ys, layout.y[child]!];
      assert.deepEqual(all, all.toSorted((a, b) => a - b));
      assert([0, layout.rank[child]! - layout.rank[parent]! - 1].includes(ys.length));
    }
    assert.equal(layout.bendStart[dag.edges], layout.bendX.length);
  }));
});

test("crossings are counted as by comparing all pairs", () => {
  fc.assert(fc.property(dags, fc.nat(), (dag, seed) => {
    const levels = levelsOf(dag);
    const arrangement = arrangementOf(levels);
    assert.equal(crossingsOf(levels, arrangement), naiveCrossings(levels, arrangement.position));
    // Another order of each rank, so that crossings are not always few.
    const order = arrangement.order.slice();
    const position = new Int32Array(levels.count);
    for (let rank = 0; rank < levels.ranks; rank++) {
      const row = order.subarray(levels.start[rank], levels.start[rank + 1]);
      row.sort((a, b) => Math.imul(a + seed, 0x9e3779b1) - Math.imul(b + seed, 0x9e3779b1));
      row.forEach((node, index) => position[node] = index);
    }
    assert.equal(crossingsOf(levels, { order, position }), naiveCrossings(levels, position));
  }));
});

test("a grid and a tree have no crossing", () => {
  const tree = Array.from({ length: 63 }, (_, node) => node === 0 ? [] : [(node - 1) >> 1]);
  const grid = Array.from({ length: 36 }, (_, node) => {
    const [row, column] = [Math.floor(node / 6), node % 6];
    return [...(row > 0 ? [node - 6] : []), ...(column > 0 ? [node - 1] : [])];
  });
  for (const lists of [tree, grid]) {
    const levels = levelsOf(dagOf(lists));
    assert.equal(crossingsOf(levels, arrangementOf(levels)), 0);
  }
});

test("nodes that stay keep their order when others appear", () => {
  fc.assert(fc.property(parentLists, fc.nat({ max: 20 }), (lists, hidden) => {
    const before = layoutOf(dagOf(lists.slice(0, Math.max(0, lists.length - hidden))));
    const previous = new Float64Array(lists.length).fill(NaN);
    previous.set(before.x);
    const dag = dagOf(lists);
    const after = layoutOf(dag, { previous });
    assertSound(dag, after, 40);
    const reach = after.x.map((x, node) => x - after.nodeWidth[node]! / 2);
    if (dag.size > 0) assert(Math.abs(Math.min(...reach, ...after.bendX) - after.left) < 1e-6);
    for (let a = 0; a < before.x.length; a++) {
      for (let b = 0; b < before.x.length; b++) {
        if (before.rank[a] !== before.rank[b] || after.rank[a] !== after.rank[b]) continue;
        if (before.x[a]! < before.x[b]!) assert(after.x[a]! < after.x[b]!, "nodes swapped");
      }
    }
  }));
});

test("sources stand just above their first child", () => {
  // 0 → 1 → 2 → 3 ← 4
  const layout = layoutOf(dagOf([[], [0], [1], [2, 4], []]));
  assert.deepEqual([...layout.rank], [0, 1, 2, 3, 2]);
});

test("a chain and a fan of 100,000 are laid out", () => {
  const deep = layoutOf(dagOf(chain(100_000)));
  assert.equal(deep.ranks, 100_000);
  assert(deep.x.every((x) => x === deep.x[0]), "the chain is not straight");
  const wide = layoutOf(dagOf(fan(100_000)));
  assert.equal(wide.ranks, 3);
  assert.equal(new Set(wide.x.subarray(1, -1)).size, 99_998);
});

test("no graph gives an empty picture, and one node a small one", () => {
  assert.deepEqual([layoutOf(dagOf([])).width, layoutOf(dagOf([])).height], [0, 0]);
  const { x, y, width, height } = layoutOf(dagOf([[]]));
  assert.deepEqual([x[0], y[0], width, height], [80, 20, 160, 40]);
});

test("edges of any length and number are drawn: bends have a limit", () => {
  // Every node has the first as a parent: 5,000 long edges.
  const lists = chain(5_000).map((list, node) => node > 1 ? [...list, 0] : list);
  const layout = layoutOf(dagOf(lists));
  assert(layout.bendX.length <= 4 * 5_000 + 4_096);
});

test("sizes that are none are refused", () => {
  const dag = dagOf([[]]);
  assert.throws(() => layoutOf(dag, { width: -1 }), RangeError);
  assert.throws(() => layoutOf(dag, { gap: NaN }), RangeError);
  assert.throws(() => layoutOf(dag, { width: new Float64Array(2) }), RangeError);
  assert.throws(() => layoutOf(dag, { previous: new Float64Array(2) }), RangeError);
});

test("a deep graph ends below where it began, each rank in its order", () => {
  const levels = { nodes: 4000, count: 4000, ranks: 1000 };
  const rank = Int32Array.from({ length: 4000 }, (_, i) => i >> 2);
  const x = Float64Array.from(rank, (r, i) => r * 50 + (i & 3) * 200 + (r % 7) * 30);
  const before = x.slice();
  straighten({ ...levels, rank } as unknown as Parameters<typeof straighten>[0], x);
  const spread = Math.max(...x) - Math.min(...x);
  assert.ok(spread < 1000, `${spread}`);
  for (let i = 1; i < x.length; i++) {
    if (rank[i] !== rank[i - 1]) continue;
    assert.ok(Math.abs((x[i]! - x[i - 1]!) - (before[i]! - before[i - 1]!)) < 1e-6);
  }
});
