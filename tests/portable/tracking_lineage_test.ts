import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  createKest,
  type EnvironmentCollector,
  generateKey,
  hostnameCollector,
  type KestData,
  mergePassports,
  runtimeCollector,
} from "../../mod.ts";
import {
  assertVerifies,
  bench,
  coded,
  entriesOf,
  headOf,
  sealAndVerify,
  trustFor,
} from "./helpers.ts";

const kest = createKest();
const pair = kest.verified({ nodeId: "pair" }, (a: unknown, b: unknown) => [a, b]);

// ---- Branches and history ----

test("branches never see each other's entries", async () => {
  const root = kest.originate(1);
  const left = await kest.verified({ nodeId: "left" }, (n: number) => n)(root);
  const right = await kest.verified({ nodeId: "right" }, (n: number) => n)(root);
  const nodes = (value: KestData<number>) => entriesOf(value).map((entry) => entry.node_id);
  assert.deepEqual(nodes(root), ["originate"]);
  assert.deepEqual(nodes(left), ["originate", "left"]);
  assert.deepEqual(nodes(right), ["originate", "right"]);
});

test("history is topological and does not depend on the order of merging", async () => {
  const root = kest.originate(1);
  const a = await kest.verified({ nodeId: "a" }, (n: number) => n)(root);
  const b = await kest.verified({ nodeId: "b" }, (n: number) => n)(root);
  const ab = mergePassports(a.passport, b.passport);
  const ba = mergePassports(b.passport, a.passport);
  assert.deepEqual(Object.keys(ab.history), Object.keys(ba.history));
  assert.equal(Object.keys(ab.history)[0], headOf(root).entry_id);
  assert.equal(ab.heads.length, 2);
  assert.deepEqual(mergePassports(a.passport, root.passport).heads, a.passport.heads);
});

test("property: in any history parents come before children, whatever was combined", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 12 }), async (joins) => {
      const values: KestData<unknown>[] = [kest.originate(0), kest.originate(1)];
      for (const [a, b] of joins) {
        values.push(await pair(values[a % values.length]!, values[b % values.length]!));
      }
      const seen = new Set<string>();
      for (const entry of entriesOf(values.at(-1)!)) {
        for (const parent of entry.parent_entry_ids) assert.ok(seen.has(parent));
        seen.add(entry.entry_id);
      }
      assert.ok(seen.has(headOf(values.at(-1)!).entry_id));
    }),
    { numRuns: 50 },
  );
});

test("entries, their lists, passports and tracked values are frozen", async () => {
  const value = await pair(kest.originate(1, { taint: ["t"], labels: { a: "b" } }), 2);
  const entry = headOf(value);
  for (
    const part of [
      value,
      value.passport,
      value.passport.history,
      value.passport.heads,
      value.passport.taints,
      entry,
      entry.parent_hashes,
      entry.parent_roles,
      entry.parent_roles[0],
      entry.inputs,
      entry.inputs[0],
      entry.accumulated_taint,
      entry.labels,
      entry.environment,
      entry.decisions,
    ]
  ) assert.ok(Object.isFrozen(part), JSON.stringify(part));
  const origin = entriesOf(value)[0]!.origin!;
  assert.ok(Object.isFrozen(origin) && Object.isFrozen(origin.policies.curated_refs));
});

test("a chain of 20,000 steps is written, sealed and verified without overflow", async () => {
  const { kest, trust } = await bench({ exporters: [] });
  kest.config.exporters = [];
  const inc = kest.verified({ nodeId: "inc" }, (n: number) => n + 1);
  let value: KestData<number> = kest.originate(0);
  for (let i = 0; i < 20_000; i++) value = await inc(value);
  assert.equal(Object.keys(value.passport.toJSON().history).length, 20_001);
  const sealed = await value.passport.seal();
  const report = await sealAndVerify(sealed, trust);
  assert.equal(report.outcome, "verified");
  assert.equal(report.entries, 20_001);
});

test("the passport's origin is that of its first genesis entry", () => {
  const { passport } = kest.originate(1, {
    userId: "alice",
    sessionId: "s",
    policyRefs: ["b", "a"],
  });
  assert.deepEqual(passport.toJSON().origin, {
    user_id: "alice",
    session_id: "s",
    policies: { curated_refs: ["a", "b"], inline_rules: null },
  });
});

test("a step without tracked arguments has the default origin", async () => {
  const own = createKest({ defaultOrigin: { userId: "cron", sessionId: "nightly" } });
  const result = await own.verified({ nodeId: "make" }, () => 1)();
  assert.equal(headOf(result).origin?.user_id, "cron");
  const implicit = await kest.verified({ nodeId: "make" }, () => 1)();
  assert.equal(headOf(implicit).origin?.user_id, "system-implicit");
  assert.equal(headOf(await pair(result, 1)).origin, null);
});

// ---- Taints ----

for (const taint of ["PII", "é", "", "a b", "-a", "a".repeat(129), "ａ"]) {
  test(`a taint outside the alphabet is refused: ${JSON.stringify(taint.slice(0, 9))}`, () => {
    assert.throws(() => kest.originate(1, { taint: [taint] }), coded("TAINT_NAME"));
    assert.throws(
      () => kest.verified({ nodeId: "x", addedTaint: [taint] }, () => 1),
      coded("TAINT_NAME"),
    );
  });
}

test("a taint of 128 characters is accepted", () => {
  const taint = "a".repeat(128);
  assert.deepEqual(kest.originate(1, { taint: [taint] }).passport.taints, [taint]);
});

test("accumulated taints are the sorted union, each once", async () => {
  const a = kest.originate(1, { taint: ["z", "b", "b"] });
  const b = kest.originate(2, { taint: ["a", "b"] });
  const join = kest.verified(
    { nodeId: "join", addedTaint: ["m"] },
    (x: number, y: number) => x + y,
  );
  const result = await join(a, b);
  assert.deepEqual(result.passport.taints, ["a", "b", "m", "z"]);
  assert.deepEqual(headOf(result).added_taint, ["m"]);
});

test("changing a list of taints after wrapping changes nothing", async () => {
  const addedTaint = ["a"];
  const make = kest.verified({ nodeId: "make", addedTaint }, () => 1);
  addedTaint.push("b");
  assert.deepEqual((await make()).passport.taints, ["a"]);
});

// ---- Declassification ----

test("declassify removes a taint on its path, keeps the data, is sealed at once and verifies", async () => {
  const { kest, signer, trust } = await bench();
  const approver = await generateKey();
  const data = { total: 3 };
  const secret = kest.originate(data, { taint: ["pii", "raw"] });
  const released = await kest.declassify(secret, {
    remove: ["pii"],
    reason: "Only a count is left",
    signer: approver,
  });
  assert.equal(released.data, data);
  assert.deepEqual(released.passport.taints, ["raw"]);
  assert.equal(released.passport.seals.length, 1);
  assert.equal(released.passport.seals[0]!.public_key_id, approver.publicKey.id);
  const entry = headOf(released);
  assert.equal(entry.kind, "declassify");
  assert.deepEqual(entry.removed_taint, ["pii"]);
  assert.equal(entry.reason, "Only a count is left");
  assert.equal(entry.content_hash, headOf(secret).content_hash);
  await assertVerifies(released.passport, trustFor(signer, approver));
  assert.notEqual((await sealAndVerify(released.passport, trust)).outcome, "verified");
});

test("after declassify the other path is still tainted, and merging brings the taint back", async () => {
  const { kest, signer } = await bench();
  const secret = kest.originate(1, { taint: ["pii"] });
  const released = await kest.declassify(secret, { remove: ["pii"], reason: "ok", signer });
  const both = kest.verified({ nodeId: "both" }, (a: number, b: number) => a + b);
  assert.deepEqual((await both(released, 1)).passport.taints, []);
  assert.deepEqual((await both(secret, 1)).passport.taints, ["pii"]);
  assert.deepEqual((await both(released, secret)).passport.taints, ["pii"]);
});

test("declassify refuses taints that the data does not have, and naming none", async () => {
  const { kest, signer } = await bench();
  const value = kest.originate(1, { taint: ["pii"] });
  for (const remove of [[], ["other"], ["pii", "other"]]) {
    const declassified = kest.declassify(value, { remove, reason: "ok", signer });
    await assert.rejects(declassified, coded("DECLASSIFY"));
  }
});

test("declassify needs a reason, a signer and a tracked value", async () => {
  const { kest, signer } = await bench();
  const value = kest.originate(1, { taint: ["pii"] });
  const untyped = kest.declassify as (value: unknown, options: unknown) => Promise<unknown>;
  const good = { remove: ["pii"], reason: "ok", signer };
  for (const bad of [{ reason: "" }, { reason: "  " }, { signer: undefined }, { more: 1 }]) {
    await assert.rejects(untyped(value, { ...good, ...bad }), TypeError);
  }
  await assert.rejects(untyped(1, good), TypeError);
});

test("declassify refuses data that was changed", async () => {
  const { kest, signer } = await bench();
  const value = kest.originate({ a: 1 }, { taint: ["pii"] });
  value.data.a = 2;
  const declassified = kest.declassify(value, { remove: ["pii"], reason: "ok", signer });
  await assert.rejects(declassified, coded("DATA_MUTATED"));
});

test("a signer that signs wrongly cannot declassify", async () => {
  const { kest, signer } = await bench();
  const value = kest.originate(1, { taint: ["pii"] });
  const wrong = { publicKey: signer.publicKey, sign: () => Promise.resolve(new Uint8Array(64)) };
  const declassified = kest.declassify(value, { remove: ["pii"], reason: "ok", signer: wrong });
  await assert.rejects(declassified, coded("SIGNER"));
});

// ---- Trust ----

test("trust is the least of the node's score and its parents'", async () => {
  const a = kest.originate(1, { trustScore: 0.7 });
  const b = kest.originate(1, { trustScore: 0.4 });
  const step = (nodeTrustScore: number) =>
    kest.verified({ nodeId: "step", nodeTrustScore }, (x: number, y: number) => x + y)(a, b);
  assert.equal((await step(1)).passport.trustScore, 0.4);
  assert.equal((await step(0.3)).passport.trustScore, 0.3);
  assert.equal(headOf(await step(0.3)).trust_rule, "min");
});

test("trust scores 0 and 1 are accepted, and -0 is 0", () => {
  for (const score of [0, 1]) {
    assert.equal(kest.originate(1, { trustScore: score }).passport.trustScore, score);
  }
  assert.ok(Object.is(kest.originate(1, { trustScore: -0 }).passport.trustScore, 0));
});

for (const score of [NaN, -0.1, 1.1, Infinity, "1", null]) {
  test(`a trust score of ${JSON.stringify(score)} (${score}) is refused`, async () => {
    const trustScore = score as number;
    const make = () => kest.originate(1, { trustScore });
    if (score === null) assert.equal(make().passport.trustScore, 1);
    else assert.throws(make, coded("TRUST_SCORE"));
    const step = kest.verified({ nodeId: "step", trustScoreUpdater: () => trustScore }, () => 1);
    await assert.rejects(step(), coded("TRUST_SCORE"));
  });
}

test("trustScoreUpdater gets the node's score and its parents', and is recorded as custom", async () => {
  const { kest, trust } = await bench();
  const calls: [number, readonly number[]][] = [];
  const step = kest.verified({
    nodeId: "step",
    nodeTrustScore: 0.9,
    trustScoreUpdater(node, parents) {
      calls.push([node, parents]);
      return 0.8;
    },
  }, (n: number) => n);
  const result = await step(kest.originate(1, { trustScore: 0.5 }));
  assert.deepEqual(calls, [[0.9, [0.5]]]);
  assert.equal(headOf(result).trust_rule, "custom");
  assert.equal(headOf(result).trust_score, 0.8);
  await assertVerifies(result.passport, trust);
});

test("trustScoreUpdater cannot raise the trust of a failed step", async () => {
  const { kest, events, trust } = await bench();
  const step = kest.verified({ nodeId: "step", trustScoreUpdater: () => 1 }, (_: number) => {
    throw new Error("boom");
  });
  await assert.rejects(step(kest.originate(1, { trustScore: 0.1 })));
  assert.equal(events.at(-1)!.entry.trust_score, 0.1);
  assert.equal(events.at(-1)!.entry.trust_rule, "min");
  await assertVerifies(events.at(-1)!.passport, trust);
});

// ---- Labels and environment ----

test("labels are recorded, sorted by name", async () => {
  const labels = { z: "1", "app/a": "é" };
  const make = kest.verified({ nodeId: "make", labels }, () => 1);
  assert.deepEqual(Object.entries(headOf(await make()).labels), [["app/a", "é"], ["z", "1"]]);
});

const HOSTILE: unknown[] = [
  JSON.parse('{"__proto__":"x"}'),
  { constructor: "x" },
  { prototype: "x" },
  { "": "x" },
  { "1a": "x" },
  { "a b": "x" },
  { é: "x" },
  { ["a".repeat(129)]: "x" },
  { a: 1 },
  { a: null },
  { a: "\ud800" },
  { a: "x".repeat(65_537) },
];

for (const [index, record] of HOSTILE.entries()) {
  const name = JSON.stringify(record).slice(0, 30);
  test(`hostile label refused (${index}): ${name}`, () => {
    const labels = record as Record<string, string>;
    assert.throws(() => kest.originate(1, { labels }), coded("LABEL"));
    assert.throws(() => kest.verified({ nodeId: "x", labels }, () => 1), coded("LABEL"));
  });

  test(`hostile environment refused (${index}): ${name}`, async () => {
    const collector = { collect: () => record } as EnvironmentCollector;
    const own = createKest({ envCollectors: [collector] });
    assert.throws(() => own.originate(1), coded("ENVIRONMENT"));
    await assert.rejects(own.verified({ nodeId: "x" }, () => 1)(), coded("ENVIRONMENT"));
  });
}

test("runtimeCollector names the runtime and its version", () => {
  const own = createKest({ envCollectors: [runtimeCollector()] });
  assert.match(headOf(own.originate(1)).environment["runtime"]!, /^(deno|node)\/\d+\.\d+\.\d+/);
});

test("hostnameCollector reports a name, or fails without the right to it", () => {
  const own = createKest({ envCollectors: [hostnameCollector()] });
  try {
    assert.notEqual(headOf(own.originate(1)).environment["hostname"], "");
  } catch (error) {
    coded("ENVIRONMENT", /hostname/i)(error);
  }
});

test("a step's own collectors come after the instance's, and win", async () => {
  const own = createKest({ envCollectors: [{ collect: () => ({ a: "1", b: "1" }) }] });
  const envCollectors = [{ collect: () => ({ b: "2" }) }];
  const result = await own.verified({ nodeId: "x", envCollectors }, () => 1)();
  assert.deepEqual(headOf(result).environment, { a: "1", b: "2" });
});

test("a collector that throws is ENVIRONMENT with its error as cause; nothing runs", async () => {
  const boom = new Error("boom");
  const envCollectors = [{
    collect(): never {
      throw boom;
    },
  }];
  let ran = false;
  const step = kest.verified({ nodeId: "x", envCollectors }, () => void (ran = true));
  await assert.rejects(step(), (error: unknown) => {
    coded("ENVIRONMENT", /boom/)(error);
    assert.equal((error as Error).cause, boom);
    return true;
  });
  assert.equal(ran, false);
});
