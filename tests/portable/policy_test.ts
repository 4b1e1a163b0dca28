import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  canonicalize,
  createKest,
  type DenyCause,
  type InputProfile,
  type PolicyEngine,
  type PolicyInput,
  type PolicyOutcome,
  type PolicyRequest,
  PolicyViolationError,
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
  sealAndVerify,
} from "./helpers.ts";

type Answer = (request: PolicyRequest) => PolicyOutcome | Promise<PolicyOutcome>;

/** An engine in this process that answers as it is told and keeps what it was asked. */
class FakeEngine implements PolicyEngine {
  readonly kind: string = "fake";
  readonly requests: PolicyRequest[] = [];
  readonly #answer: Answer;

  constructor(answer: Answer = () => ({ value: true, policyDigest: "fake:1" })) {
    this.#answer = answer;
  }

  evaluate(request: PolicyRequest): PolicyOutcome | Promise<PolicyOutcome> {
    this.requests.push(request);
    return this.#answer(request);
  }

  get inputs(): PolicyInput[] {
    return this.requests.map(({ inputText }) => JSON.parse(inputText));
  }
}

/** One that also evaluates inline rules. */
class InlineEngine extends FakeEngine {
  readonly modules: string[] = [];
  readonly #allowed: boolean;

  constructor(allowed: boolean) {
    super();
    this.#allowed = allowed;
  }

  evaluateInline(module: string): PolicyOutcome {
    this.modules.push(module);
    return { value: this.#allowed, policyDigest: "inline:1" };
  }
}

function always(value: unknown): Answer {
  return () => ({ value, policyDigest: "fake:1" });
}

/** A step under one rule that counts how often it ran. */
function guarded({ kest }: Bench, enforceRules: readonly string[] = ["data.x.allow"]) {
  const ran: unknown[] = [];
  const step = kest.verified(
    { nodeId: "guarded", enforceRules, addedTaint: ["own"] },
    (value?: unknown) => {
      ran.push(value);
      return "done";
    },
  );
  return { ran, step };
}

async function violationOf(promise: PromiseLike<unknown>): Promise<PolicyViolationError> {
  const error = await errorOf(promise);
  assert.ok(error instanceof PolicyViolationError, String(error));
  return error;
}

test("only true allows: the function runs and the decision is on record", async () => {
  const made = await bench({ policyEngine: new FakeEngine(), now: () => 1_700_000_000_000 });
  const { ran, step } = guarded(made);
  const value = made.kest.originate("x", { trustScore: 0.5 });
  const result = await step(value);
  assert.deepEqual(ran, ["x"]);
  const { decisions } = headOf(result);
  assert.equal(decisions.length, 1);
  const { seed, input_digest, ...rest } = decisions[0]!;
  assert.match(seed, /^[0-9a-f]{32}$/);
  assert.match(input_digest!, /^[0-9a-f]{64}$/);
  assert.deepEqual(rest, {
    cause: null,
    decision_id: null,
    engine: "fake",
    input_version: "kest-input/1",
    policy_digest: "fake:1",
    profile: "basic",
    reference: null,
    result: "allow",
    rule: "data.x.allow",
    source: "enforced",
    time_ms: 1_700_000_000_000,
    trust_score: 0.5,
  });
});

const DENIALS: [string, Answer | undefined, DenyCause | null][] = [
  ["false", always(false), null],
  ["undefined", always(undefined), "undefined"],
  ["1", always(1), "not-boolean"],
  ['"true"', always("true"), "not-boolean"],
  ["null", always(null), "not-boolean"],
  ["{}", always({}), "not-boolean"],
  ["[true]", always([true]), "not-boolean"],
  ["a Boolean object", always(Object(true)), "not-boolean"],
  ["an outcome that is undefined", () => undefined as unknown as PolicyOutcome, "error"],
  ["true in place of an outcome", () => true as unknown as PolicyOutcome, "undefined"],
  ["a thrown error", () => {
    throw new Error("broken");
  }, "error"],
  ["a thrown undefined", () => {
    throw undefined;
  }, "error"],
  ["a rejection", () => Promise.reject(new Error("broken")), "error"],
  ["a promise of false", () => Promise.resolve({ value: false, policyDigest: null }), null],
  ["no answer in time", () => new Promise<never>(() => {}), "timeout"],
  ["no engine", undefined, "no-engine"],
];

for (const [name, answer, cause] of DENIALS) {
  test(`denied before the function runs: ${name}`, async () => {
    const policyEngine = answer && new FakeEngine(answer);
    const made = await bench({ policyEngine, policyTimeoutMs: 20 });
    const { ran, step } = guarded(made);
    const violation = await violationOf(step(made.kest.originate("x", { taint: ["in"] })));
    assert.equal(ran.length, 0);
    assert.equal(violation.code, "POLICY_VIOLATION");
    assert.equal(violation.decision.cause, cause);
    assert.equal(violation.decision.result, "deny");
    assert.equal(violation.decision.engine, answer ? "fake" : null);
    const { entry } = violation;
    assert.equal(entry.kind, "denied");
    assert.equal(entry.content_kind, "none");
    assert.deepEqual(entry.decisions, [violation.decision]);
    assert.deepEqual(entry.accumulated_taint, ["in"]);
    const event = made.events.at(-1)!;
    assert.equal(event.entry.entry_hash, entry.entry_hash);
    assert.equal(event.error, violation);
    await assertVerifies(violation.passport, made.trust);
  });
}

test("an engine's error is the violation's cause", async () => {
  const broken = new Error("broken");
  const made = await bench({ policyEngine: new FakeEngine(() => Promise.reject(broken)) });
  const violation = await violationOf(guarded(made).step());
  assert.equal(violation.cause, broken);
  assert.match(violation.message, /broken/);
});

test("a timeout aborts the engine's signal, and a late answer changes nothing", async () => {
  let late: ((outcome: PolicyOutcome) => void) | undefined;
  const engine = new FakeEngine(() => new Promise((resolve) => late = resolve));
  const made = await bench({ policyEngine: engine, policyTimeoutMs: 10 });
  const { ran, step } = guarded(made);
  await violationOf(step());
  assert.equal(engine.requests[0]!.signal.aborted, true);
  late!({ value: true, policyDigest: null });
  await Promise.resolve();
  assert.equal(ran.length, 0);
});

test("rules are asked in order, each once, and the first denial ends it", async () => {
  const engine = new FakeEngine(({ rule }) => ({ value: rule !== "data.b", policyDigest: null }));
  const made = await bench({ policyEngine: engine });
  const { ran, step } = guarded(made, ["data.a", "data.a", "data.b", "data.c"]);
  const violation = await violationOf(step());
  assert.deepEqual(engine.requests.map(({ rule }) => rule), ["data.a", "data.b"]);
  assert.deepEqual(violation.entry.decisions.map(({ result }) => result), ["allow", "deny"]);
  assert.equal(violation.decision.rule, "data.b");
  assert.equal(ran.length, 0);
  await assertVerifies(violation.passport, made.trust);
});

test("all rules of one call share input, time and seed; two calls share no seed", async () => {
  const engine = new FakeEngine();
  const { step } = guarded(await bench({ policyEngine: engine }), ["data.a", "data.b"]);
  await step();
  await step();
  const [a, b, c] = engine.requests;
  assert.equal(a!.seed, b!.seed);
  assert.equal(a!.inputText, b!.inputText);
  assert.equal(a!.timeMs, b!.timeMs);
  assert.notEqual(a!.seed, c!.seed);
});

test("without rules no engine is asked", async () => {
  const engine = new FakeEngine(always(false));
  const { step } = guarded(await bench({ policyEngine: engine }), []);
  assert.deepEqual(headOf(await step()).decisions, []);
  assert.equal(engine.requests.length, 0);
});

test("a step's own engine takes the place of the instance's", async () => {
  const [mine, theirs] = [new FakeEngine(), new FakeEngine(always(false))];
  const { kest } = await bench({ policyEngine: theirs });
  const options = { nodeId: "x", enforceRules: ["data.x"], engine: mine };
  await kest.verified(options, () => 1)();
  assert.deepEqual([mine.requests.length, theirs.requests.length], [1, 0]);
});

test("an engine configured after wrapping is used", async () => {
  const { kest } = await bench();
  const step = kest.verified({ nodeId: "x", enforceRules: ["data.x"] }, () => 1);
  await violationOf(step());
  kest.config.policyEngine = new FakeEngine();
  await step();
});

test("the decision id of a remote engine is recorded", async () => {
  const answer = () => ({ value: true, policyDigest: null, decisionId: "d-1" });
  const { step } = guarded(await bench({ policyEngine: new FakeEngine(answer) }));
  const [decision] = headOf(await step()).decisions;
  assert.equal(decision!.decision_id, "d-1");
  assert.equal(decision!.policy_digest, null);
});

// ---- The input document ----

const BASIC = [
  ...["environment", "labels", "node_id", "origins", "parents", "policy_refs", "profile"],
  ...["raw_arguments", "taints", "time_ms", "trust_score", "version"],
];

const PROFILES: [InputProfile, string[]][] = [
  ["basic", BASIC],
  ["history", [...BASIC, "history"].sort()],
  ["arguments", [...BASIC, "arguments"].sort()],
];

for (const [inputProfile, members] of PROFILES) {
  test(`the input document of profile ${inputProfile} has exactly its members`, async () => {
    const engine = new FakeEngine();
    const { kest } = await bench({ policyEngine: engine, inputProfile });
    const step = kest.verified({ nodeId: "x", enforceRules: ["data.x"] }, (v: object) => v);
    const result = await step({ a: kest.originate({ deep: 1 }), b: 2 });
    const input = engine.inputs[0]!;
    assert.deepEqual(Object.keys(input).sort(), members);
    assert.equal(input.profile, inputProfile);
    assert.equal(headOf(result).decisions[0]!.profile, inputProfile);
    if (inputProfile === "arguments") {
      assert.deepEqual(input.arguments, [{ a: { deep: 1 }, b: 2 }]);
    }
    if (inputProfile === "history") {
      assert.deepEqual(input.history, JSON.parse(JSON.stringify(entriesOf(result).slice(0, 1))));
    }
  });
}

test("history in the input document is topological", async () => {
  const engine = new FakeEngine();
  const { kest } = await bench({ policyEngine: engine });
  const inc = kest.verified({ nodeId: "inc" }, (n: number) => n + 1);
  const options = { nodeId: "x", enforceRules: ["data.x"], inputProfile: "history" } as const;
  await kest.verified(options, (n: number) => n)(await inc(await inc(kest.originate(0))));
  const nodes = engine.inputs[0]!.history!.map((entry) => entry.node_id);
  assert.deepEqual(nodes, ["originate", "inc", "inc"]);
});

test("input_digest is the SHA-256 of the text that the engine was given, which is canonical", async () => {
  const engine = new FakeEngine();
  const { step } = guarded(await bench({ policyEngine: engine }));
  const { input_digest } = headOf(await step("é")).decisions[0]!;
  const { inputText } = engine.requests[0]!;
  assert.equal(input_digest, createHash("sha256").update(inputText).digest("hex"));
  assert.equal(inputText, canonicalize(JSON.parse(inputText)));
});

test("the input document shows what flowed in, not what the step adds", async () => {
  const engine = new FakeEngine();
  const { kest } = await bench({
    policyEngine: engine,
    envCollectors: [{ collect: () => ({ zone: "eu" }) }],
    now: () => 1_700_000_000_000,
  });
  const origin = { userId: "alice", sessionId: "s1", policyRefs: ["data.x"] };
  const value = kest.originate(1, { ...origin, taint: ["b", "a"], trustScore: 0.25 });
  const step = kest.verified({
    nodeId: "step",
    enforceRules: ["data.x"],
    addedTaint: ["added"],
    labels: { app: "demo" },
    nodeTrustScore: 0.5,
  }, (_a: number, _b: string) => 1);
  await step(value, "raw");
  const parent = headOf(value);
  assert.deepEqual(engine.inputs[0], {
    environment: { zone: "eu" },
    labels: { app: "demo" },
    node_id: "step",
    origins: [{
      user_id: "alice",
      session_id: "s1",
      policies: { curated_refs: ["data.x"], inline_rules: null },
    }],
    parents: [{
      entry_hash: parent.entry_hash,
      entry_id: parent.entry_id,
      kind: "originate",
      node_id: "originate",
      roles: ["argument"],
    }],
    policy_refs: ["data.x"],
    profile: "basic",
    raw_arguments: 1,
    taints: ["a", "b"],
    time_ms: 1_700_000_000_000,
    trust_score: 0.25,
    version: "kest-input/1",
  });
});

test("a step without tracked arguments shows its own origin", async () => {
  const engine = new FakeEngine();
  const { step } = guarded(await bench({ policyEngine: engine }));
  await step(1);
  assert.equal(engine.inputs[0]!.origins[0]!.user_id, "system-implicit");
  assert.deepEqual(engine.inputs[0]!.parents, []);
});

test("an input document without canonical form denies, with no digest", async () => {
  const made = await bench({ policyEngine: new FakeEngine(), inputProfile: "arguments" });
  const { ran, step } = guarded(made);
  const bytes = made.kest.originate(new Uint8Array(1));
  const violation = await violationOf(step([bytes]));
  assert.equal(violation.decision.cause, "error");
  assert.equal(violation.decision.input_digest, null);
  assert.equal(ran.length, 0);
  await assertVerifies(violation.passport, made.trust);
});

// ---- Origin policies ----

test("a policy reference is mapped by policyRefs", async () => {
  const engine = new FakeEngine();
  const made = await bench({ policyEngine: engine, policyRefs: { gdpr: "data.eu.gdpr" } });
  const { step } = guarded(made, []);
  const result = await step(made.kest.originate(1, { policyRefs: ["gdpr"] }));
  assert.deepEqual(engine.requests.map(({ rule }) => rule), ["data.eu.gdpr"]);
  const [decision] = headOf(result).decisions;
  assert.equal(decision!.source, "origin");
  assert.equal(decision!.reference, "gdpr");
  assert.equal(decision!.rule, "data.eu.gdpr");
  await assertVerifies(result.passport, made.trust);
});

test("a reference that starts with data. is the rule path, whatever policyRefs says", async () => {
  const engine = new FakeEngine();
  const made = await bench({ policyEngine: engine, policyRefs: { "data.b": "data.c" } });
  const { step } = guarded(made, []);
  await step(made.kest.originate(1, { policyRefs: ["data.b", "data.a"] }));
  assert.deepEqual(engine.requests.map(({ rule }) => rule), ["data.a", "data.b"]);
});

for (const reference of ["nowhere", "toString", "__proto__", "constructor"]) {
  test(`an unresolved reference denies: ${reference}`, async () => {
    const made = await bench({ policyEngine: new FakeEngine() });
    const { ran, step } = guarded(made, []);
    const value = made.kest.originate(1, { policyRefs: [reference] });
    const violation = await violationOf(step(value));
    assert.equal(violation.decision.cause, "unresolved");
    assert.equal(violation.decision.rule, reference);
    assert.equal(ran.length, 0);
    await assertVerifies(violation.passport, made.trust);
  });
}

test("origin policies hold at every later step, and after merging with other data", async () => {
  const engine = new FakeEngine();
  const made = await bench({ policyEngine: engine });
  const add = made.kest.verified({ nodeId: "add" }, (a: number, b: number) => a + b);
  const bound = made.kest.originate(1, { policyRefs: ["data.p"] });
  const one = await add(bound, 1);
  const two = await add(made.kest.originate(2), one);
  assert.equal(engine.requests.length, 2);
  assert.equal(headOf(two).decisions[0]!.reference, "data.p");
  await assertVerifies(two.passport, made.trust);
});

test("origin policies hold in nested calls", async () => {
  const engine = new FakeEngine(({ rule, inputText }) => ({
    value: !(rule === "data.p" && JSON.parse(inputText).node_id === "send"),
    policyDigest: null,
  }));
  const { kest } = await bench({ policyEngine: engine });
  const send = kest.verified({ nodeId: "send" }, () => 1);
  const outer = kest.verified({ nodeId: "outer" }, (_: number) => send());
  const violation = await violationOf(outer(kest.originate(1, { policyRefs: ["data.p"] })));
  assert.equal(violation.entry.node_id, "send");
});

test("inline rules deny where the engine cannot evaluate them", async () => {
  const made = await bench({ policyEngine: new FakeEngine() });
  const { ran, step } = guarded(made, []);
  const value = made.kest.originate(1, { inlineRules: "package x" });
  const violation = await violationOf(step(value));
  assert.equal(violation.decision.cause, "unresolved");
  assert.equal(violation.decision.reference, "inline_rules");
  assert.equal(ran.length, 0);
});

test("inline rules are evaluated where the engine can", async () => {
  const [yes, no] = [new InlineEngine(true), new InlineEngine(false)];
  const made = await bench({ policyEngine: yes });
  const { ran, step } = guarded(made, []);
  const value = made.kest.originate(1, { inlineRules: "package x\nallow := true" });
  const result = await step(value);
  assert.deepEqual(yes.modules, ["package x\nallow := true"]);
  assert.equal(headOf(result).decisions[0]!.policy_digest, "inline:1");
  await assertVerifies(result.passport, made.trust);
  made.kest.config.policyEngine = no;
  assert.equal((await violationOf(step(value))).decision.cause, null);
  assert.equal(ran.length, 1);
});

test("inline rules without any engine deny", async () => {
  const made = await bench();
  const value = made.kest.originate(1, { inlineRules: "package x" });
  const violation = await violationOf(guarded(made, []).step(value));
  assert.equal(violation.decision.cause, "no-engine");
});

test("a policy of data that a call merely read holds at the steps after it", async () => {
  const engine = new FakeEngine();
  const { kest } = await bench({ policyEngine: engine });
  const aside = kest.originate(1, { policyRefs: ["data.p"] });
  const reader = await kest.verified({ nodeId: "reader" }, () => aside.data)();
  assert.equal(engine.requests.length, 0);
  await kest.verified({ nodeId: "after" }, (n: number) => n)(reader);
  assert.deepEqual(engine.requests.map(({ rule }) => rule), ["data.p"]);
});

test("a passport whose step carries its origin's decision satisfies policy", async () => {
  const made = await bench();
  const value = made.kest.originate(1, { policyRefs: ["data.p"] });
  made.kest.config.policyEngine = new FakeEngine();
  const result = await guarded(made, []).step(value);
  const report = await sealAndVerify(result.passport, made.trust);
  assert.equal(report.verdicts.policy.code, "SATISFIED");
});

test("a trust policy can require a rule under a policy digest", async () => {
  const made = await bench({ policyEngine: new FakeEngine() });
  const sealed = JSON.stringify(await (await guarded(made).step()).passport.seal());
  const under = (digest: string) => ({
    trust: {
      ...made.trust,
      require: [{ node: "guarded", rule: "data.x.allow", policy_digests: [digest] }],
    },
  });
  assert.equal((await verifyPassport(sealed, under("fake:1"))).outcome, "verified");
  const other = await verifyPassport(sealed, under("fake:2"));
  assert.equal(other.outcome, "invalid");
  assert.equal(other.verdicts.policy.code, "DECISION_MISSING");
});

test("a denied or failed call cannot satisfy a required rule; its denial is noted", async () => {
  const made = await bench({ policyEngine: new FakeEngine(always(false)) });
  const violation = await violationOf(guarded(made).step());
  const report = await sealAndVerify(violation.passport, made.trust);
  assert.deepEqual(report.findings.map(({ code }) => code), ["DENIED"]);
});

test("originate checks its origin's texts", () => {
  const kest = createKest();
  assert.throws(() => kest.originate(1, { userId: "\ud800" }), coded("LABEL"));
  assert.throws(() => kest.originate(1, { policyRefs: [1 as unknown as string] }), coded("LABEL"));
});

test("profile arguments shows bytes, undefined and opaque arguments by their descriptors", async () => {
  const engine = new FakeEngine();
  const made = await bench({ policyEngine: engine, inputProfile: "arguments" });
  const options = { nodeId: "many", enforceRules: ["data.p.allow"], opaqueArgs: [2] };
  const many = made.kest.verified(options, (..._: unknown[]) => 1);
  await many(new Uint8Array(1), undefined, () => 1, { a: 1 });
  const [bytes, nothing, opaque, plain] = engine.inputs[0]!.arguments as Record<string, unknown>[];
  assert.equal(bytes!["kind"], "bytes");
  assert.equal(nothing!["kind"], "undefined");
  assert.deepEqual(opaque, { arg: 2, kind: "opaque", type: "function" });
  assert.deepEqual(plain, { a: 1 });
});

test("an engine cannot change what the next one sees, or what is on record", async () => {
  const seen: unknown[] = [];
  const meddler: PolicyEngine = {
    kind: "meddler",
    evaluate: ({ input, inputText }) => {
      for (const part of partsOf(input)) seen.push(Object.isFrozen(part));
      assert.deepEqual(JSON.parse(inputText), JSON.parse(JSON.stringify(input)));
      return { value: true, policyDigest: null };
    },
  };
  for (const inputProfile of ["basic", "history"] as const) {
    const { kest } = await bench({ policyEngine: meddler, inputProfile });
    const value = kest.originate(1, { taint: ["a"], labels: { b: "c" }, policyRefs: ["data.x"] });
    const step = kest.verified({ nodeId: "s", labels: { d: "e" } }, (n: number) => n);
    await step(await step(value));
  }
  assert.ok(seen.length > 20);
  assert.equal(seen.includes(false), false);
});

/** A value and every object in it. */
function partsOf(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(partsOf)];
}

test("policies see the arguments that were hashed, not what a toJSON says later", async () => {
  let asked = 0;
  const liar = { toJSON: () => ({ amount: asked++ === 0 ? 1_000_000 : 1 }) };
  const engine = new FakeEngine();
  const { kest } = await bench({ policyEngine: engine });
  let ran = false;
  const options = { nodeId: "pay", enforceRules: ["data.x"], inputProfile: "arguments" } as const;
  const pay = kest.verified(options, (_: unknown) => (ran = true));
  await assert.rejects(() => pay(liar), coded("DATA_MUTATED"));
  assert.equal(ran, false);
});

test("an engine that keeps the thread busy past the deadline denies", async () => {
  const busy = new FakeEngine(() => {
    const end = performance.now() + 30;
    while (performance.now() < end);
    return { value: true, policyDigest: null };
  });
  const made = await bench({ policyEngine: busy, policyTimeoutMs: 5 });
  const violation = await violationOf(guarded(made).step());
  assert.equal(violation.decision.cause, "timeout");
});
