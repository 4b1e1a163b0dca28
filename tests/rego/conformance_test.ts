// OPA's conformance suite; the cases are not part of this repository.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runCase, runFolder } from "./conformance.ts";

const FOLDER = fileURLToPath(new URL("../../../shared/opa-conformance", import.meta.url));
const EXCEPTIONS: Record<string, string> = JSON.parse(
  readFileSync(new URL("conformance_exceptions.json", import.meta.url), "utf8"),
);

test("OPA's conformance cases pass, but for those with a reason", (t) => {
  assert.ok(Object.values(EXCEPTIONS).every((reason) => reason.length > 20));
  if (!existsSync(FOLDER)) {
    t.diagnostic("Left out: the conformance cases; there is no ../shared/opa-conformance");
    return;
  }
  const verdicts = [...runFolder(FOLDER)];
  const count = (outcome: string) => verdicts.filter((v) => v.outcome === outcome).length;
  t.diagnostic(`${count("passed")} passed, ${count("refused")} refused`);
  assert.deepEqual(verdicts.filter(({ outcome }) => outcome === "failed"), []);
  assert.equal(count("excepted"), Object.keys(EXCEPTIONS).length);
  assert.ok(count("passed") > 1_000);
});

test("a case that comes out otherwise fails", () => {
  const modules = ["package a\n\np := input.x + 1"];
  const base = { note: "n", modules, query: "data.a.p = x", input: { x: 1 } };
  const outcome = (more: object) => runCase({ ...base, ...more })[0];
  assert.equal(outcome({ want_result: [{ x: "#2" }] }), "failed");
  assert.equal(outcome({ want_result: [{ x: 2 }] }), "passed");
  assert.equal(outcome({ want_result: [] }), "failed");
  assert.equal(outcome({ want_error_code: "eval_conflict_error" }), "failed");
  assert.equal(outcome({ modules: ["package a\np := http.send({})"] }), "refused");
  assert.equal(outcome({ modules: ["package a\np := q"], want_result: [] }), "failed");
});
