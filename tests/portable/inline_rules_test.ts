// Policies that come with the data, under the real engine (SPEC 8.4).

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Kest, LocalOpaEngine, PolicyViolationError } from "../../mod.ts";
import { assertVerifies, bench, errorOf, headOf } from "./helpers.ts";

async function instance(): Promise<Kest> {
  const policyEngine = new LocalOpaEngine({ data: { open: true } });
  policyEngine.addPolicy("mine.rego", "package mine\nallow := true");
  const made = await bench({ policyEngine });
  return made.kest;
}

async function denialOf(promise: PromiseLike<unknown>): Promise<PolicyViolationError> {
  const error = await errorOf(promise);
  assert.ok(error instanceof PolicyViolationError, String(error));
  assert.equal(error.decision.reference, "inline_rules");
  return error;
}

const NO_EXPORT = `package no_export

default allow := false

allow if input.node_id != "export"
`;

test("inline rules hold at every later step, however far", async () => {
  const kest = await instance();
  const keep = kest.verified({ nodeId: "keep" }, (n: number) => n + 1);
  const send = kest.verified({ nodeId: "export" }, (n: number) => n);
  const start = kest.originate(1, { inlineRules: NO_EXPORT });
  assert.equal((await denialOf(send(start))).decision.cause, null);
  const later = await keep(await keep(await keep(start)));
  assert.equal(later.data, 4);
  assert.equal((await denialOf(send(later))).entry.node_id, "export");
});

test("rules of all origins must allow; one more can only deny", async () => {
  const { kest, trust } = await bench({ policyEngine: new LocalOpaEngine() });
  const add = kest.verified({ nodeId: "add" }, (a: number, b: number) => a + b);
  const yes = kest.originate(1, { inlineRules: "package a\nallow := true" });
  const no = kest.originate(2, { inlineRules: "package b\nallow := false" });
  const free = kest.originate(3);
  const sum = await add(yes, free);
  assert.equal(headOf(sum).decisions.length, 1);
  await assertVerifies(sum.passport, trust);
  await denialOf(add(yes, no));
  await denialOf(add(no, free));
});

const DENIED: Readonly<Record<string, readonly [source: string, cause: string | null]>> = {
  "false": ["package x\nallow := false", null],
  "without allow": ["package x\nother := true", "undefined"],
  "undefined": ["package x\nallow if false", "undefined"],
  "not boolean": ['package x\nallow := "true"', "not-boolean"],
  "a set": ["package x\nallow contains 1", "not-boolean"],
  "a syntax error": ["package x\nallow if {", "error"],
  "no Rego": ["let it pass", "error"],
  "empty": ["\n", "error"],
  "an unsafe variable": ["package x\nallow if not input.taints[_] == 1", "error"],
  "a conflict": ["package x\nallow := true\nallow := false", "error"],
  "a refused builtin": [
    'package x\nallow if http.send({"method": "get", "url": "u"}).status_code == 200',
    "error",
  ],
  "the instance's policies": ["package x\nallow if data.mine.allow", "undefined"],
  "the instance's data": ["package x\nallow if data.open", "undefined"],
  "too many steps": [
    "package x\nallow if count([1 | some i in numbers.range(1, 3000); some j in numbers.range(1, 3000)]) > 0",
    "error",
  ],
  "too much memory": ["package x\nallow if count(numbers.range(1, 1000000000)) > 0", "error"],
};

for (const [name, [source, cause]] of Object.entries(DENIED)) {
  test(`inline rules deny: ${name}`, async () => {
    const kest = await instance();
    let ran = 0;
    const step = kest.verified({ nodeId: "step" }, (n: number) => (ran++, n));
    const denied = await denialOf(step(kest.originate(1, { inlineRules: source })));
    assert.equal(denied.decision.cause, cause, denied.message);
    assert.equal(ran, 0);
  });
}

test("inline rules of version 0 are read as such", async () => {
  const kest = await instance();
  const step = kest.verified({ nodeId: "step" }, (n: number) => n);
  const inlineRules = 'package old\ndefault allow = false\nallow { input.node_id == "step" }';
  assert.equal((await step(kest.originate(1, { inlineRules }))).data, 1);
});

test("inline rules see the decision's time and the taints at ingress, not the step's own", async () => {
  const made = await bench({ policyEngine: new LocalOpaEngine(), now: () => 5 });
  const { kest } = made;
  const step = kest.verified({ nodeId: "step", addedTaint: ["own"] }, (n: number) => n);
  const inlineRules = `package x
allow if {
	input.taints == ["in"]
	time.now_ns() == 5000000
}`;
  assert.equal((await step(kest.originate(1, { taint: ["in"], inlineRules }))).data, 1);
});

test("rules by reference and inline rules hold together", async () => {
  const policyEngine = new LocalOpaEngine();
  policyEngine.addPolicy("p", 'package p\nallow if input.node_id != "b"');
  const { kest } = await bench({ policyEngine, policyRefs: { "no-b": "data.p.allow" } });
  const inlineRules = 'package x\nallow if input.node_id != "c"';
  const start = kest.originate(1, { policyRefs: ["no-b"], inlineRules });
  const step = (nodeId: string) => kest.verified({ nodeId }, (n: number) => n)(start);
  assert.equal(headOf(await step("a")).decisions.length, 2);
  const byReference = await errorOf(step("b"));
  assert.ok(byReference instanceof PolicyViolationError);
  assert.equal(byReference.decision.reference, "no-b");
  await denialOf(step("c"));
  const unknown = kest.originate(1, { policyRefs: ["nobody-knows"] });
  const unresolved = await errorOf(kest.verified({ nodeId: "a" }, (n: number) => n)(unknown));
  assert.ok(unresolved instanceof PolicyViolationError);
  assert.equal(unresolved.decision.cause, "unresolved");
});
