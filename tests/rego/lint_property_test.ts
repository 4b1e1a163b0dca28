/** The lint misses nothing: a rule that more taints turn to allow is doubted. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lintPolicies } from "../../lib/rego/lint.ts";
import { LocalOpaEngine } from "../../lib/rego/mod.ts";
import { readPolicy } from "../../lib/rego/policy_set.ts";

const taint = fc.constantFrom("a", "b");
const order = fc.constantFrom("<", "<=", "==", "!=", ">=", ">");
const few = fc.integer({ min: 0, max: 2 });
const template = (write: (taint: string, order: string, few: number) => string) =>
  fc.tuple(taint, order, few).map((drawn) => write(...drawn));

/** Conditions on the taints themselves. */
const onTaints = fc.oneof(
  template((t) => `"${t}" in input.taints`),
  template((t) => `not "${t}" in input.taints`),
  template((t) => `input.taints[_] == "${t}"`),
  template((_, o, n) => `count(input.taints) ${o} ${n}`),
  template((t) => `every t in input.taints { t != "${t}" }`),
  template((t, o, n) => `count({t | some t in input.taints; t != "${t}"}) ${o} ${n}`),
  template((t, o, n) => `count({"${t}"} - {t | some t in input.taints}) ${o} ${n}`),
  template((t, o, n) => `count({t | some t in input.taints} - {"${t}"}) ${o} ${n}`),
  template((t, o, n) => `count({"${t}"} & {t | some t in input.taints}) ${o} ${n}`),
  template((t) => `has(input.taints, "${t}")`),
  template((t) => `not lacks(input, "${t}")`),
);

/** Conditions by way of other rules. */
const onHelpers = fc.oneof(
  fc.constantFrom("h0", "not h0", "h0 == true", "h0 == false", "h0 != true", "h1", "not h1"),
  fc.constantFrom("[1 | h0] == []", "[1 | h1] != []", "found := h0; not found"),
  template((t) => `named["${t}"]`),
  template((_, o, n) => `count(named) ${o} ${n}`),
  template((_, o, n) => `level ${o} ${n}`),
);

function rule(name: string, condition: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const body = fc.uniqueArray(condition, { minLength: 1, maxLength: 2 }).map((all) =>
    all.join("\n")
  );
  return fc.tuple(fc.nat(4), body, body).map(([form, one, two]) =>
    [
      `${name} if {\n${one}\n}`,
      `default ${name} := false\n${name} if {\n${one}\n}`,
      `default ${name} := true\n${name} := false if {\n${one}\n}`,
      `${name} := false if {\n${one}\n} else := true if {\n${two}\n}`,
      `${name} if {\n${one}\n}\n${name} if {\n${two}\n}`,
    ][form]!
  );
}

const policy = fc.tuple(
  fc.constant(`package p
has(taints, taint) if taint in taints
lacks(document, taint) if not taint in document.taints`),
  onTaints.map((condition) => `named contains t if { some t in input.taints; ${condition} }`),
  fc.tuple(few, onTaints, few).map(([n, condition, m]) =>
    `level := ${n} if { ${condition} } else := ${m}`
  ),
  rule("h0", onTaints),
  rule("h1", fc.oneof(onTaints, fc.constantFrom("h0", "not h0"))),
  rule("allow", fc.oneof(onTaints, onHelpers)),
).map((parts) => parts.join("\n"));

const SETS = Array.from(
  { length: 8 },
  (_, bits) => ["a", "b", "c"].filter((_, i) => bits >> i & 1),
);

/** Whether more taints can turn `allow` from anything else to true. */
function isTurned(source: string): boolean {
  const engine = new LocalOpaEngine();
  engine.addPolicy("p.rego", source);
  const holds = SETS.map((taints) =>
    engine.evaluate({ rule: "data.p.allow", input: { taints } }).value === true
  );
  return SETS.some((less, i) =>
    SETS.some((more, j) => less.every((each) => more.includes(each)) && !holds[i] && holds[j])
  );
}

function isDoubted(source: string): boolean {
  const { module } = readPolicy("p.rego", source, "v1");
  return lintPolicies([module]).some(({ rules }) => rules.includes("data.p.allow"));
}

test("every rule that more taints can turn to allow is doubted", () => {
  const seen = { turned: 0, calm: 0 };
  fc.assert(
    fc.property(policy, (source) => {
      const turned = isTurned(source);
      const doubted = isDoubted(source);
      if (turned) seen.turned++;
      if (!turned && !doubted) seen.calm++;
      assert(doubted || !turned, source);
    }),
    { numRuns: 500 },
  );
  assert(seen.turned > 50 && seen.calm > 20, JSON.stringify(seen));
});
