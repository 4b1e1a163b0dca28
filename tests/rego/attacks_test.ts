// What was found by attacking the engine: cost that nobody pays for, one digest
// with two outcomes, names that mean something else than in OPA.

import assert from "node:assert/strict";
import { test } from "node:test";
import { KestError } from "../../lib/base/errors.ts";
import { compilingWithin } from "../../lib/rego/compile_budget.ts";
import { LocalOpaEngine, PolicyCompileError, RegoError } from "../../lib/rego/mod.ts";

const LENGTH = 64_000;

/** Lines up to a length. */
function lines(line: (i: number) => string, length = LENGTH, separator = "\n"): string {
  const all: string[] = [];
  for (let i = 0, size = 0;; i++) {
    const next = line(i);
    size += next.length + separator.length;
    if (size > length) return all.join(separator);
    all.push(next);
  }
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return assert.fail("it should have thrown");
}

function reasonOf(run: () => unknown): string | undefined {
  const error = thrownBy(run);
  assert.ok(error instanceof KestError, String((error as Error).stack));
  if (error instanceof PolicyCompileError) return error.issues[0]!.code;
  return error instanceof RegoError ? error.reason : error.code;
}

/** `x0, x1, …`. */
function names(count: number, from = 0): string {
  return Array.from({ length: count }, (_, i) => `x${i + from}`).join(", ");
}

const HALF = LENGTH / 2;

/** Modules of 64 KB that take far more steps than they are long. */
const COSTLY: Readonly<Record<string, string>> = {
  "every rule may be every other": lines((i) => `a${i} if data[x][y]`),
  "every rule asks the package": lines((i) => `a${i} if data.p`),
  "paths with variables, through many rules": lines((i) => `a${i}.b := 1`, HALF) + "\n" +
    lines((i) => `f(${i}) if data.p[x].b`, HALF),
  "each variable of an equation waits for the next": `allow if [${names(4_000)}] = [${
    names(3_999, 1)
  }, 1]`,
  "an else chain of a function with many parameters": `f(${names(4_000)}) := 1 if false ${
    lines(() => "else := 2 if false", HALF, " ")
  }`,
  "a large value of many bodies": `p := [${lines(() => "1", HALF, ", ")}] if { true } ${
    lines(() => "{ true }", HALF, " ")
  }`,
  "many closures below many variables": `allow if { ${lines((i) => `x${i} := 1`, HALF, "; ")}; ${
    lines(() => "[1 | 1]", HALF, "; ")
  } }`,
  "a long import, often": `import data.${"a.".repeat(190)}a as s
allow if [${lines(() => "s", LENGTH - 500, ",")}]`,
  "deep patterns": lines((i) => `a${i} if ${"[".repeat(190)}x${"]".repeat(190)} = input.a`),
};

for (const [what, rules] of Object.entries(COSTLY)) {
  test(`compiling inline rules ends within its budget: ${what}`, () => {
    const engine = new LocalOpaEngine();
    const ask = () => engine.evaluateInline(`package p\n${rules}`, { input: {} });
    assert.equal(reasonOf(ask), "eval_budget_error");
  });
}

test("ordinary inline rules of the full length are within the budget", () => {
  const rule = (i: number) =>
    `allow if {
  some x in input.items
  x.kind == "k${i}"
  not x.id in data.known[x.kind]
  count([y | some y in x.parts; y > ${i}]) > 2
}`;
  const source = `package p\n${lines(rule)}`;
  assert.equal(new LocalOpaEngine().evaluateInline(source, { input: {} }).value, undefined);
});

test("what is wrong with inline rules is found once", () => {
  const engine = new LocalOpaEngine();
  for (const rules of [COSTLY["deep patterns"], "allow if x", "allow := )"]) {
    const ask = () => engine.evaluateInline(`package p\n${rules}`, { input: {} });
    assert.equal(thrownBy(ask), thrownBy(ask));
  }
});

test("recursion is reported for ten rules at most, each with a short cycle", () => {
  const ring = Array.from({ length: 2_000 }, (_, i) => `a${i} if a${(i + 1) % 2_000}`).join("\n");
  const own = Array.from({ length: 300 }, (_, i) => `b${i} if data.p[x]`).join("\n");
  const compile = () =>
    compilingWithin(300_000, () => new LocalOpaEngine().addPolicy("p", `package p\n${ring}`));
  const error = thrownBy(compile) as PolicyCompileError;
  assert.equal(error.issues[0]!.code, "rego_recursion_error");
  assert.equal(error.issues[0]!.message.split(" -> ").length, 22);
  const many = () =>
    compilingWithin(1_000_000, () => new LocalOpaEngine().addPolicy("p", `package p\n${own}`));
  const { issues } = thrownBy(many) as PolicyCompileError;
  assert.ok(issues.length <= 10 && issues.every(({ message }) => message.length < 100));
});
