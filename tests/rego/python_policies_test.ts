// The policies of the Python package, as they are there (Apache-2.0): v0.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LocalOpaEngine, PolicyCompileError } from "../../lib/rego/mod.ts";

function source(name: string): string {
  const url = new URL(`../fixtures/python_policies/${name}.rego`, import.meta.url);
  return readFileSync(url, "utf8");
}

function load(name: string): LocalOpaEngine {
  const engine = new LocalOpaEngine();
  assert.equal(engine.addPolicy(name, source(name)).regoVersion, "v0");
  return engine;
}

function ask(engine: LocalOpaEngine, rule: string, input: unknown): unknown {
  return engine.evaluate({ rule: `data.kest.${rule}`, input }).value;
}

for (const name of ["flow_example", "flow_test"]) {
  test(`the Python package's ${name} runs as it is`, () => {
    const engine = load(name);
    const allow = (...taints: string[]) => ask(engine, "policy.allow", { taints });
    assert.equal(allow(), true);
    assert.equal(allow("pii_data"), true);
    assert.equal(allow("internet_data"), true);
    assert.equal(allow("pii_data", "internet_data"), false);
    assert.equal(allow("pii_data", "internet_data", "pii_stripped"), true);
    assert.equal(ask(engine, "policy.allow", {}), true);
  });
}

test("the flow example's other rules are undefined where they do not hold", () => {
  const engine = load("flow_example");
  const taints = ["system_a"];
  assert.equal(ask(engine, "policy.allow_system_a_only", { taints }), true);
  assert.equal(ask(engine, "policy.allow_system_a_only", { taints: [] }), undefined);
  assert.equal(ask(engine, "policy.allow_strip_pii", { taints }), undefined);
});

test("the Python package's unit test of its engine runs as it is", () => {
  const engine = load("policy_test");
  const input = (taint: string) => ({
    history: { "node-1": { accumulated_taint: [taint] } },
    leaf_node: "node-1",
  });
  assert.equal(ask(engine, "policy.allow", input("untrusted")), false);
  assert.equal(ask(engine, "policy.allow", input("clean_data")), true);
});

test("the Python package's trust demo runs as it is", () => {
  const engine = load("trust_demo");
  assert.equal(ask(engine, "trust.allow", { trust_score: 0.7 }), true);
  assert.equal(ask(engine, "trust.allow", { trust_score: 0.69 }), false);
});

test("the rule of the Python README is refused, with what to do instead", () => {
  assert.throws(() => load("readme"), (error) => {
    assert.ok(error instanceof PolicyCompileError);
    const [issue, ...more] = error.issues;
    assert.deepEqual(more, []);
    assert.equal(issue!.code, "rego_unsafe_var_error");
    assert.equal(issue!.row, 17);
    assert.equal(issue!.col, 5);
    assert.match(issue!.line, /not input\.taints\[_\] == "pii_stripped"/);
    assert.match(issue!.message, /^var _ is unsafe.*rule of its own.*not x in xs/);
    return true;
  });
});

test("the README's rules run once the negation has a rule of its own", () => {
  const fixed = source("readme")
    .replace('not input.taints[_] == "pii_stripped"', "not has_stripped")
    .concat('\nhas_stripped { input.taints[_] == "pii_stripped" }\n');
  const engine = new LocalOpaEngine();
  engine.addPolicy("readme", fixed);
  const merge = (...taints: string[]) => ask(engine, "policy.allow_merge", { taints });
  assert.equal(merge("pii_data", "internet_data", "other"), undefined);
  assert.equal(merge("pii_data", "internet_data", "pii_stripped"), true);
  assert.equal(ask(engine, "policy.allow_system_a_only", { taints: ["system_a"] }), true);
});
