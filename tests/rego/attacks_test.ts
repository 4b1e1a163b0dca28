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

const MANY = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i]));
let chain: unknown = 1;
for (let i = 0; i < 100; i++) chain = { a: chain };

/** Policies, with what each step of a loop of 500 costs beside the step. */
const UNPAID: Readonly<Record<string, string>> = {
  "with copies the input": `allow if every i in numbers.range(1, 500) { q with input.z as i }
q if input.z`,
  "with copies the data": `allow if every i in numbers.range(1, 500) { q with data.many.z as i }
q if data.many.z`,
  "the keys of a document are put in order": `allow if every i in numbers.range(1, 500) { has(i) }
has(i) if { data.p.all[_] >= 0; i }
all.x := 1`,
  "the keys of an object are listed": `allow if every i in numbers.range(1, 500) { has(i) }
has(i) if { some v in input; v + i > 0 }`,
  "a pattern asks how large an object is": `allow if every i in numbers.range(1, 500) { has(i) }
has(i) if not {"k1": i} = input`,
  "a function has many rules": `allow if every i in numbers.range(1, 500) { not has(i + 2000) }
${Array.from({ length: 2_000 }, (_, i) => `has(${i})`).join("\n")}`,
  "a body has many long references": `allow if every i in numbers.range(1, 500) { has(i) }
has(i) if {
i
${"data.chain.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a\n".repeat(1_000)}
}`,
  "a context hides many documents": `allow if ok ${
    Array.from({ length: 400 }, (_, i) => `with data.q.r${i} as 1`).join(" ")
  }
ok if every i in numbers.range(1, 500) { data.p.one == i - i + 1 }
one := 1`,
};

for (const [what, rules] of Object.entries(UNPAID)) {
  test(`what takes long is paid for: ${what}`, () => {
    const budget = { steps: 100_000, memory: 100_000_000, timeMs: 600_000 };
    const engine = new LocalOpaEngine({
      data: { many: MANY, chain, p: { all: MANY } },
      regoVersion: "v1",
      budget,
    });
    engine.addPolicy("p", `package p\n${rules}`);
    const ask = () => engine.evaluate({ rule: "data.p.allow", input: MANY });
    assert.equal(reasonOf(ask), "eval_budget_error");
  });
}

test("after one large payment the clock is looked at soon", () => {
  let time = -1_500;
  const engine = new LocalOpaEngine({ clock: () => time += 1_500 });
  engine.addPolicy(
    "p",
    "package p\nallow if { x := numbers.range(1, 50000); x[7] == 8; y }\ny if true",
  );
  assert.equal(reasonOf(() => engine.evaluate({ rule: "data.p.allow" })), "eval_budget_error");
});

/** Each order of some items. */
function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest])
  );
}

test("one digest has one outcome, whatever the policies are called", () => {
  const sources = [
    "package p\nallow if true",
    "package p\nallow if data.p.boom",
    "package p\nboom := 1\nboom := 2",
    'package p\nallow if json.unmarshal("{}").x',
  ];
  const outcomes = new Set<string>();
  for (const order of permutations(["a", "b", "c", "d"])) {
    const engine = new LocalOpaEngine({ regoVersion: "v1" });
    order.forEach((name, i) => engine.addPolicy(name, sources[i]!));
    let outcome: unknown;
    try {
      outcome = engine.evaluate({ rule: "data.p.allow" }).value;
    } catch (error) {
      outcome = (error as RegoError).reason;
    }
    outcomes.add(`${engine.digest} ${outcome}`);
  }
  assert.equal(outcomes.size, 1);
});

test("the digest is that of the policies and data that were evaluated", () => {
  const engine = new LocalOpaEngine({
    regoVersion: "v1",
    print: () => {
      engine.addPolicy("more", "package q\nx := 1");
      engine.setData({ x: 1 });
    },
  });
  engine.addPolicy("p", 'package p\nallow if print("x")');
  const { digest } = engine;
  assert.equal(engine.evaluate({ rule: "data.p.allow" }).policyDigest, digest);
  assert.notEqual(engine.digest, digest);
});

test("a print hook that throws ends the evaluation with an error of the engine", () => {
  for (const cause of [new Error("full disk"), new RangeError("too long"), "text", undefined]) {
    const engine = new LocalOpaEngine({
      regoVersion: "v1",
      print: () => {
        throw cause;
      },
    });
    engine.addPolicy("p", 'package p\nallow if not print("x")\ndenied if print("x")');
    for (const rule of ["data.p.allow", "data.p.denied"]) {
      const error = thrownBy(() => engine.evaluate({ rule }));
      assert.ok(error instanceof RegoError, String(error));
      assert.equal(error.reason, "eval_internal_error");
      assert.equal(error.cause, cause);
    }
  }
});
