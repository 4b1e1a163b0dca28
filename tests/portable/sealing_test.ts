import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createKest,
  importKestData,
  type Kest,
  type KestData,
  mergePassports,
  parsePassport,
  type Passport,
  PolicyViolationError,
  SealError,
  type Signer,
  trustPolicy,
  type VerifyOptions,
  verifyPassport,
} from "../../mod.ts";
import { copyOf, forgeEntry, type ForgeKey, forgeKey, forgePassport, forgeSeal } from "./forge.ts";

const [alice, bob, carol] = await Promise.all([forgeKey(), forgeKey(), forgeKey()]);
const trust = trustPolicy(
  Object.entries({ alice, bob, carol }).map(([name, { signer }]) => ({
    name,
    key: signer.publicKey,
    mayOriginate: "any",
    mayDeclassify: ["*"],
  })),
);

function kestOf(key: ForgeKey): Kest {
  return createKest({ signer: key.signer, trust });
}

/** Adds one, as a step of some key. */
function add(
  key: ForgeKey,
  nodeId = "add",
): (value: KestData<number>) => Promise<KestData<number>> {
  return kestOf(key).verified({ nodeId }, (n: number) => n + 1);
}

/** Verified as somebody else reads it: from its text. */
async function assertGood(passport: Passport, options: VerifyOptions = {}): Promise<void> {
  const report = await verifyPassport(JSON.stringify(passport), { trust, ...options });
  assert.equal(report.outcome, "verified", report.findings[0]?.message);
}

function headOf(value: KestData<unknown>): string {
  return value.passport.heads[0]!.entry_hash;
}

test("A seal names the heads, what is under them, and no base where all is ours", async () => {
  const start = kestOf(alice).originate(1);
  const end = await add(alice)(await add(alice)(start));
  const before = Date.now();
  const { seals } = await end.passport.seal();
  assert.equal(seals.length, 1);
  const [seal] = seals;
  assert.deepEqual(seal?.heads, [{ entries: 3, entry_hash: headOf(end) }]);
  assert.deepEqual(seal.base, []);
  assert.equal(seal.public_key_id, alice.id);
  assert.equal(seal.public_key, alice.x);
  assert.equal(seal.algorithm, "Ed25519");
  assert.equal(seal.version, "kest-seal/1");
  assert(seal.sealed_at_ms >= before && seal.sealed_at_ms <= Date.now());
  assert.deepEqual(["audience", "nonce", "expires_at_ms"].filter((name) => name in seal), []);
  assert(Object.isFrozen(seal));
});

test("A seal is what an independent implementation signs", async () => {
  const end = await add(alice)(kestOf(alice).originate(1));
  const expiresAt = Date.now() + 1e6;
  const sealed = await end.passport.seal({ audience: "bob", nonce: "n", expiresAt });
  const passport = copyOf(sealed);
  const head = passport.history[end.passport.heads[0]!.entry_id]!;
  const forged = forgeSeal(alice, passport, [head], {
    ...{ audience: "bob", nonce: "n", expires_at_ms: expiresAt },
    sealed_at_ms: passport.seals[0]!.sealed_at_ms,
  });
  assert.deepEqual(passport.seals, [forged]);
});

test("What others answer for is the base", async () => {
  const theirs = kestOf(bob).originate(1);
  const received = await importKestData(1, await theirs.passport.seal(), { trust });
  const end = await add(alice)(await add(alice)(received));
  const sealed = await end.passport.seal();
  const own = sealed.seals.find((seal) => seal.public_key_id === alice.id);
  assert.deepEqual(own?.base, [headOf(theirs)]);
  assert.equal(own.heads[0]?.entries, 3);
  await assertGood(sealed, { data: 3 });
});

test("Two keys that take turns: each stretch has a seal", async () => {
  let value: KestData<number> = kestOf(alice).originate(0);
  const turns = [bob, alice, alice, bob, bob, alice];
  for (const key of turns) value = await add(key)(value);
  const sealed = await value.passport.seal();
  await assertGood(sealed, { data: 6 });
  const signers = sealed.seals.map((seal) => seal.public_key_id);
  // alice | bob | alice alice | bob bob | alice
  assert.equal(signers.filter((id) => id === alice.id).length, 3);
  assert.equal(signers.filter((id) => id === bob.id).length, 2);
  for (const seal of sealed.seals) {
    const passport = copyOf(sealed);
    passport.seals = passport.seals.filter((other) => other.signature !== seal.signature);
    const report = await verifyPassport(passport, { trust });
    assert.equal(report.verdicts.completeness.code, "OPEN");
  }
});

test("Many random interleavings of three keys verify", async () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 25; round++) {
    const keys = [alice, bob, carol];
    const pick = () => keys[random(3)]!;
    const values: KestData<number>[] = [kestOf(pick()).originate(1)];
    for (let i = 0; i < 12; i++) {
      const parents = Array.from({ length: 1 + random(3) }, () => values[random(values.length)]!);
      const sum = kestOf(pick()).verified(
        { nodeId: "sum" },
        (...numbers: number[]) => numbers.reduce((a, b) => a + b, 0) % 1000,
      );
      values.push(await sum(...parents));
    }
    const merged = mergePassports(...values.map((value) => value.passport));
    const sealed = await merged.seal();
    await assertGood(sealed);
    assert.equal(await sealed.seal(), sealed);
    // Every value alone, sealed after the whole or by itself, verifies too.
    for (const value of values.slice(-4)) await assertGood(await value.passport.seal());
    const bound = await sealed.seal({ nonce: `${round}` });
    await assertGood(bound, { nonce: `${round}` });
  }
});

test("Sealing again adds nothing; new work gets a seal of its own", async () => {
  const start = kestOf(alice).originate(1);
  const sealed = await start.passport.seal();
  assert.equal(await sealed.seal(), sealed);
  assert.equal(await sealed.seal({ allowPartial: true }), sealed);
  const next = await add(alice)(await importKestData(1, sealed, { trust }));
  const again = await next.passport.seal();
  assert.equal(again.seals.length, 2);
  await assertGood(again, { data: 2 });
});

test("The passport that is sealed stays what it was", async () => {
  const { passport } = kestOf(alice).originate(1);
  const sealed = await passport.seal();
  assert.equal(passport.seals.length, 0);
  assert.equal(sealed.seals.length, 1);
  assert.equal((await verifyPassport(passport, { trust })).verdicts.completeness.code, "OPEN");
});

test("A second audience gets a seal of its own", async () => {
  const value = await add(alice)(kestOf(alice).originate(1));
  const first = await value.passport.seal({ audience: "bob" });
  const second = await first.seal({ audience: "carol", expiresAt: new Date(Date.now() + 60_000) });
  assert.deepEqual(second.seals.map((seal) => seal.audience).sort(), ["bob", "carol"]);
  await assertGood(second, { audience: "carol" });
  await assertGood(second, { audience: "bob" });
  const reports = await Promise.all([
    verifyPassport(second, { trust }),
    verifyPassport(second, { trust, audience: "dave" }),
    verifyPassport(first, { trust, audience: "carol" }),
    verifyPassport(await value.passport.seal(), { trust, audience: "bob" }),
  ]);
  assert.deepEqual(
    reports.map((report) => report.verdicts.freshness.code),
    ["AUDIENCE_UNCHECKED", "AUDIENCE", "AUDIENCE", "AUDIENCE"],
  );
});

test("Rebinding needs a head of ours", async () => {
  const theirs = await kestOf(bob).originate(1).passport.seal();
  const received = await importKestData(1, JSON.stringify(theirs), { trust });
  assert.equal((await received.passport.seal()).seals.length, 1);
  await assert.rejects(received.passport.seal({ audience: "carol" }), { code: "SEAL_NOTHING" });
});

test("Audience, nonce and expiry are checked before anything is signed", async () => {
  const { passport } = kestOf(alice).originate(1);
  for (const options of [{ audience: "" }, { nonce: "" }, { audience: "a".repeat(257) }]) {
    await assert.rejects(passport.seal(options), TypeError);
  }
  const past = [Date.now() - 1, NaN, 1.5, new Date("never"), Infinity];
  for (const expiresAt of past) await assert.rejects(passport.seal({ expiresAt }), RangeError);
});

test("Entries that name no key of this process are named, or left open on request", async () => {
  const unsigned = createKest().originate(1);
  const error = await unsigned.passport.seal().catch((error) => error);
  assert(error instanceof SealError);
  assert.equal(error.code, "SEAL_NOTHING");
  assert.deepEqual(error.entryIds, [unsigned.passport.heads[0]!.entry_id]);

  const mixed = await add(alice)(unsigned);
  await assert.rejects(mixed.passport.seal(), { code: "SEAL_NOTHING" });
  const partial = await mixed.passport.seal({ allowPartial: true });
  assert.equal(partial.seals.length, 1);
  assert.deepEqual(partial.seals[0]?.base, [headOf(unsigned)]);
  const report = await verifyPassport(partial, { trust });
  assert.equal(report.outcome, "unverified");
  const codes = report.findings.map((finding) => finding.code);
  assert.deepEqual(codes, ["UNSIGNED", "OPEN", "UNSEALED"]);
});

test("A long list of entries that cannot be sealed stays readable", async () => {
  const values = Array.from({ length: 8 }, () => createKest().originate(1).passport);
  const error = await mergePassports(...values).seal().catch((error) => error);
  assert(error instanceof SealError);
  assert.equal(error.entryIds.length, 8);
  assert.match(error.message, /and 3 more$/);
});

test("Entries that were only read are never sealed", async () => {
  const value = await add(alice)(kestOf(alice).originate(1));
  const read = parsePassport(JSON.stringify(value.passport));
  for (const options of [{}, { allowPartial: true }, { audience: "bob" }]) {
    await assert.rejects(read.seal(options), { code: "SEAL_FOREIGN_ENTRY" });
  }
});

test("Forged work of ours is not sealed, however it is brought in", async () => {
  // The attacker writes entries that name our key and asks us to build on them.
  const genesis = forgeEntry(alice, [], { added_taint: ["approved"] });
  const forged = JSON.stringify(forgePassport(genesis));
  await assert.rejects(kestOf(alice).importKestData({}, forged), { code: "VERIFICATION" });

  const own = kestOf(alice).originate(1);
  const merged = mergePassports(own.passport, parsePassport(forged));
  const error = await merged.seal().catch((error) => error);
  assert(error instanceof SealError);
  assert.equal(error.code, "SEAL_FOREIGN_ENTRY");
  assert.deepEqual(error.entryIds, [genesis.entry_id]);

  // A fake under the hash of an entry that we did make must not be sealed as ours either.
  const { entry_hash: hash, entry_id: id } = own.passport.heads[0]!;
  const fake = forgeEntry(alice, [], { entry_id: id, entry_hash: hash, added_taint: ["approved"] });
  const evil = parsePassport(JSON.stringify(forgePassport(fake)));
  for (const parts of [[own.passport, evil], [evil, own.passport]] as const) {
    const sealed = await Promise.resolve().then(() => mergePassports(...parts).seal())
      .catch(() => undefined);
    if (sealed) assert.deepEqual(sealed.taints, []);
  }
});

test("What came back is sealed by the seals it has", async () => {
  const out = await add(alice)(kestOf(alice).originate(1));
  const there = await importKestData(2, JSON.stringify(await out.passport.seal()), { trust });
  const bobs = await add(bob)(there);
  const back = await kestOf(alice).importKestData(3, JSON.stringify(await bobs.passport.seal()));
  const end = await add(alice)(back);
  const sealed = await end.passport.seal();
  assert.equal(sealed.seals.length, 3);
  await assertGood(sealed, { data: 4 });
});

test("toJSON and reading never sign", async () => {
  let signed = 0;
  const signer: Signer = {
    publicKey: alice.signer.publicKey,
    sign(message) {
      signed++;
      return alice.signer.sign(message);
    },
  };
  const value = createKest({ signer }).originate(1);
  const { passport } = value;
  JSON.stringify(passport);
  JSON.stringify(value);
  mergePassports(passport, passport).toJSON();
  await verifyPassport(passport, { trust });
  assert.equal(signed, 0);
  await passport.seal();
  assert.equal(signed, 1);
});

test("A signer that fails or lies", async () => {
  const failure = new Error("HSM is out of order");
  const { publicKey } = alice.signer;
  const broken: Signer = { publicKey, sign: () => Promise.reject(failure) };
  await assert.rejects(createKest({ signer: broken }).originate(1).passport.seal(), failure);

  const signature = (message: Uint8Array<ArrayBuffer>) => alice.signer.sign(message);
  const wrong: Signer["sign"][] = [
    (message) => bob.signer.sign(message),
    () => signature(new Uint8Array(3)),
    () => Promise.resolve(new Uint8Array(64)),
    () => Promise.resolve(new Uint8Array(0)),
    async (message) => new Uint8Array([...await signature(message), 0]),
    () => Promise.resolve("signed" as unknown as Uint8Array<ArrayBuffer>),
    () => Promise.resolve(undefined as unknown as Uint8Array<ArrayBuffer>),
  ];
  for (const sign of wrong) {
    const { passport } = createKest({ signer: { publicKey, sign } }).originate(1);
    await assert.rejects(passport.seal(), { code: "SIGNER" });
  }
});

test("Merging sealed passports: any order, each seal once", async () => {
  const start = kestOf(alice).originate(1);
  const left = await (await add(alice, "left")(start)).passport.seal({ nonce: "n" });
  const right = await (await add(bob, "right")(start)).passport.seal({ nonce: "n" });
  const other = await kestOf(carol).originate(5).passport.seal({ nonce: "n" });
  const merged = mergePassports(left, right, other, left);
  assert.equal(merged.heads.length, 3);
  assert.equal(new Set(merged.seals.map((seal) => seal.signature)).size, merged.seals.length);
  const all = new Set([left, right, other].flatMap((part) => part.seals));
  assert.equal(merged.seals.length, all.size);
  const text = JSON.stringify(merged);
  for (
    const order of [[other, right, left], [right, left, other], [merged, left], [left, merged]]
  ) {
    assert.equal(JSON.stringify(mergePassports(...order)), text);
  }
  await assertGood(merged, { nonce: "n" });
  assert.throws(() => mergePassports(), TypeError);
});

test("Merging with an ancestor keeps one head", async () => {
  const start = kestOf(alice).originate(1);
  const end = await add(alice)(start);
  const merged = mergePassports(await start.passport.seal(), await end.passport.seal());
  assert.deepEqual(merged.heads.map((head) => head.entry_hash), [headOf(end)]);
  assert.equal(merged.seals.length, 2);
  await assertGood(merged, { data: 2 });
  const unsealed = await mergePassports(start.passport, end.passport).seal();
  assert.equal(unsealed.seals.length, 1);
  await assertGood(unsealed);
});

test("One signature covers several heads of one key", async () => {
  const kest = kestOf(alice);
  const values = Array.from({ length: 5 }, (_, n) => kest.originate(n));
  const sealed = await mergePassports(...values.map((value) => value.passport)).seal();
  assert.equal(sealed.seals.length, 1);
  const hashes = sealed.seals[0]!.heads.map((head) => head.entry_hash);
  assert.deepEqual(hashes, values.map(headOf).sort());
  await assertGood(sealed, { data: 3 });
});

test("A denial is sealed like any other entry", async () => {
  const denied = kestOf(alice).verified(
    { nodeId: "send", enforceRules: ["data.mail.allow"] },
    (n: number) => n,
  );
  const error = await denied(kestOf(alice).originate(1)).catch((error) => error);
  assert(error instanceof PolicyViolationError);
  const sealed = await error.passport.seal();
  const report = await verifyPassport(copyOf(sealed), { trust });
  assert.equal(report.outcome, "verified");
  assert.deepEqual(report.findings.map((finding) => finding.code), ["DENIED"]);
});

test("The approver's seal is there at once; the rest is sealed at the hand-over", async () => {
  const kest = kestOf(alice);
  const secret = kest.originate({ n: 1 }, { taint: ["pii"] });
  const released = await kest.declassify(secret, {
    ...{ remove: ["pii"], reason: "counted", signer: bob.signer },
  });
  assert.deepEqual(released.passport.seals.map((seal) => seal.public_key_id), [bob.id]);
  assert.deepEqual(released.passport.seals[0]?.base, [headOf(secret)]);
  const report = await verifyPassport(released.passport, { trust });
  assert.equal(report.verdicts.completeness.code, "OPEN");
  const sealed = await released.passport.seal();
  assert.equal(sealed.seals.length, 2);
  await assertGood(sealed, { data: { n: 1 } });
});
