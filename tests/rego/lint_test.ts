/** The lint: which conditions let through whoever adds a taint, and which do not. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Module } from "../../lib/rego/ast.ts";
import { type LintIssue, lintPolicies } from "../../lib/rego/lint.ts";
import { LocalOpaEngine } from "../../lib/rego/mod.ts";
import { readPolicy } from "../../lib/rego/policy_set.ts";

function parse(name: string, source: string): Module {
  return readPolicy(name, source, "auto").module;
}

/** What is doubted. Policies that do not compile are no case. */
function issuesOf(sources: readonly string[]): readonly LintIssue[] {
  const named = sources.map((source, index) => [`${index}.rego`, source] as const);
  new LocalOpaEngine().addPolicies(named);
  return lintPolicies(named.map(([name, source]) => parse(name, source)));
}

/** The lines at which policies are doubted, trimmed. */
function doubted(...sources: string[]): string[] {
  return issuesOf(sources).map(({ line }) => line.trim());
}

/** How often `allow` is doubted: helpers that it does not use are decisions of their own. */
function doubtsOfAllow(source: string): number {
  return issuesOf([source]).filter(({ rules }) => rules.includes("data.p.allow")).length;
}

/** One rule `allow` with this body, and whatever else. */
function allow(body: string, more = ""): string {
  return `package p\n\nallow if {\n${body}\n}\n\n${more}\n`;
}

const PRESENT = `"ok" in input.taints`;

test("conditions that hold because a taint is there are doubted", () => {
  const bodies = [
    PRESENT,
    `input.taints[_] == "ok"`,
    `"ok" == input.taints[_]`,
    `input.taints[_] = "ok"`,
    `some taint in input.taints`,
    `some "ok" in input.taints`,
    `input.taints[0] == "ok"`,
    `input["taints"][_] == "ok"`,
    `count(input.taints) > 0`,
    `0 < count(input.taints)`,
    `count(input.taints) != 0`,
    `count(input.taints) == 1`,
    `count({t | some t in input.taints; t == "ok"}) >= 1`,
    `count({"ok"} - {t | some t in input.taints}) == 0`,
    `object.get(input, "taints", [])[_] == "ok"`,
    `contains(concat(",", input.taints), "ok")`,
    `not not_ok`,
    `not all_bad`,
    `is_ok`,
    `is_ok == true`,
    `named["ok"]`,
    `"ok" in named`,
    `has(input.taints)`,
    `asked(input)`,
    `level > 1`,
    `level == 2`,
    `lacking == false`,
  ];
  const helpers = `
not_ok if not ${PRESENT}
all_bad if every t in input.taints { t != "ok" }
is_ok if ${PRESENT}
named contains t if some t in input.taints
has(taints) if "ok" in taints
asked(document) if "ok" in document.taints
level := 2 if ${PRESENT}
default lacking := true
lacking := false if ${PRESENT}
`;
  for (const body of bodies) {
    assert.equal(doubtsOfAllow(allow(body, helpers)), 1, body);
  }
});

test("what a step adds to a local variable is followed", () => {
  assert.deepEqual(doubted(allow(`taints := input.taints\n"ok" in taints`)), [`"ok" in taints`]);
  assert.deepEqual(doubted(allow(`t := input.taints[_]\nt == "ok"`)), ["t := input.taints[_]"]);
  assert.deepEqual(doubted(allow(`n := count(input.taints)\nn > 0`)), ["n > 0"]);
  assert.deepEqual(doubted(allow(`n := count(input.taints)\nn = 2`)), ["n = 2"]);
  assert.deepEqual(doubted(allow(`found := ${PRESENT}\nfound`)), ["found"]);
  assert.deepEqual(doubted(allow(`doc := input\n"ok" in doc.taints`)), [`"ok" in doc.taints`]);
});

test("conditions that taints can only break are not doubted", () => {
  const bodies = [
    `not "bad" in input.taints`,
    `every t in input.taints { t != "bad" }`,
    `every t in input.taints { is_string(t) }`,
    `is_array(input.taints)`,
    `input.taints`,
    `count(input.taints) == 0`,
    `count(input.taints) < 3`,
    `count({t | some t in input.taints; t == "bad"}) == 0`,
    `count({t | some t in input.taints} - {"fine"}) == 0`,
    `count(bad) == 0`,
    `not bad["x"]`,
    `not mixed`,
    `mixed == false`,
    `not has(input.taints)`,
    `input.trust_score >= 0.7`,
    `input.labels.taints == "ok"`,
    `n := count(input.taints)\nn == 0`,
    `${PRESENT} with input.taints as ["ok"]`,
  ];
  const helpers = `
bad contains t if { some t in input.taints; t in {"x", "y"} }
default mixed := false
mixed if { "a" in input.taints; "b" in input.taints }
has(taints) if "bad" in taints
`;
  for (const body of bodies) assert.equal(doubtsOfAllow(allow(body, helpers)), 0, body);
});

test("rules that deny are looked at the other way round", () => {
  const denies = (rule: string) => doubted(`package p\n\n${rule}\n`);
  assert.deepEqual(denies(`deny if "bad" in input.taints`), []);
  assert.equal(denies(`deny if not ${PRESENT}`).length, 1);
  assert.equal(denies(`deny contains "no" if not ${PRESENT}`).length, 1);
  assert.deepEqual(denies(`violation_x contains "no" if "bad" in input.taints`), []);
  assert.deepEqual(denies(`default allow := true\n\nallow := false if "bad" in input.taints`), []);
  assert.equal(denies(`default allow := true\n\nallow := false if not ${PRESENT}`).length, 1);
});

test("else is followed", () => {
  const source =
    `package p\n\nallow := false if "bad" in input.taints\nelse := true if ${PRESENT}\n`;
  assert.deepEqual(doubted(source), [`else := true if ${PRESENT}`]);
});

test("a helper is judged by the rules that use it, in whatever file", () => {
  const helper = `package h\n\nmixed if {\n"bad" in input.taints\nnot ${PRESENT}\n}\n`;
  const user = "package p\n\nimport data.h\n\nallow if not h.mixed\n\nallow_too if not h.mixed\n";
  assert.deepEqual(doubted(user, helper), [`not ${PRESENT}`]);
  const [issue] = issuesOf([user, helper]);
  assert.deepEqual(issue?.rules, ["data.p.allow", "data.p.allow_too"]);
  assert.match(
    issue!.message,
    /^data\.p\.allow and data\.p\.allow_too let through whoever adds the taint/,
  );
  assert.deepEqual([issue!.file, issue!.row, issue!.col], ["1.rego", 5, 1]);
});

test("conditions with provenance beside them, or called intended, are not doubted", () => {
  const asked = `${PRESENT}\nsome e in input.history\ne.node_id == "strip"`;
  assert.deepEqual(doubted(allow(asked)), []);
  assert.deepEqual(doubted(allow(`${PRESENT} # kest: allow-presence`)), []);
  assert.deepEqual(doubted(allow(`# kest: allow-presence, by design\n${PRESENT}`)), []);
  assert.equal(doubted(allow(`# kest: allow-presence\n\n${PRESENT}`)).length, 1);
  const trailing = `input.x == 1 # kest: allow-presence\n${PRESENT}`;
  assert.equal(doubted(allow(trailing)).length, 1);
});

test("tests are not policies", () => {
  assert.deepEqual(doubted(`package p_test\n\nallow if ${PRESENT}\n`), []);
  assert.deepEqual(doubted(`package p\n\ntest_x if ${PRESENT}\n`), []);
});

test("negated bodies, and, or are followed", () => {
  const words =
    "import future.keywords.not\nimport future.keywords.or\nimport future.keywords.and\n\n";
  const cases: [string, number][] = [
    [`not { not ${PRESENT} }`, 1],
    [`not { x := "bad"; x in input.taints }`, 0],
    [`${PRESENT} or input.y == 1`, 1],
    [`not "bad" in input.taints and input.y == 1`, 0],
    [`not { "bad" in input.taints; not ${PRESENT} }`, 1],
  ];
  for (const [body, count] of cases) {
    assert.equal(doubted(allow(body).replace("allow", `${words}allow`)).length, count, body);
  }
});

test("v0 policies are looked at too", () => {
  assert.equal(doubted(`package p\n\nallow { input.taints[_] == "ok" }\n`).length, 1);
});

test("the shipped policies say of three doubts that they are meant", () => {
  const name = "policies/kest_policy.rego";
  const source = readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
  assert.deepEqual(lintPolicies([parse(name, source)]), []);
  const silent = source.replaceAll("# kest: allow-presence", "#");
  const found = lintPolicies([parse(name, silent)]);
  assert.deepEqual(found.map(({ rules }) => rules), [
    ["data.kest.policy.allow_strip_pii"],
    ["data.kest.policy.allow_system_a_only"],
    ["data.kest.policy.allow", "data.kest.policy.allow_merge"],
  ]);
});

test("rules that cannot be followed in bounded time are said to be so", () => {
  const chain = Array.from({ length: 3000 }, (_, i) => `a${i + 1} := f(a${i}, a${i})`).join("\n");
  const source = allow(`a0 := count(input.taints)\n${chain}\na3000 > 0`, "f(x, y) := x + y");
  const [first] = lintPolicies([parse("p.rego", source)]);
  assert.equal(first?.code, "lint_limit");
});
