/** What differs between two passports. */

import assert from "node:assert/strict";
import test from "node:test";
import { createKest, generateKey, mergePassports, type Passport } from "../../mod.ts";
import { diffOf, type DiffSide } from "../../explorer/graph/diff.ts";

const sideOf = (passport: Passport): DiffSide => ({
  entries: Object.values(passport.history),
  seals: passport.seals,
});

/** A passport of one entry, and the same with another origin, a checked step and a second key. */
async function beforeAndAfter() {
  const [first, second] = [await generateKey(), await generateKey()];
  const alice = createKest({ signer: first });
  const bob = createKest({
    signer: second,
    policyEngine: { kind: "yes", evaluate: () => ({ value: true, policyDigest: "yes:1" }) },
  });
  const raw = alice.originate(7, { taint: ["pii"], userId: "alice" });
  const web = bob.originate(1, { taint: ["web"], policyRefs: ["data.team.allow"] });
  const join = bob.verified(
    { nodeId: "join", addedTaint: ["joined"], enforceRules: ["data.a.b"] },
    (a: number, b: number) => a + b,
  );
  const before = await raw.passport.seal();
  const joined = await join(raw, web);
  const after = await mergePassports(joined.passport, before).seal();
  return { before, after, first, second };
}

test("what was added is named, kind by kind", async () => {
  const { before, after, first, second } = await beforeAndAfter();
  const diff = diffOf(sideOf(before), sideOf(after));
  assert.equal(diff.entries.added.length, 2);
  assert.deepEqual(diff.entries.removed, []);
  assert.deepEqual(diff.entries.common, [before.heads[0]!.entry_hash]);
  assert.deepEqual([...diff.taints.added].sort(), ["joined", "web"]);
  assert.deepEqual(diff.taints.common, ["pii"]);
  assert.deepEqual(diff.keys.added, [second.publicKey.id]);
  assert.deepEqual(diff.keys.common, [first.publicKey.id]);
  assert.deepEqual([...diff.policyRules.added].sort(), ["data.a.b", "data.team.allow"]);
  assert.deepEqual(diff.policyDigests.added, ["yes:1"]);
  assert.equal(diff.seals.added.length, after.seals.length - 1);
});

test("seen from the other side, what was added was removed", async () => {
  const { before, after } = await beforeAndAfter();
  const there = diffOf(sideOf(before), sideOf(after));
  const back = diffOf(sideOf(after), sideOf(before));
  for (const name of Object.keys(there) as (keyof typeof there)[]) {
    assert.deepEqual(there[name].added, back[name].removed);
    assert.deepEqual(there[name].removed, back[name].added);
    assert.deepEqual([...there[name].common].sort(), [...back[name].common].sort());
  }
});

test("a passport does not differ from itself; a changed entry is removed and added", async () => {
  const { after } = await beforeAndAfter();
  const side = sideOf(after);
  for (const { added, removed } of Object.values(diffOf(side, side))) {
    assert.deepEqual([added, removed], [[], []]);
  }
  const [first, ...rest] = side.entries;
  const changed = { ...side, entries: [{ ...first!, entry_hash: "0".repeat(64) }, ...rest] };
  const { entries } = diffOf(side, changed);
  assert.deepEqual([entries.removed, entries.added], [[first!.entry_hash], ["0".repeat(64)]]);
});
