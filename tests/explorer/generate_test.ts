/** Synthetic passports: what they hold, and that the explorer's facts fit them. */

import assert from "node:assert/strict";
import test from "node:test";
import { type Entry, parsePassport, verifyPassport } from "../../mod.ts";
import { generate, parentsFor, type Shape, SHAPES, textOf } from "../../examples/generate.ts";
import { dagOf } from "../../explorer/graph/dag.ts";
import { factsOf } from "../../explorer/graph/facts.ts";
import { Taints } from "../../explorer/graph/taints.ts";

const shapes = Object.keys(SHAPES) as Shape[];

/** Names, taints and links of all entries by time: what the seed decides. */
function outline(entries: readonly Entry[]): string[] {
  return entries.map((entry) => {
    const { timestamp_ms, node_id, kind, labels, added_taint, parent_entry_ids, origin } = entry;
    const links = parent_entry_ids.length;
    return JSON.stringify([
      timestamp_ms,
      node_id,
      kind,
      labels,
      added_taint,
      links,
      origin?.user_id,
    ]);
  }).sort();
}

for (const shape of shapes) {
  test(`a ${shape} of 200 is read back and verified, and has something of everything`, async () => {
    const { passport, trust } = await generate({ shape, entries: 200, seed: 7 });
    const parsed = parsePassport([...textOf(passport)].join(""));
    const report = await verifyPassport(parsed, { trust });
    assert.equal(report.outcome, "verified");
    const entries = Object.values(parsed.history);
    assert.equal(entries.length, 200);
    const kinds = new Set(entries.map((entry) => entry.kind));
    assert.deepEqual([...kinds].sort(), ["declassify", "denied", "failed", "originate", "step"]);
    assert.equal(report.signers.length, 2);
    assert(report.taints.length > 0);
    assert(entries.some((entry) => entry.removed_taint.includes("pii_data")));
    assert(
      entries.every((entry) => Object.keys(entry.labels).length > 0 || entry.removed_taint[0]),
    );
  });

  test(`taints of a ${shape}, recomputed by the explorer, are those stored`, async () => {
    const { passport } = await generate({ shape, entries: 150, seed: 3 });
    const entries = Object.values(passport.history);
    const facts = factsOf(entries);
    assert.equal(facts.length, entries.length);
    const taints = new Taints(dagOf(facts.map((each) => each.parents)), facts);
    entries.forEach((entry, node) => {
      assert.deepEqual(taints.taintsOf(node), entry.accumulated_taint);
    });
  });
}

test("the seed decides the shape, the names and the taints", async () => {
  const make = async (seed: number) =>
    outline(Object.values(
      (await generate({ shape: "temporal", entries: 60, seed })).passport.history,
    ));
  assert.deepEqual(await make(1), await make(1));
  assert.notDeepEqual(await make(1), await make(2));
});

test("shapes have as many nodes as asked, parents first", () => {
  for (const shape of shapes) {
    for (const size of [3, 10, 500]) {
      const lists = parentsFor(shape, size, 1);
      assert.equal(lists.length, size);
      lists.forEach((list, node) => assert(list.every((parent) => parent < node)));
    }
  }
});

test("the smallest passports can be made, others are refused", async () => {
  for (const shape of shapes) {
    const entries = shape === "fan" ? 3 : 1;
    const { passport } = await generate({ shape, entries, seed: 1 });
    assert.equal(Object.keys(passport.history).length, entries);
    await assert.rejects(generate({ shape, entries: entries - 1, seed: 1 }), RangeError);
  }
  const options = { shape: "chain", entries: 5, seed: 1 } as const;
  await assert.rejects(generate({ ...options, shape: "star" as Shape }), RangeError);
  await assert.rejects(generate({ ...options, seed: 0.5 }), RangeError);
  await assert.rejects(generate({ ...options, entries: 1e9 }), RangeError);
});
