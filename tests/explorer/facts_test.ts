/** What the explorer knows of an entry. */

import assert from "node:assert/strict";
import test from "node:test";
import { createKest, type Entry, generateKey, type Passport } from "../../mod.ts";
import { dagOf } from "../../explorer/graph/dag.ts";
import { factsOf, factsOfPython } from "../../explorer/graph/facts.ts";
import { Taints } from "../../explorer/graph/taints.ts";
import type { PythonPassport } from "../../lib/verify/python_types.ts";

const entriesOf = (passport: Passport): Entry[] => Object.values(passport.history);

test("facts are those of the entries, and taints follow from them", async () => {
  const kest = createKest({ signer: await generateKey() });
  const clean = kest.verified({ nodeId: "clean", addedTaint: ["cleaned"] }, (x: number) => x);
  const join = kest.verified({ nodeId: "join" }, (a: number, b: number) => a + b);
  const raw = kest.originate(7, { taint: ["pii"], userId: "alice", labels: { team: "a" } });
  const { passport } = await join(await clean(raw), kest.originate(1, { taint: ["web"] }));
  const facts = factsOf(entriesOf(passport));
  const dag = dagOf(facts.map((each) => each.parents));
  const taints = new Taints(dag, facts);
  assert.equal(dag.size, 4);
  entriesOf(passport).forEach((entry, node) => {
    const each = facts[node]!;
    assert.deepEqual(each.parents.map((parent) => facts[parent]!.hash), entry.parent_hashes);
    assert.deepEqual(taints.taintsOf(node), entry.accumulated_taint);
    assert.equal(each.id, entry.entry_id);
    assert.equal(each.nodeId, entry.node_id);
    assert.equal(each.keyId, entry.public_key_id);
  });
  const first = facts.find((each) => each.origin?.userId === "alice")!;
  assert.deepEqual([first.labels, first.kind], [{ team: "a" }, "originate"]);
});

test("parents that are missing have a place, each once", async () => {
  const kest = createKest();
  const step = kest.verified({ nodeId: "step" }, (x: number) => x);
  const raw = kest.originate(7);
  const [a, b] = [await step(raw), await step(raw)];
  const missing = raw.passport.heads[0]!;
  const facts = factsOf([a.passport.heads[0]!, b.passport.heads[0]!]);
  assert.deepEqual(facts.map((each) => each.kind), ["step", "step", "missing"]);
  assert.deepEqual(facts.map((each) => each.parents), [[2], [2], []]);
  assert.equal(facts[2]!.id, missing.entry_id);
  assert.equal(facts[2]!.hash, missing.entry_hash);
});

test("a parent whose id leads nowhere is found by its hash", async () => {
  const kest = createKest();
  const step = kest.verified({ nodeId: "step" }, (x: number) => x);
  const { passport } = await step(kest.originate(7));
  const [first, second] = entriesOf(passport);
  const renamed = { ...first!, entry_id: "00000000-0000-4000-8000-000000000000" };
  assert.deepEqual(factsOf([renamed, second!]).map((each) => each.parents), [[], [0]]);
});

test("passports of the Python package have facts too", () => {
  const entry = {
    entryId: "",
    timestampText: "1",
    timestampMs: 1,
    inputStateHash: "",
    contentHash: "genesis",
    environment: {},
    labels: { a: "b" },
    addedTaint: ["pii"],
    accumulatedTaint: ["pii"],
    trustScore: null,
  };
  const passport: PythonPassport = {
    kestVersion: "0.1",
    signedAs: ["0.1"],
    origin: { userId: "alice", sessionId: "s", curatedRefs: [], inlineRules: null },
    entries: [
      { ...entry, key: "1", nodeId: "a", parentEntryIds: [] },
      { ...entry, key: "2", nodeId: "b", parentEntryIds: ["1", "gone"] },
    ],
    signature: "",
    publicKeyId: "key",
  } as unknown as PythonPassport;
  const facts = factsOfPython(passport);
  assert.deepEqual(facts.map((each) => each.kind), ["originate", "step", "missing"]);
  assert.deepEqual(facts[1]!.parents, [0, 2]);
  assert.deepEqual([facts[0]!.origin?.userId, facts[1]!.origin], ["alice", null]);
});
