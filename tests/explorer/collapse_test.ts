/** Chains and fans drawn as one. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { collapse, type Collapsed, MIN_GROUP } from "../../explorer/graph/collapse.ts";
import { childrenOf, type Dag, dagOf, parentsOf } from "../../explorer/graph/dag.ts";
import { bareFacts, chain, dags, edgesOf, fan } from "./graphs.ts";

const factsFor = (dag: Dag) =>
  Array.from({ length: dag.size }, (_, node) => ({
    ...bareFacts(node, [...parentsOf(dag, node)]),
    nodeId: "step",
    kind: "step" as const,
  }));

const kinds = ({ clusters }: Collapsed) => clusters.map((each) => each.kind);

test("every entry is in one cluster, and edges between clusters are those between members", () => {
  fc.assert(fc.property(dags, fc.array(fc.nat(39)), (dag, seen) => {
    const notable = new Set(seen);
    const { dag: small, clusters, clusterOf } = collapse(dag, factsFor(dag), {
      notable: (node) => notable.has(node),
    });
    assert.equal(clusters.length, small.size);
    const members = clusters.flatMap((each) => each.members);
    assert.deepEqual(members.toSorted((a, b) => a - b), [...Array(dag.size).keys()]);
    clusters.forEach((each, index) => {
      for (const node of each.members) assert.equal(clusterOf[node], index);
      if (each.kind === "entry") assert.equal(each.members.length, 1);
      else {
        assert(each.members.length >= MIN_GROUP);
        assert(!each.members.some((node) => notable.has(node)), "a notable entry is hidden");
      }
    });
    const expected = new Set(
      edgesOf(dag).map(([a, b]) => `${clusterOf[a]} ${clusterOf[b]}`)
        .filter((pair) => new Set(pair.split(" ")).size === 2),
    );
    assert.deepEqual(edgesOf(small).map((pair) => pair.join(" ")).sort(), [...expected].sort());
    assert.equal(small.closing.length, 0, "collapsing made a cycle");
  }));
});

test("a chain is a run of entries with one parent and one child each, from the top down", () => {
  fc.assert(fc.property(dags, (dag) => {
    for (const { kind, members } of collapse(dag, factsFor(dag)).clusters) {
      if (kind !== "chain") continue;
      members.forEach((node, i) => {
        assert.equal(parentsOf(dag, node).length, 1);
        assert.equal(childrenOf(dag, node).length, 1);
        if (i > 0) assert.equal(parentsOf(dag, node)[0], members[i - 1]);
      });
    }
  }));
});

test("no run and no fan that is long enough is left open", () => {
  const long = collapse(dagOf(chain(10)), factsFor(dagOf(chain(10))));
  assert.deepEqual(kinds(long), ["entry", "chain", "entry"]);
  const wide = collapse(dagOf(fan(10)), factsFor(dagOf(fan(10))));
  assert.deepEqual(kinds(wide), ["entry", "fan", "entry"]);
});

test("chains that do the same between the same neighbours are a fan", () => {
  // 0 → (1 → 2 → 3), (4 → 5 → 6), (7 → 8 → 9) → 10
  const dag = dagOf([[], [0], [1], [2], [0], [4], [5], [0], [7], [8], [3, 6, 9]]);
  const facts = factsFor(dag);
  const all = collapse(dag, facts);
  assert.deepEqual(all.clusters[1], {
    kind: "fan",
    key: "fan:entry-1",
    members: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  });
  const opened = collapse(dag, facts, { expanded: new Set(["fan:entry-1"]) });
  assert.deepEqual(kinds(opened), ["entry", "chain", "chain", "chain", "entry"]);
  const both = collapse(dag, facts, { expanded: new Set(["fan:entry-1", "chain:entry-4"]) });
  assert.deepEqual(kinds(both), ["entry", "chain", "entry", "entry", "entry", "chain", "entry"]);
  // One does something else.
  const other = facts.map((each, node) => node === 5 ? { ...each, nodeId: "other" } : each);
  assert.deepEqual(kinds(collapse(dag, other)), ["entry", "chain", "chain", "chain", "entry"]);
});

test("what is missing is never hidden", () => {
  const dag = dagOf(fan(6));
  const facts = factsFor(dag).map((each) => ({ ...each, kind: "missing" as const }));
  assert.equal(collapse(dag, facts).dag.size, 6);
});

test("100,000 in a chain or a fan become three", () => {
  for (const lists of [chain(100_000), fan(100_000)]) {
    const dag = dagOf(lists);
    assert.equal(collapse(dag, factsFor(dag)).dag.size, 3);
  }
});
