import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createKest,
  generateKey,
  importKestData,
  type KestData,
  mergePassports,
  parsePassport,
  SealError,
  type Signer,
  VerificationError,
  verifyPassport,
} from "../../mod.ts";
import {
  assertVerifies,
  type Bench,
  bench,
  coded,
  entriesOf,
  errorOf,
  headOf,
  trustFor,
} from "./helpers.ts";

async function sent<T>(value: KestData<T>, audience?: string): Promise<string> {
  return JSON.stringify(await value.passport.seal(audience === undefined ? {} : { audience }));
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await errorOf(promise);
  assert.ok(error instanceof VerificationError, String(error));
  return error.finding!.code;
}

function increment({ kest }: Bench) {
  return kest.verified({ nodeId: "inc" }, (row: { id: number }) => ({ id: row.id + 1 }));
}

test("data that matches its passport is imported under a trust policy", async () => {
  const theirs = await bench();
  const text = await sent(theirs.kest.originate({ id: 7 }, { taint: ["t"] }));
  const data = { id: 7 };
  const mine = await importKestData(data, text, { trust: theirs.trust });
  assert.equal(mine.data, data);
  assert.deepEqual(mine.passport.taints, ["t"]);
});

test("text, bytes, JSON and a Passport are all accepted", async () => {
  const { kest, trust } = await bench();
  const sealed = await kest.originate(7).passport.seal();
  const text = JSON.stringify(sealed);
  for (const form of [text, new TextEncoder().encode(text), JSON.parse(text), sealed]) {
    assert.equal((await importKestData(7, form, { trust })).data, 7);
  }
});

test("other data than the passport's is refused", async () => {
  const { kest, trust } = await bench();
  const text = await sent(kest.originate({ id: 7 }));
  assert.equal(await refusal(importKestData({ id: 8 }, text, { trust })), "DATA_HASH");
});

test("an unsealed passport is refused", async () => {
  const { kest, trust } = await bench();
  const text = JSON.stringify(kest.originate(7).passport);
  assert.equal(await refusal(importKestData(7, text, { trust })), "OPEN");
});

test("a passport is refused without a trust policy, and with one that does not know its key", async () => {
  const { kest } = await bench();
  const other = await bench();
  const text = await sent(kest.originate(7));
  assert.equal(await refusal(importKestData(7, text)), "TRUST_EMPTY");
  assert.equal(await refusal(importKestData(7, text, { trust: other.trust })), "KEY_UNKNOWN");
});

test("the instance's trust policy is the default", async () => {
  const theirs = await bench();
  const text = await sent(theirs.kest.originate(7));
  const kest = createKest({ trust: theirs.trust });
  assert.equal((await kest.importKestData(7, text)).data, 7);
});

test("a passport addressed to somebody else is refused", async () => {
  const { kest, trust } = await bench();
  const text = await sent(kest.originate(7), "alice");
  const options = { trust };
  assert.equal(await refusal(importKestData(7, text, options)), "AUDIENCE_UNCHECKED");
  const asBob = importKestData(7, text, { trust, audience: "bob" });
  assert.equal(await refusal(asBob), "AUDIENCE");
  assert.equal((await importKestData(7, text, { trust, audience: "alice" })).data, 7);
  const alice = createKest({ trust, audience: "alice" });
  assert.equal((await alice.importKestData(7, text)).data, 7);
  const bob = createKest({ trust, audience: "bob" });
  assert.equal(await refusal(bob.importKestData(7, text)), "AUDIENCE");
});

test("text that is no passport is a ParseError", async () => {
  for (const text of ["", "{", "[]", "{}", '{"version":"kest/v2"}']) {
    await assert.rejects(importKestData(1, text), coded("PARSE"));
  }
});

test("imported data is continued and sealed again, and both keys verify", async () => {
  const [theirs, mine] = [await bench(), await bench()];
  const text = await sent(theirs.kest.originate({ id: 7 }));
  const imported = await mine.kest.importKestData({ id: 7 }, text, { trust: theirs.trust });
  const next = await increment(mine)(imported);
  const sealed = await next.passport.seal();
  assert.equal(sealed.seals.length, 2);
  await assertVerifies(next.passport, trustFor(theirs.signer, mine.signer));
  const half = await verifyPassport(JSON.stringify(sealed), { trust: mine.trust });
  assert.equal(half.outcome, "unverified");
});

test("a passport can come home and go on, sealed by each in turn", async () => {
  const [theirs, mine] = [await bench(), await bench()];
  const trust = trustFor(theirs.signer, mine.signer);
  const out = await increment(mine)(mine.kest.originate({ id: 1 }));
  const there = await theirs.kest.importKestData({ id: 2 }, await sent(out), { trust });
  const back = await increment(theirs)(there);
  const home = await mine.kest.importKestData({ id: 3 }, await sent(back), { trust });
  const last = await increment(mine)(home);
  assert.equal(entriesOf(last).length, 4);
  await assertVerifies(last.passport, trust);
});

test("data of one head of several is imported, and goes on", async () => {
  const { kest, trust } = await bench();
  const [a, b] = [kest.originate({ id: 1 }), kest.originate({ id: 2 })];
  const both = mergePassports(a.passport, b.passport);
  const imported = await kest.importKestData({ id: 2 }, await both.seal(), { trust });
  assert.equal(headOf(imported).entry_id, headOf(b).entry_id);
  const next = await kest.verified({ nodeId: "next" }, (row: { id: number }) => row.id)(imported);
  await assertVerifies(next.passport, trust);
});

test("data of one head goes on although the other head had a seal of its own", async () => {
  const { kest, trust } = await bench();
  const [a, b] = [kest.originate({ id: 1 }), kest.originate({ id: 2 })];
  const both = mergePassports(await a.passport.seal(), await b.passport.seal());
  const imported = await kest.importKestData({ id: 2 }, both, { trust });
  const next = await kest.verified({ nodeId: "next" }, (row: { id: number }) => row.id)(imported);
  await assertVerifies(next.passport, trust);
});

test("imported data that is changed afterwards is DATA_MUTATED", async () => {
  const mine = await bench();
  const text = await sent(mine.kest.originate({ id: 7 }));
  const imported = await mine.kest.importKestData({ id: 7 }, text, { trust: mine.trust });
  imported.data.id = 8;
  await assert.rejects(increment(mine)(imported), coded("DATA_MUTATED"));
});

// ---- Boomerang: forged entries that name the reader's own key ----

/** Makes entries that name somebody's key without having it. */
function forger(victim: Signer): Signer {
  return { publicKey: victim.publicKey, sign: () => Promise.resolve(new Uint8Array(64)) };
}

test("a forged entry in my name that I merely parsed is not sealed", async () => {
  const mine = await bench();
  const forged = createKest({ signer: forger(mine.signer) }).originate({ id: 666 });
  const handed = parsePassport(JSON.stringify(forged.passport));
  const error = await errorOf(handed.seal());
  assert.ok(error instanceof SealError);
  assert.equal(error.code, "SEAL_FOREIGN_ENTRY");
  assert.deepEqual(error.entryIds, [headOf(forged).entry_id]);
  await assert.rejects(handed.seal({ allowPartial: true }), coded("SEAL_FOREIGN_ENTRY"));
});

test("a forged entry in my name is refused at import, also under the forger's own sealed step", async () => {
  const [mine, theirs] = [await bench(), await bench()];
  const trust = trustFor(mine.signer, theirs.signer);
  const forged = createKest({ signer: forger(mine.signer) }).originate({ id: 666 });
  const text = JSON.stringify(forged.passport);
  assert.equal(await refusal(mine.kest.importKestData({ id: 666 }, text, { trust })), "OPEN");
  const built = await increment(theirs)(forged);
  const sealed = JSON.stringify(
    await built.passport.seal({ allowPartial: true }).catch(() => built.passport),
  );
  assert.equal(await refusal(mine.kest.importKestData({ id: 667 }, sealed, { trust })), "OPEN");
});

test("merging a forged entry in my name with my own work does not get it sealed", async () => {
  const mine = await bench();
  const own = mine.kest.originate({ id: 1 });
  const forged = createKest({ signer: forger(mine.signer) }).originate({ id: 666 });
  const merged = mergePassports(own.passport, parsePassport(JSON.stringify(forged.passport)));
  await assert.rejects(merged.seal(), coded("SEAL_FOREIGN_ENTRY"));
});

test("a signer that cannot sign for the key it names is caught at once", async () => {
  const { signer } = await bench();
  const forged = createKest({ signer: forger(signer) }).originate(1);
  await assert.rejects(forged.passport.seal(), coded("SIGNER"));
});

test("a replaced key under the same entries is not mine: seals are checked against their key", async () => {
  const [mine, theirs] = [await bench(), { signer: await generateKey() }];
  const json = JSON.parse(await sent(mine.kest.originate(1)));
  json.seals[0].public_key = theirs.signer.publicKey.jwk.x;
  const report = await verifyPassport(json, { trust: mine.trust });
  assert.equal(report.outcome, "invalid");
});
