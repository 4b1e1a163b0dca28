/** Lanes beside the rows. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { childrenOf, type Dag, dagOf, parentsOf } from "../../explorer/graph/dag.ts";
import { DRAWN_LANES, type Lanes, lanesOf, strokesBetween } from "../../explorer/graph/lanes.ts";
import { chain, dags, fan } from "./graphs.ts";

/** Entries above a row whose line goes on below it, in this row's direction. */
function linesBelow(dag: Dag, lanes: Lanes, row: number): number[] {
  const after = lanes.newestFirst ? parentsOf : childrenOf;
  return [...lanes.rows.subarray(0, row + 1)]
    .filter((node) => after(dag, node).some((each) => lanes.rowOf[each]! > row));
}

function assertConsistent(dag: Dag, lanes: Lanes): void {
  const before = lanes.newestFirst ? childrenOf : parentsOf;
  const after = lanes.newestFirst ? parentsOf : childrenOf;
  const strokes = strokesBetween(dag, lanes, 0, dag.size);
  for (let row = 0; row < dag.size; row++) {
    const node = lanes.rows[row]!;
    assert.equal(lanes.rowOf[node], row);
    const lines = linesBelow(dag, lanes, row);
    const drawn = lines.filter((each) => lanes.lane[each]! < DRAWN_LANES);
    const taken = drawn.map((each) => lanes.lane[each]!);
    assert.equal(new Set(taken).size, taken.length, "two lines share a drawn lane");
    assert.equal(lanes.below[row], taken.reduce((mask, lane) => mask | 1 << lane, 0));
    assert.equal(lanes.folded[row], lines.length - drawn.length);
    const of = (kind: string) => strokes[row]!.filter((stroke) => stroke.kind === kind);
    assert.deepEqual(of("in").map((each) => each.node), [...before(dag, node)]);
    for (const each of of("in")) assert.equal(each.lane, lanes.lane[each.node]);
    assert.equal(of("out").length, after(dag, node).length > 0 ? 1 : 0);
    assert.deepEqual(
      of("through").map((each) => each.node).sort(),
      drawn.filter((each) => each !== node).sort(),
    );
    for (const each of of("through")) assert.equal(each.lane, lanes.lane[each.node]);
    const passing = lines.filter((each) => each !== node && lanes.lane[each] === DRAWN_LANES);
    assert.deepEqual(
      of("folded"),
      passing.length === 0 ? [] : [{ kind: "folded", lane: DRAWN_LANES, node: passing.length }],
    );
  }
}

test("no two lines share a lane, and each row's strokes say which lines pass", () => {
  fc.assert(fc.property(dags, fc.boolean(), (dag, newestFirst) => {
    assertConsistent(dag, lanesOf(dag, dag.order, newestFirst));
  }));
});

test("what is over the drawn lanes is folded", () => {
  for (const newestFirst of [false, true]) {
    const dag = dagOf(fan(60));
    const lanes = lanesOf(dag, dag.order, newestFirst);
    assertConsistent(dag, lanes);
    assert(lanes.lane.includes(DRAWN_LANES));
    assert.equal(lanes.widest, 58);
  }
});

test("a window of rows is drawn as when all are drawn", () => {
  // 30 lines start at the top and never end, others come and go.
  const lists = Array.from({ length: 1200 }, (_, node) => {
    if (node < 30) return [];
    return node === 1199
      ? Array.from({ length: 30 }, (_, i) => i)
      : node % 7 === 0
      ? []
      : [node - 1];
  });
  const dag = dagOf(lists);
  const lanes = lanesOf(dag);
  const all = strokesBetween(dag, lanes, 0, dag.size);
  for (const [from, to] of [[0, 1], [255, 258], [700, 760], [1190, 2000], [-5, 3]] as const) {
    assert.deepEqual(strokesBetween(dag, lanes, from, to), all.slice(Math.max(0, from), to));
  }
  assert.deepEqual(strokesBetween(dag, lanes, 5, 5), []);
});

test("a chain keeps to the first lane, however long", () => {
  const lanes = lanesOf(dagOf(chain(100_000)));
  assert(lanes.lane.every((lane) => lane === 0));
  assert.equal(lanes.widest, 1);
});

test("rows that are not all nodes are refused", () => {
  assert.throws(() => lanesOf(dagOf([[], []]), Int32Array.of(0)), RangeError);
});
