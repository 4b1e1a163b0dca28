/** What lies in a rectangle, and the overview of everything. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { boxesIn, boxesOf, type Rect } from "../../explorer/graph/box_index.ts";
import { type Dag, dagOf } from "../../explorer/graph/dag.ts";
import { Grid } from "../../explorer/graph/grid.ts";
import { type Layout, layoutOf } from "../../explorer/graph/layout.ts";
import { splat } from "../../explorer/graph/splat.ts";
import { chain, dags, fan } from "./graphs.ts";

const rects: fc.Arbitrary<Rect> = fc
  .tuple(fc.integer(), fc.integer(), fc.nat(900), fc.nat(900))
  .map(([x, y, width, height]) => {
    const [left, top] = [x % 2000, y % 3000];
    return { left, top, right: left + width, bottom: top + height };
  });

const overlaps = (a: Rect, b: Rect) =>
  a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;

test("boxes of any size are found as by looking at all", () => {
  const lists = fc.array(rects, { maxLength: 60, size: "max" });
  fc.assert(fc.property(lists, rects, (all, rect) => {
    const boxes = boxesOf(all.length, (item, box) => Object.assign(box, all[item]));
    const expected = [...all.keys()].filter((item) => overlaps(all[item]!, rect));
    assert.deepEqual([...boxesIn(boxes, rect)], expected);
  }));
});

/** The points of an edge, tried at small steps. */
function runsThrough(dag: Dag, layout: Layout, edge: number, rect: Rect): boolean {
  const points: [number, number][] = [
    [layout.x[dag.parents[edge]!]!, layout.y[dag.parents[edge]!]!],
  ];
  for (let i = layout.bendStart[edge]!; i < layout.bendStart[edge + 1]!; i++) {
    points.push([layout.bendX[i]!, layout.bendY[i]!]);
  }
  points.push([layout.x[dag.edgeChild[edge]!]!, layout.y[dag.edgeChild[edge]!]!]);
  return points.slice(1).some(([x1, y1], i) => {
    const [x0, y0] = points[i]!;
    return Array.from({ length: 501 }, (_, step) => step / 500).some((t) => {
      const [x, y] = [x0 + t * (x1 - x0), y0 + t * (y1 - y0)];
      return x >= rect.left && x <= rect.right && y >= rect.top && y <= rect.bottom;
    });
  });
}

test("nodes and edges in a rectangle are those that meet it", () => {
  fc.assert(
    fc.property(dags, rects, (dag, rect) => {
      const layout = layoutOf(dag);
      const grid = new Grid(dag, layout);
      const boxOf = (node: number): Rect => ({
        left: layout.x[node]! - layout.nodeWidth[node]! / 2,
        right: layout.x[node]! + layout.nodeWidth[node]! / 2,
        top: layout.y[node]! - layout.nodeHeight / 2,
        bottom: layout.y[node]! + layout.nodeHeight / 2,
      });
      const nodes = [...Array(dag.size).keys()].filter((node) => overlaps(boxOf(node), rect));
      assert.deepEqual([...grid.nodesIn(rect)], nodes);
      const edges = new Set(grid.edgesIn(rect));
      for (let edge = 0; edge < dag.edges; edge++) {
        if (runsThrough(dag, layout, edge, rect)) assert(edges.has(edge), "an edge was missed");
      }
      // Nothing is found that keeps clear of a rectangle a little larger.
      const wide = { ...rect, left: rect.left - 9, right: rect.right + 9 };
      const larger = { ...wide, top: rect.top - 9, bottom: rect.bottom + 9 };
      for (const edge of edges) assert(runsThrough(dag, layout, edge, larger), "too many edges");
    }),
    { numRuns: 30 },
  );
});

test("the node at a point is the one whose box holds it", () => {
  fc.assert(fc.property(dags, (dag) => {
    const layout = layoutOf(dag);
    const grid = new Grid(dag, layout);
    for (let node = 0; node < dag.size; node++) {
      assert.equal(grid.nodeAt(layout.x[node]! + 79, layout.y[node]! - 19), node);
    }
    assert.equal(grid.nodeAt(-1, -1), -1);
  }));
});

test("a fan and a chain of 100,000 need little memory and answer", () => {
  for (const lists of [fan(100_000), chain(100_000)]) {
    const dag = dagOf(lists);
    const layout = layoutOf(dag);
    const grid = new Grid(dag, layout);
    const [x, y] = [layout.x[500]!, layout.y[500]!];
    const rect = { left: x - 500, right: x + 500, top: y - 300, bottom: y + 300 };
    assert(grid.nodesIn(rect).includes(500));
    assert(grid.nodesIn(rect).length < 30);
    assert(grid.edgesIn(rect).length > 0);
  }
});

const EDGE = 0xff000001;
const NODE = 0xff000002;

test("the overview shows every node, and an edge between any two", () => {
  fc.assert(fc.property(dags, (dag) => {
    const [width, height] = [300, 200];
    const layout = layoutOf(dag);
    const pixels = splat(dag, layout, { width, height, edge: EDGE, node: NODE });
    assert.equal(pixels.length, width * height);
    const at = (x: number, y: number) =>
      pixels[
        Math.round(y * (height - 1) / layout.height) * width +
        Math.round(x * (width - 1) / layout.width)
      ];
    for (let node = 0; node < dag.size; node++) {
      assert.equal(at(layout.x[node]!, layout.y[node]!), NODE);
    }
    assert(pixels.every((pixel) => [0, EDGE, NODE].includes(pixel)));
    if (dag.size === 0) assert(pixels.every((pixel) => pixel === 0));
  }));
});

test("an edge is a line from its parent to its child", () => {
  const dag = dagOf([[], [0]]);
  const options = { width: 100, height: 201, edge: EDGE, node: Uint32Array.of(NODE, NODE) };
  const pixels = splat(dag, layoutOf(dag), options);
  const column = Array.from({ length: 201 }, (_, y) => pixels[y * 100 + 50]);
  assert.deepEqual(new Set(column.slice(60, 141)), new Set([EDGE]));
  assert.deepEqual([column[29], column[171]], [NODE, NODE]);
});

test("sides that are none are refused", () => {
  const dag = dagOf([[]]);
  for (const width of [0, 1.5, 8193, NaN]) {
    const options = { width, height: 10, edge: EDGE, node: NODE };
    assert.throws(() => splat(dag, layoutOf(dag), options), RangeError);
  }
});

test("a part of the overview shows what lies in it, and lines that only pass", () => {
  const dag = dagOf([[], [0]]);
  const layout = layoutOf(dag);
  const part = { left: layout.x[0]! - 50, right: layout.x[0]! + 50, top: 45, bottom: 95 };
  const pixels = splat(dag, layout, { width: 101, height: 51, part, edge: EDGE, node: NODE });
  const middle = Array.from({ length: 51 }, (_, y) => pixels[y * 101 + 50]);
  assert.deepEqual(new Set(middle), new Set([EDGE]), "both ends lie outside");
  assert.equal(pixels.filter((pixel) => pixel !== 0).length, 51);
  const beside = { ...part, left: part.right + 200, right: part.right + 300 };
  const none = splat(dag, layout, { width: 101, height: 51, part: beside, edge: EDGE, node: NODE });
  assert(none.every((pixel) => pixel === 0));
});

test("what has the colour 0 is left out, and nodes may be larger", () => {
  const dag = dagOf([[], [0], [0]]);
  const layout = layoutOf(dag, { width: 0, height: 0 });
  const options = { width: 101, height: 101, grow: 1, edge: Uint32Array.of(0, EDGE) };
  const pixels = splat(dag, layout, { ...options, node: Uint32Array.of(0, 0, NODE) });
  assert.equal(pixels.filter((pixel) => pixel === NODE).length, 4, "cut at the corner");
  assert.equal(pixels[50 * 101 + 75], EDGE);
  assert.equal(pixels[50 * 101 + 25], 0);
});
