// The engine against OPA on random policies; more with tests/rego/differential.ts.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { agree, askEngine, compare } from "./differential.ts";

const CASES = 300;

test(`OPA and the engine agree on ${CASES} random policies`, (t) => {
  const { error } = spawnSync("opa", ["version"]);
  if (error) {
    t.diagnostic("Left out: the comparison with OPA; there is no opa on PATH");
    assert.equal((error as { code?: string }).code, "ENOENT");
    return;
  }
  const { compared, skipped } = compare(CASES, 20_261_123);
  t.diagnostic(`${compared} compared, ${skipped} refused by OPA's type checker`);
  assert.ok(compared > CASES * 0.8);
});

test("agree() sees every difference", () => {
  const engine = askEngine({ policies: ["package p\n\nr := 1"], data: {}, input: {} });
  assert.deepEqual(engine, { value: '{"r":1}' });
  assert.equal(agree({ value: '{"r":1}' }, engine), true);
  assert.equal(agree({ value: '{"r":2}' }, engine), false);
  assert.equal(agree({ error: "eval_conflict_error" }, engine), false);
  assert.equal(agree({ compileError: "rego_unsafe_var_error" }, engine), false);
  assert.equal(agree({ compileError: "rego_type_error" }, engine), "not comparable");
});
