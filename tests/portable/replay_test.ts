// Decisions evaluated again from a passport alone (SPEC 8.5).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type InputProfile,
  type KestOptions,
  LocalOpaEngine,
  parsePassport,
  type Passport,
  type PolicyEngine,
  replayDecisions,
  type ReplayedDecision,
  type ReplayOptions,
} from "../../mod.ts";
import { bench, errorOf } from "./helpers.ts";

const POLICY = `package p

default allow := false

allow if not "secret" in input.taints

early if input.time_ms < 1000

coin if rand.intn("x", 2) == 0

history if count(input.history) > 0

small if input.arguments[0].n < 10

conflict := 1

conflict := 2 if input.taints
`;

function engineWith(source = POLICY, data: unknown = {}): LocalOpaEngine {
  const engine = new LocalOpaEngine({ data });
  engine.addPolicy("p.rego", source);
  return engine;
}

interface Run {
  readonly passport: Passport;
  readonly entryId: string;
}

/** A step under one rule, on data with these taints; sealed, written and read again. */
async function runStep(
  options: KestOptions,
  rule = "data.p.allow",
  more: {
    readonly taint?: readonly string[];
    readonly inlineRules?: string;
    readonly inputProfile?: InputProfile;
  } = {},
): Promise<Run> {
  const { inputProfile = "basic", ...origin } = more;
  const { kest } = await bench(options);
  const value = kest.originate({ n: 1 }, origin);
  const step = kest.verified({ nodeId: "step", enforceRules: [rule], inputProfile }, (x) => x);
  const outcome = await step(value).catch((error) => error);
  const made: Passport = outcome.passport;
  const passport = parsePassport(JSON.stringify(await made.seal()));
  return { passport, entryId: passport.heads[0]!.entry_id };
}

async function replayOne(
  passport: Passport,
  engine: PolicyEngine,
  options: ReplayOptions = {},
): Promise<ReplayedDecision> {
  const report = await replayDecisions(passport, engine, options);
  assert.equal(report.decisions.length, 1);
  const [replayed] = report.decisions;
  const counts = [report.reproduced, report.different, report.notReplayable];
  const statuses = ["reproduced", "different", "not-replayable"];
  assert.deepEqual(counts, statuses.map((status) => status === replayed!.status ? 1 : 0));
  return replayed!;
}

test("an allowance is reproduced by the same policies", async () => {
  const { passport, entryId } = await runStep({ policyEngine: engineWith() });
  const replayed = await replayOne(passport, engineWith());
  assert.equal(replayed.status, "reproduced");
  assert.equal(replayed.reason, null);
  assert.equal(replayed.samePolicy, true);
  assert.equal(replayed.result, "allow");
  assert.equal(replayed.entryId, entryId);
  assert.equal(replayed.nodeId, "step");
  assert.equal(replayed.index, 0);
  assert.deepEqual(replayed.decision, passport.heads[0]!.decisions[0]);
});

test("denials are reproduced with their cause", async () => {
  const causes = { "data.p.allow": null, "data.p.early": "undefined", "data.p.conflict": "error" };
  for (const [rule, cause] of Object.entries(causes)) {
    const { passport } = await runStep({ policyEngine: engineWith() }, rule, { taint: ["secret"] });
    assert.equal(passport.heads[0]!.kind, "denied");
    const replayed = await replayOne(passport, engineWith());
    assert.equal(replayed.status, "reproduced", replayed.sentence);
    assert.equal(replayed.result, "deny");
    assert.equal(replayed.cause, cause);
  }
});

test("time and randomness are those of the decision", async () => {
  const early = await runStep({ policyEngine: engineWith(), now: () => 999 }, "data.p.early");
  assert.equal(early.passport.heads[0]!.kind, "step");
  assert.equal((await replayOne(early.passport, engineWith())).status, "reproduced");
  const results = new Set<unknown>();
  for (let i = 0; i < 40; i++) {
    const { passport } = await runStep({ policyEngine: engineWith() }, "data.p.coin");
    const replayed = await replayOne(passport, engineWith());
    assert.equal(replayed.status, "reproduced");
    results.add(replayed.result);
  }
  assert.deepEqual([...results].sort(), ["allow", "deny"]);
});

test("other policies of the same kind are named, whatever they come to", async () => {
  const { passport } = await runStep({ policyEngine: engineWith() });
  for (const other of [engineWith(POLICY + "\n# other"), engineWith(POLICY, { a: 1 })]) {
    const replayed = await replayOne(passport, other);
    assert.equal(replayed.status, "not-replayable");
    assert.equal(replayed.reason, "OTHER_POLICY");
    assert.equal(replayed.samePolicy, false);
    assert.match(replayed.sentence, /rego:sha256:[0-9a-f]{64}/);
  }
});

test("digests of another kind are not compared", async () => {
  const inner = engineWith();
  const kinds = ["wasm:sha256:1", "remote:revision:a=1", null];
  for (const policyDigest of kinds) {
    const policyEngine: PolicyEngine = {
      kind: "other",
      evaluate: (request) => ({ ...inner.evaluate(request), policyDigest }),
    };
    const { passport } = await runStep({ policyEngine });
    const replayed = await replayOne(passport, inner);
    assert.equal(replayed.status, "reproduced");
    assert.equal(replayed.samePolicy, null);
    assert.match(replayed.sentence, /not known/);
  }
});

test("a producer that claims another result is found out", async () => {
  const inner = engineWith();
  const liar: PolicyEngine = {
    kind: "opa-local",
    evaluate: () => ({ value: true, policyDigest: inner.digest }),
  };
  const { passport } = await runStep({ policyEngine: liar }, "data.p.allow", { taint: ["secret"] });
  const replayed = await replayOne(passport, engineWith());
  assert.equal(replayed.status, "different");
  assert.equal(replayed.reason, "RESULT");
  assert.equal(replayed.result, "deny");
  assert.match(replayed.sentence, /allow on record, and deny now: the rule is false/);
});

test("a decision on another input than the entries come to is found out", async () => {
  const { passport, entryId } = await runStep({ policyEngine: engineWith() });
  const json = JSON.parse(JSON.stringify(passport));
  json.history[entryId].decisions[0].input_digest = "0".repeat(64);
  const replayed = await replayOne(parsePassport(json), engineWith());
  assert.equal(replayed.status, "different");
  assert.equal(replayed.reason, "INPUT");
  assert.equal(replayed.result, null);
});

test("the history is rebuilt from the passport", async () => {
  const more = { inputProfile: "history" } as const;
  const { passport } = await runStep({ policyEngine: engineWith() }, "data.p.history", more);
  assert.equal(passport.heads[0]!.decisions[0]!.result, "allow");
  assert.equal((await replayOne(passport, engineWith())).status, "reproduced");
});

test("arguments are not in a passport: their reader must bring them", async () => {
  const more = { inputProfile: "arguments" } as const;
  const { passport, entryId } = await runStep({ policyEngine: engineWith() }, "data.p.small", more);
  assert.equal(passport.heads[0]!.decisions[0]!.result, "allow");
  const without = await replayOne(passport, engineWith());
  assert.equal(without.status, "not-replayable");
  assert.equal(without.reason, "NO_ARGUMENTS");
  const right = await replayOne(passport, engineWith(), { data: { [entryId]: [{ n: 1 }] } });
  assert.equal(right.status, "reproduced");
  const others: readonly (readonly unknown[])[] = [[{ n: 2 }], [], [{ n: 1 }, 2], [new Map()]];
  for (const data of others) {
    const other = await replayOne(passport, engineWith(), { data: { [entryId]: data } });
    assert.equal(other.reason, "NO_ARGUMENTS");
    assert.match(other.sentence, /not the arguments of the entry: argument \d/);
  }
});

test("arguments are held against what the entry describes, tracked and opaque ones too", async () => {
  const policyEngine = engineWith();
  const { kest } = await bench({ policyEngine });
  const deep = kest.originate({ n: 3 });
  const options = {
    nodeId: "step",
    enforceRules: ["data.p.small"],
    inputProfile: "arguments",
    opaqueArgs: [2],
  } as const;
  const step = kest.verified(options, (a: { n: number }, b: unknown, _: unknown) => [a, b]);
  const { passport } = await step({ n: 5 }, { deep: [deep, 1], more: "x" }, () => 1);
  const id = passport.heads[0]!.entry_id;
  const args = (n: number, inner: number) => [{ n }, { deep: [{ n: inner }, 1], more: "x" }, null];
  const replay = (data: readonly unknown[]) =>
    replayOne(passport, policyEngine, { data: { [id]: data } });
  // Opaque arguments are not looked at: whatever stands for them will do.
  assert.equal((await replay(args(5, 3))).status, "reproduced");
  assert.match((await replay(args(6, 3))).sentence, /argument 0 is another/);
  assert.match((await replay(args(5, 4))).sentence, /argument 1 is another/);
});

test("a rule that its reference does not stand for is found out", async () => {
  const policyEngine = engineWith();
  const { kest } = await bench({ policyEngine });
  const step = kest.verified({ nodeId: "s" }, (n: number) => n);
  const { passport } = await step(kest.originate(1, { policyRefs: ["data.p.allow"] }));
  const json = JSON.parse(JSON.stringify(passport));
  json.history[passport.heads[0]!.entry_id].decisions[0].rule = "data.p.early";
  const replayed = await replayOne(parsePassport(json), policyEngine);
  assert.equal(replayed.status, "different");
  assert.equal(replayed.reason, "RULE");
});

test("a rule that the policies on record do not have cannot have allowed", async () => {
  const policyEngine = engineWith();
  const liar: PolicyEngine = {
    kind: "opa-local",
    evaluate: () => ({ value: true, policyDigest: policyEngine.digest }),
  };
  const { passport } = await runStep({ policyEngine: liar }, "data.p.no_such_rule");
  assert.equal((await replayOne(passport, policyEngine)).reason, "RESULT");
});

test("what was never evaluated, or cannot be again, is said to be so", async () => {
  const { passport } = await runStep({ policyEngine: engineWith() });
  const other = engineWith("package other\nallow := true");
  assert.equal((await replayOne(passport, other)).reason, "NO_RULE");
  const none = await runStep({});
  assert.equal(none.passport.heads[0]!.decisions[0]!.cause, "no-engine");
  assert.equal((await replayOne(none.passport, engineWith())).reason, "NOT_EVALUATED");
  const slow: PolicyEngine = { kind: "slow", evaluate: () => new Promise(() => {}) };
  const late = await runStep({ policyEngine: slow, policyTimeoutMs: 5 });
  assert.equal(late.passport.heads[0]!.decisions[0]!.cause, "timeout");
  assert.equal((await replayOne(late.passport, engineWith())).reason, "NOT_EVALUATED");
});

test("inline rules are replayed from the origin that brought them", async () => {
  const policyEngine = engineWith();
  const { kest } = await bench({ policyEngine });
  const a = kest.originate(1, { inlineRules: 'package a\nallow if not "b" in input.taints' });
  const b = kest.originate(2, { inlineRules: 'package b\nallow if input.node_id == "add"' });
  const add = kest.verified({ nodeId: "add" }, (x: number, y: number) => x + y);
  const { passport } = await add(a, b);
  const report = await replayDecisions(parsePassport(JSON.stringify(passport)), engineWith());
  assert.equal(report.reproduced, 2);
  const digests = report.decisions.map(({ decision }) => decision.policy_digest);
  assert.notEqual(digests[0], digests[1]);
  assert.equal(report.decisions.every(({ samePolicy }) => samePolicy === true), true);
  const plain: PolicyEngine = { kind: "plain", evaluate: (r) => policyEngine.evaluate(r) };
  const reasons = (await replayDecisions(passport, plain)).decisions.map(({ reason }) => reason);
  assert.deepEqual(reasons, ["NO_INLINE", "NO_INLINE"]);
});

test("progress is told, and a signal stops between decisions", async () => {
  const policyEngine = engineWith();
  const { kest } = await bench({ policyEngine });
  const step = kest.verified({ nodeId: "s", enforceRules: ["data.p.allow"] }, (n: number) => n + 1);
  const { passport } = await step(step(step(kest.originate(0))));
  const told: ReplayedDecision[] = [];
  const report = await replayDecisions(passport, policyEngine, {
    onDecision: (replayed) => void told.push(replayed),
  });
  assert.deepEqual(told, report.decisions);
  assert.equal(report.reproduced, 3);
  const abort = new AbortController();
  const stopped = replayDecisions(passport, policyEngine, {
    signal: abort.signal,
    onDecision: () => abort.abort(new Error("enough")),
  });
  assert.match(String(await errorOf(stopped)), /enough/);
});

test("a passport without decisions has nothing to replay", async () => {
  const { kest } = await bench();
  const report = await replayDecisions(kest.originate(1).passport, engineWith());
  assert.deepEqual([report.reproduced, report.different, report.notReplayable], [0, 0, 0]);
  await assert.rejects(
    () => replayDecisions(kest.originate(1).passport, engineWith(), { dta: {} } as ReplayOptions),
    TypeError,
  );
});
