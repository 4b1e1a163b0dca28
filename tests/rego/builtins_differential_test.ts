// The builtins against OPA's on random calls; more with tests/rego/builtins_differential.ts.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { ARITY } from "../../lib/rego/signatures.ts";
import { NAMES } from "./builtins_calls.ts";
import { agree, askEngine, compare, differenceText } from "./builtins_differential.ts";

const CASES = 800;

test(`OPA and the engine agree on ${CASES} random calls`, (t) => {
  const { error } = spawnSync("opa", ["version"]);
  if (error) {
    t.diagnostic("Left out: the comparison with OPA; there is no opa on PATH");
    assert.equal((error as { code?: string }).code, "ENOENT");
    return;
  }
  assert.deepEqual(compare(CASES, 20_261_125).map(differenceText), []);
});

test("every builtin is called", () => {
  assert.deepEqual([...NAMES].sort(), [...ARITY.keys()].sort());
  assert.ok(NAMES.length > 150);
});

test("agree() sees every difference", () => {
  const call = { name: "plus", args: ["1", "1.5"] };
  const [sum] = askEngine([call]);
  assert.deepEqual(sum, { json: "2.5", term: "2.5" });
  assert.equal(agree(call, { json: "2.5", term: "2.5" }, sum!), true);
  assert.equal(agree(call, { json: "2.50", term: "2.5" }, sum!), false);
  assert.equal(agree(call, { json: "2.5", term: '"2.5"' }, sum!), false);
  assert.equal(agree(call, { failed: "undefined" }, sum!), false);
  const [failed] = askEngine([{ name: "plus", args: ["1", '"a"'] }]);
  assert.match((failed as { failed: string }).failed, /^eval_type_error: plus: operand 2/);
  assert.equal(agree(call, { failed: "eval_type_error: other words" }, failed!), true);
  assert.equal(agree(call, { failed: "undefined" }, failed!), false);
});
