// Policies and inputs that mean harm: a refusal in bounded steps, never an allow.

import assert from "node:assert/strict";
import { test } from "node:test";
import { KestError } from "../../lib/base/errors.ts";
import { type EvaluationFacts, LocalOpaEngine, PolicyCompileError } from "../../lib/rego/mod.ts";

/** What comes of a policy and an input: a value, or the code of an error of the engine. */
function outcome(
  source: string,
  facts: EvaluationFacts = {},
  rule = "data.p.allow",
): { readonly value: unknown } | { readonly refused: string } {
  try {
    const engine = new LocalOpaEngine({ regoVersion: "v1", budget: { steps: 500_000 } });
    engine.addPolicy("p.rego", source);
    return { value: engine.evaluate({ rule, ...facts }).value };
  } catch (error) {
    assert.ok(error instanceof KestError, String((error as Error).stack));
    return { refused: error.code };
  }
}

const COMPILE = { refused: "POLICY_COMPILE" };
const EVALUATION = { refused: "POLICY_EVALUATION" };

const NESTED: Readonly<Record<string, (depth: number) => string>> = {
  parentheses: (n) => `${"(".repeat(n)}1${")".repeat(n)}`,
  arrays: (n) => "[".repeat(n) + "]".repeat(n),
  sets: (n) => `${"{".repeat(n)}1${"}".repeat(n)}`,
  objects: (n) => `${'{"a": '.repeat(n)}1${"}".repeat(n)}`,
  calls: (n) => `${"count(".repeat(n)}1${")".repeat(n)}`,
  references: (n) => `${"input[".repeat(n)}1${"]".repeat(n)}`,
  comprehensions: (n) => `${"[x | x := ".repeat(n)}1${"]".repeat(n)}`,
  "comprehensions that fail": (n) => `${"[1 | [".repeat(n)}`,
  "objects that fail": (n) => `${"{{1: 2 | ".repeat(n)}`,
  minus: (n) => `${"-".repeat(n)}1`,
  templates: (n) => `${'$"{'.repeat(n)}1${'}"'.repeat(n)}`,
};

for (const [what, text] of Object.entries(NESTED)) {
  test(`deep ${what} are refused`, () => {
    for (const depth of [1_000, 50_000]) {
      assert.deepEqual(outcome(`package p\n\nallow := ${text(depth)}`), COMPILE);
      assert.deepEqual(outcome(`package p\n\nallow if { ${text(depth)} }`), COMPILE);
    }
  });
}

const NESTED_BODIES: Readonly<Record<string, (depth: number) => string>> = {
  not: (n) => `${"not { ".repeat(n)}false${" }".repeat(n)}`,
  "or in braces": (n) => `${"{ ".repeat(n)}true${" } or false".repeat(n)}`,
  "braces that fail": (n) => "{ ".repeat(n),
  "and in parentheses": (n) => `${"(".repeat(n)}true${" and true)".repeat(n)}`,
  every: (n) => `${"every x in [1] { ".repeat(n)}true${" }".repeat(n)}`,
};

for (const [what, text] of Object.entries(NESTED_BODIES)) {
  test(`deep bodies are refused: ${what}`, () => {
    for (const depth of [1_000, 50_000]) {
      const source = `package p\n\nimport rego.v2\n\nallow if { ${text(depth)} }`;
      assert.deepEqual(outcome(source), COMPILE);
    }
  });
}

test("what may be read in several ways is read in linear time", () => {
  const deep = (open: string, close: string) => open.repeat(60) + close.repeat(60);
  for (const text of [deep("[1 | [", "]"), deep("{1 | {", "}"), deep("{1: 2 | {", "}")]) {
    assert.deepEqual(outcome(`package p\n\nallow := ${text}`), COMPILE);
  }
  const braces = `package p\n\nimport rego.v2\n\nallow if ${"{ ".repeat(90)}1${" }".repeat(90)}`;
  assert.ok(outcome(braces));
});

test("large sources are read or refused", () => {
  const size = 4 * 1024 * 1024;
  assert.deepEqual(outcome(`package p\n#${"x".repeat(size)}`), COMPILE);
  assert.deepEqual(outcome(`package p\n\nallow := "${"x".repeat(size - 100)}`), COMPILE);
  assert.deepEqual(outcome(`package p\n\nallow if {${"\n".repeat(size - 100)}`), COMPILE);
  const blank = outcome(`package p\n${" ".repeat(size - 100)}\nallow := 1`);
  assert.deepEqual(blank, { value: 1 });
});

test("long chains are read or refused", () => {
  const many = (n: number, text: (i: number) => string, separator: string) =>
    Array.from({ length: n }, (_, i) => text(i)).join(separator);
  const refusedOr = (value: unknown, source: string) => {
    const got = outcome(source);
    if (!("refused" in got)) assert.deepEqual(got, { value });
  };
  refusedOr(true, `package p\n\nallow if {\n${many(100_000, () => "true", "\n")}\n}`);
  refusedOr(100_000, `package p\n\nallow := ${many(100_000, () => "1", " + ")}`);
  refusedOr(undefined, `package p\n\nallow := input${many(100_000, () => ".a", "")}`);
  refusedOr(
    1,
    `package p\n\nr0 := 1\n${many(100_000, (i) => `r${i + 1} := r${i}`, "\n")}
allow := r100000`,
  );
  refusedOr(
    1,
    `package p\n\nallow := 0 if false${many(10_000, () => " else := 0 if false", "")}
default allow := 1`,
  );
  refusedOr(
    true,
    `package p\n\nallow if {\nx0 := 1\n${many(20_000, (i) => `x${i + 1} := x${i}`, "\n")}\n}`,
  );
  refusedOr(
    undefined,
    `package p\n\nallow if {\nx := 1\n${many(20_000, (i) => `y${i} = y${i + 1}`, "\n")}
y20000 = 1\n}`,
  );
});

test("what grows beyond all bounds ends", () => {
  const product = "some a in numbers.range(1, 1000)\nsome b in numbers.range(1, 1000)\na + b == -1";
  assert.deepEqual(outcome(`package p\n\nallow if {\n${product}\n}`), EVALUATION);
  assert.deepEqual(outcome(`package p\n\nallow := [1 |\n${product}]`), EVALUATION);
  const doubling = Array.from({ length: 60 }, (_, i) => `x${i + 1} := [x${i}, x${i}]`);
  for (
    const use of ["x60 == [x59, x59]", "count({x60, 1}) == 2", "json.marshal(x60)", '$"{x60}"']
  ) {
    const source = `package p\n\nallow if {\nx0 := 1\n${doubling.join("\n")}\n${use}\n}`;
    assert.notDeepEqual(outcome(source), { value: undefined }, use);
  }
  assert.deepEqual(
    outcome(`package p\n\nallow := x if {\nx0 := 1\n${doubling.join("\n")}\nx := x60\n}`),
    EVALUATION,
  );
  const functions = Array.from(
    { length: 40 },
    (_, i) => `f${i + 1}(x) := 1 if { f${i}(x) == 2 } else := y if { y := f${i}(x) }`,
  );
  assert.deepEqual(
    outcome(`package p\n\nf0(x) := x\n${functions.join("\n")}\nallow := f40(1)`),
    EVALUATION,
  );
  const withs = Array.from(
    { length: 40 },
    (_, i) => `r${i + 1} if { r${i} with input.x as 1; r${i} with input.x as 2 }`,
  );
  assert.deepEqual(
    outcome(`package p\n\nr0 if input.x\n${withs.join("\n")}\nallow := r40`),
    EVALUATION,
  );
  assert.deepEqual(
    outcome("package p\n\nallow := {x | x := numbers.range(1, 100000000)[_]}"),
    EVALUATION,
  );
});

const NAMES = ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf", "prototype"];

test("names of JavaScript are names like others", () => {
  for (const name of NAMES) {
    const engine = new LocalOpaEngine({ regoVersion: "v1" });
    engine.addPolicy(
      "p.rego",
      `package ${name}

import input.${name} as imported

${name} := ${name}_ if { ${name}_ := 1 }

f(${name}x) := {"${name}": ${name}x}

keys contains k if some k, _ in {"${name}": 1}

inherited if imported

own := f(1).${name}

missing := json.unmarshal("{}").${name}

data_member := data.${name}.nothing
`,
    );
    const rule = (path: string, input: unknown = {}) =>
      engine.evaluate({ rule: `data.${name}.${path}`, input }).value;
    assert.equal(rule(name), 1);
    assert.deepEqual(rule("keys"), [name]);
    assert.equal(rule("inherited"), undefined);
    assert.equal(rule("inherited", JSON.parse(`{"${name}": true}`)), true);
    assert.equal(rule("own"), 1);
    assert.equal(rule("missing"), undefined);
    assert.equal(rule("data_member"), undefined);
    assert.equal(engine.hasRule(`data.${name}.${name}`), true);
    assert.equal(engine.hasRule(`data.p.${name}`), false);
    assert.equal(Object.getPrototypeOf(rule("keys")), Array.prototype);
    const whole = engine.evaluate({ rule: `data.${name}`, input: {} }).value as object;
    assert.ok(Object.hasOwn(whole, name));
    assert.equal(Object.getPrototypeOf(whole), Object.prototype);
  }
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test("data and results keep keys of JavaScript as keys", () => {
  const engine = new LocalOpaEngine({ data: JSON.parse('{"__proto__": {"a": 1}, "b": 2}') });
  engine.addPolicy(
    "p",
    'package p\n\nx := data["__proto__"].a\n\ny := object.union({"__proto__": 1}, {})',
  );
  assert.equal(engine.evaluate({ rule: "data.p.x" }).value, 1);
  const made = engine.evaluate({ rule: "data.p.y" }).value as object;
  assert.deepEqual(Object.keys(made), ["__proto__"]);
  assert.equal(Object.getPrototypeOf(made), Object.prototype);
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
let deep: unknown = 1;
for (let i = 0; i < 100_000; i++) deep = [deep];

const HOSTILE: Readonly<Record<string, unknown>> = {
  "a cycle": cyclic,
  "a deep array": deep,
  "NaN": { x: NaN },
  "infinity": { x: Infinity },
  "a getter": {
    get x() {
      return true;
    },
  },
  "a getter that throws": {
    get x(): never {
      throw new TypeError("mine");
    },
  },
  "a proxy that throws": new Proxy({}, {
    ownKeys() {
      throw new TypeError("mine");
    },
  }),
  "a proxy that has it all": new Proxy({}, { get: () => true, has: () => true }),
  "an inherited member": Object.create({ x: true }),
  "a class": new (class {
    readonly y = true;
    get x() {
      return true;
    }
  })(),
  "a sparse array": { x: [1, , 3] },
  "a function": { x: () => true },
  "a symbol": { x: Symbol("x") },
  "a symbol as a key": { [Symbol("x")]: true },
  "half a character": { x: "\ud800" },
  "a date": { x: new Date(0) },
  "a map": { x: new Map([["y", true]]) },
};

for (const [what, input] of Object.entries(HOSTILE)) {
  test(`an input with ${what} never allows`, () => {
    const got = outcome("package p\n\nallow if input.x == true", { input });
    if (!("refused" in got)) assert.deepEqual(got, { value: undefined });
  });

  test(`data with ${what} is refused, or never allows`, () => {
    try {
      const engine = new LocalOpaEngine({ data: input });
      engine.addPolicy("p", "package p\n\nallow if data.x == true", { regoVersion: "v1" });
      assert.equal(engine.evaluate({ rule: "data.p.allow" }).value, undefined);
    } catch (error) {
      assert.ok(error instanceof KestError || error instanceof TypeError, String(error));
    }
  });
}

test("texts that are no JSON are refused", () => {
  const texts = ["", "{", '{"x": true', '{"x": 01}', "\ufeff{}", '{"x": true}x', "[".repeat(1_000)];
  for (const inputText of texts) {
    assert.deepEqual(
      outcome("package p\n\nallow if input.x", { inputText }),
      EVALUATION,
      inputText.slice(0, 20),
    );
  }
});

test("rule paths that are none are refused", () => {
  const engine = new LocalOpaEngine();
  engine.addPolicy("p", "package p\n\nallow := true");
  for (
    const rule of ["", "data", "allow", "input.x", "data..p", "data.p[0]", "data.p.allow ", "a//b"]
  ) {
    assert.throws(() => engine.evaluate({ rule }), KestError, rule);
  }
  assert.equal(engine.evaluate({ rule: "data.p.__proto__" }).value, undefined);
});

test("policies that are no text are refused by type", () => {
  const engine = new LocalOpaEngine();
  for (const source of [undefined, null, 1, {}, ["package p"]]) {
    assert.throws(() => engine.addPolicy("p", source as never), TypeError);
  }
  assert.throws(() => engine.addPolicy("p", "package p\n\nx := \ud800"), PolicyCompileError);
  assert.deepEqual(engine.policies, []);
});

test("rules build on each other 256 deep, in every runtime, and no deeper", () => {
  const chain = (depth: number, first = "r0 := 1") => {
    const engine = new LocalOpaEngine();
    const rules = Array.from({ length: depth - 1 }, (_, i) => `r${i + 1} := r${i} + 0`);
    engine.addPolicy("p", ["package p", first, ...rules].join("\n\n"));
    return engine.evaluate({ rule: `data.p.r${depth - 1}` }).value;
  };
  assert.equal(chain(256), 1);
  assert.throws(() => chain(257), { reason: "eval_budget_error" });
  const functions = Array.from({ length: 300 }, (_, i) => `f${i + 1}(x) := f${i}(x)`).join("\n\n");
  const engine = new LocalOpaEngine();
  engine.addPolicy("q", `package q\n\nf0(x) := x\n\n${functions}\n\nallow if not f300(true)`);
  assert.throws(() => engine.evaluate({ rule: "data.q.allow" }), { reason: "eval_budget_error" });
});
