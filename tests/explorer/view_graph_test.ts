/** What of the graph can be tested without a browser: pictures, views, looks, words, keys. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { type Dag, dagOf, parentsOf } from "../../explorer/graph/dag.ts";
import type { EntryFacts } from "../../explorer/graph/facts.ts";
import { layoutOf } from "../../explorer/graph/layout.ts";
import { neighbourhood } from "../../explorer/graph/reach.ts";
import { Taints } from "../../explorer/graph/taints.ts";
import { litIn, reachOf, sceneOf, type Shown } from "../../explorer/view/canvas_scene.ts";
import * as views from "../../explorer/view/canvas_view.ts";
import { step } from "../../explorer/view/graph_walk.ts";
import { summaryOf } from "../../explorer/view/graph_words.ts";
import { columnsOf } from "../../explorer/work/columns.ts";
import { EDGE, NODE } from "../../explorer/work/look.ts";
import { MARK } from "../../explorer/work/marks.ts";
import { type LayoutRequest, pictureOf } from "../../explorer/work/picture.ts";
import { pictureSvg } from "../../explorer/work/picture_svg.ts";
import { above, bareFacts, chain, closure, dagsWithNode, edgesOf, fan } from "./graphs.ts";

function factsIn(dag: Dag, change: (node: number) => Partial<EntryFacts> = () => ({})) {
  return Array.from({ length: dag.size }, (_, node): EntryFacts => ({
    ...bareFacts(node, [...parentsOf(dag, node)]),
    ...change(node),
  }));
}

function ask(dag: Dag, changes: Partial<LayoutRequest> = {}): LayoutRequest {
  return { nodes: null, open: null, notable: new Uint8Array(dag.size), stable: false, ...changes };
}

const NOTHING: Omit<Shown, "lit"> = {
  marks: null,
  hits: null,
  flow: null,
  path: null,
  broken: new Int32Array(0),
};

function sceneIn(
  dag: Dag,
  { selected = -1, ...shown }: Partial<Omit<Shown, "lit">> & { readonly selected?: number },
  facts = factsIn(dag),
  request = ask(dag),
) {
  const picture = pictureOf(dag, facts, request, undefined);
  const lit = litIn(picture, reachOf(dag, selected));
  return sceneOf(columnsOf(facts), { ...NOTHING, ...shown, lit }, false);
}

test("what an entry reaches is kept while it is about the same graph and entry", () => {
  const dag = dagOf(chain(5));
  const reach = reachOf(dag, 2);
  assert.deepEqual([...reach.bits], [1, 1, 3, 2, 2]);
  assert.equal(reachOf(dag, 2, reach), reach);
  assert.deepEqual([...reachOf(dag, 4, reach).bits], [1, 1, 1, 1, 3]);
  assert.deepEqual([...reachOf(dagOf(chain(3)), 2, reach).bits], [1, 1, 3]);
  assert.deepEqual([...reachOf(dag, -1, reach).bits], [0, 0, 0, 0, 0]);
  const picture = pictureOf(dag, factsIn(dag), ask(dag), undefined);
  const lit = litIn(picture, reach);
  assert.equal(litIn(picture, reach, lit), lit);
  const other = litIn(picture, reachOf(dag, -1), lit);
  assert.deepEqual([...other.nodes, ...other.edges], new Array(9).fill(0));
  const part = pictureOf(dag, factsIn(dag), ask(dag, { nodes: Int32Array.of(1, 2) }), undefined);
  assert.equal(litIn(part, reach, lit).nodes.length, 2);
});

test("a picture says what each of its nodes and edges stands for", () => {
  fc.assert(fc.property(dagsWithNode, fc.boolean(), ([dag, node], isGrouped) => {
    const nodes = neighbourhood(dag, node, 3, 3);
    const request = ask(dag, { nodes, open: isGrouped ? [] : null });
    const picture = pictureOf(dag, factsIn(dag), request, undefined);
    const drawn = new Set(nodes);
    for (let entry = 0; entry < dag.size; entry++) {
      assert.equal(picture.nodeOf[entry]! >= 0, drawn.has(entry));
    }
    picture.count.forEach((count, own) => {
      assert.equal(count, picture.nodeOf.filter((each) => each === own).length);
      assert.equal(picture.nodeOf[picture.first[own]!], own);
    });
    const seen = new Set<number>();
    edgesOf(dag).forEach(([parent, child], edge) => {
      const [from, to] = [picture.nodeOf[parent]!, picture.nodeOf[child]!];
      const own = picture.edgeOf[edge]!;
      if (own < 0) return assert(from < 0 || to < 0 || from === to);
      seen.add(own);
      assert.deepEqual([picture.dag.parents[own], picture.dag.edgeChild[own]], [from, to]);
    });
    assert.equal(seen.size, picture.dag.edges, "no edge is made up");
  }));
});

test("chains and fans are one node until they are opened, or hold what must be seen", () => {
  const dag = dagOf(chain(20));
  const facts = factsIn(dag);
  const closed = pictureOf(dag, facts, ask(dag, { open: [] }), undefined);
  assert.deepEqual([...closed.count].sort(), [1, 1, 18]);
  const key = closed.keys.find((each) => each !== "")!;
  assert.equal(pictureOf(dag, facts, ask(dag, { open: [key] }), undefined).dag.size, 20);
  const notable = Uint8Array.from({ length: 20 }, (_, node) => node === 9 ? 1 : 0);
  const seen = pictureOf(dag, facts, ask(dag, { open: [], notable }), undefined);
  assert.equal(seen.count[seen.nodeOf[9]!], 1);
  const wide = dagOf(fan(62));
  const like = factsIn(wide, () => ({ nodeId: "page" }));
  assert.equal(pictureOf(wide, like, ask(wide, { open: [] }), undefined).dag.size, 3);
});

test("nodes that stay keep their order from left to right when hops are added", () => {
  fc.assert(fc.property(dagsWithNode, ([dag, node]) => {
    const facts = factsIn(dag);
    const before = pictureOf(
      dag,
      facts,
      ask(dag, { nodes: neighbourhood(dag, node, 1, 1) }),
      undefined,
    );
    const nodes = neighbourhood(dag, node, 2, 2);
    const after = pictureOf(dag, facts, ask(dag, { nodes, stable: true }), before);
    const place = ({ layout, nodeOf }: typeof after, entry: number) => layout.x[nodeOf[entry]!]!;
    for (const a of before.first) {
      for (const b of before.first) {
        const isBeside = [before, after].every(({ layout, nodeOf }) =>
          layout.rank[nodeOf[a]!] === layout.rank[nodeOf[b]!]
        );
        if (isBeside && place(before, a) < place(before, b)) {
          assert(place(after, a) < place(after, b));
        }
      }
    }
  }));
});

const frames = fc
  .tuple(fc.integer({ min: 10, max: 2_000_000 }), fc.integer({ min: 10, max: 2_000_000 }))
  .map(([width, height]) =>
    views.frameOf({ ...layoutOf(dagOf([])), left: -50, width, height }, 800, 600)
  );

test("what is under the pointer stays there when the view is scaled", () => {
  const factors = fc.double({ min: 0.2, max: 5, noNaN: true });
  fc.assert(fc.property(frames, factors, factors, (frame, first, second) => {
    const view = views.zoomed(frame, views.fitted(frame), first, 400, 300);
    const [px, py] = [420, 310];
    const [x, y] = views.projectionOf(frame, view).inverse(px, py);
    const { extent } = frame;
    fc.pre(x > extent.left && x < extent.right && y > extent.top && y < extent.bottom);
    const after = views.zoomed(frame, view, second, px, py);
    const to = views.projectionOf(frame, after);
    // Unless the picture would be lost.
    const isFree = after.x > extent.left && after.x < extent.right && after.y > extent.top &&
      after.y < extent.bottom;
    if (isFree) assert(Math.abs(to.x(x) - px) < 0.01 && Math.abs(to.y(y) - py) < 0.01);
  }));
});

test("all of a picture fits, and nothing is stretched near by", () => {
  fc.assert(fc.property(frames, fc.double({ min: 0.001, max: 1, noNaN: true }), (frame, part) => {
    const to = views.projectionOf(frame, views.fitted(frame, Infinity));
    const { extent } = frame;
    assert(to.x(extent.left) > 0 && to.x(extent.right) < 800);
    assert(to.y(extent.top) > 0 && to.y(extent.bottom) < 600);
    const near = Math.max(0.2, frame.fit);
    assert.deepEqual(views.scalesOf(frame, near), [near, near]);
    const k = frame.fit + part * Math.max(0, 0.2 - frame.fit);
    const [nearX, nearY] = views.scalesOf(frame, k * 1.01);
    const [farX, farY] = views.scalesOf(frame, k);
    const least = 1 - 1e-9;
    assert(nearX >= farX * least && nearY >= farY * least, "nothing shrinks when it comes closer");
  }));
});

test("a view is settled without room to spare beside what it could show", () => {
  const frame = views.frameOf(
    { ...layoutOf(dagOf([])), left: 0, width: 4000, height: 200 },
    800,
    600,
  );
  const view = views.settled(frame, { x: 3990, y: 0, k: 1 });
  assert.equal(view.y, 100, "all of the height is seen");
  assert.equal(Math.round(views.seen(frame, view).right), 4028, "the margin is kept");
});

test("above and below the selected entry is lit, and the edges on the way", () => {
  fc.assert(fc.property(dagsWithNode, ([dag, selected]) => {
    const { nodes, edges } = sceneIn(dag, { selected });
    const up = above(dag, selected);
    const down = closure(
      selected,
      (node) => edgesOf(dag).filter(([parent]) => parent === node).map(([, child]) => child),
    );
    for (let node = 0; node < dag.size; node++) {
      assert.equal((nodes[node]! & NODE.lit) !== 0, up.has(node) || down.has(node));
    }
    edgesOf(dag).forEach(([parent, child], edge) => {
      const isOn = (side: Set<number>) => side.has(parent) && side.has(child);
      assert.equal((edges[edge]! & EDGE.lit) !== 0, isOn(up) || isOn(down));
    });
  }));
});

test("a taint is marked where it is added, where it flows, and where it is removed", () => {
  const dag = dagOf([[], [0], [1], [2], [1]]);
  const facts = factsIn(dag, (node) => ({
    addedTaint: node === 0 ? ["pii"] : [],
    removedTaint: node === 2 ? ["pii"] : [],
  }));
  const taints = new Taints(dag, facts);
  const shown = { flow: taints.flow("pii"), path: taints.why(4, "pii") };
  const { nodes, edges } = sceneIn(dag, shown, facts);
  const { adds, carries, removes, path } = NODE;
  assert.deepEqual([...nodes], [adds + carries + path, carries + path, removes, 0, carries + path]);
  assert.deepEqual(
    [...edges],
    [EDGE.carries + EDGE.path, EDGE.carries, 0, EDGE.carries + EDGE.path],
  );
});

test("a group shows the gravest mark of its entries, and every hit", () => {
  const dag = dagOf(chain(9));
  const marks = Uint8Array.of(0, 0, MARK.unknown, 0, MARK.affected, MARK.unknown, 0, 0, 0);
  const hits = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 0, 0);
  const { nodes, picture } = sceneIn(dag, { marks, hits }, factsIn(dag), ask(dag, { open: [] }));
  assert.equal(nodes[picture.nodeOf[4]!], MARK.affected + NODE.hit);
  assert.equal(nodes[picture.nodeOf[0]!], 0);
});

test("edges to another version of a parent are broken", () => {
  const { edges } = sceneIn(dagOf([[], [0], [0, 1]]), { broken: Int32Array.of(2) });
  assert.deepEqual([...edges], [0, 0, EDGE.broken]);
});

test("arrows lead to the nearest parent, child and sibling, also beyond the picture", () => {
  const dag = dagOf([[], [0], [0], [0], [2], [4]]);
  const facts = factsIn(dag);
  const whole = pictureOf(dag, facts, ask(dag), undefined);
  assert.equal(step(dag, whole, 4, "ArrowUp"), 2);
  assert.equal(step(dag, whole, 4, "ArrowDown"), 5);
  const [left, middle, right] = [1, 2, 3].sort((a, b) => whole.layout.x[a]! - whole.layout.x[b]!);
  assert.equal(step(dag, whole, middle!, "ArrowLeft"), left);
  assert.equal(step(dag, whole, middle!, "ArrowRight"), right);
  assert.equal(step(dag, whole, left!, "ArrowLeft"), left, "there is none");
  const near = pictureOf(dag, facts, ask(dag, { nodes: Int32Array.of(2, 4) }), undefined);
  assert.equal(step(dag, near, 4, "ArrowDown"), 5);
  assert.equal(step(dag, near, 2, "ArrowUp"), 0);
});

test("the summary says what is shown, and what is selected", () => {
  const dag = dagOf(chain(6));
  const facts = factsIn(dag);
  const nodes = neighbourhood(dag, 3, 1, 1);
  const marks = Uint8Array.of(0, 0, 0, MARK.changed, 0, 0);
  const scene = sceneIn(dag, { selected: 3, marks }, facts, ask(dag, { nodes }));
  assert.equal(
    summaryOf(scene, { hops: { up: 1, down: 1 }, focus: 3, selected: 3 }),
    "3 of 6 entries, up to 1 hop around node-0. Selected: node-0, step, 1 parent, 1 child, changed.",
  );
  const grouped = sceneIn(dag, {}, facts, ask(dag, { open: [] }));
  assert.equal(
    summaryOf(grouped, { hops: null, focus: -1, selected: -1 }),
    "All 6 entries. 1 group.",
  );
});

test("the SVG file has every node and edge, and marks them in words", async () => {
  const dag = dagOf([[], [0], [1]]);
  const facts = factsIn(dag, (node) => ({ nodeId: ["<b>", "clean", "send"][node]! }));
  const { picture, nodes, edges } = sceneIn(
    dag,
    { marks: Uint8Array.of(0, MARK.changed, MARK.affected), broken: Int32Array.of(1) },
    facts,
  );
  const request = { title: "A & B", description: "x", dark: false, trust: true, nodes, edges };
  const svg = await pictureSvg(picture, facts, request).text();
  assert.equal(svg.match(/<path /g)?.length, 2);
  assert.equal(svg.match(/<rect /g)?.length, 1 + 3);
  assert(svg.includes("&lt;b&gt;") && !svg.includes("<b>"));
  assert(svg.includes("✗ changed") && svg.includes("↓ affected") && svg.includes("trust 1"));
  assert(svg.includes("A &amp; B"));
});
