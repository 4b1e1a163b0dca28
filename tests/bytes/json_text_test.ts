/** Strict JSON text (SPEC 2.1). */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ParseError } from "../../lib/base/errors.ts";
import { JsonNumber, parseJsonStrictly, scanJson } from "../../lib/bytes/json_text.ts";

const OPTIONS = { what: "The text", depth: 64, stringLength: 1000 };

function read(text: string, options = {}): unknown {
  return parseJsonStrictly(text, { ...OPTIONS, ...options });
}

/** The code and path of the one issue; fails if the text is accepted. */
function refusal(text: string, options = {}): [string, string] {
  try {
    read(text, options);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    assert.equal(error.issues.length, 1);
    return [error.issues[0].code, error.issues[0].path];
  }
  return assert.fail(`accepted: ${JSON.stringify(text.slice(0, 80))}`);
}

/** With the prototypes that JSON.parse gives. */
const usual = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const json = () => fc.jsonValue({ maxDepth: 5, stringUnit: "grapheme" });
const spaced = () =>
  fc.tuple(json(), fc.constantFrom("", " ", "\t", "\n", "\r\n ")).map(([value, space]) =>
    space + JSON.stringify(value, null, space.includes("\n") ? 2 : 0) + space
  );

/** A text with one mistake: a character removed, doubled, replaced or inserted. */
const mutated = () =>
  fc.tuple(spaced(), fc.nat(), fc.constantFrom("del", "dup", "set", "ins", "cut"), fc.string())
    .map(([text, place, how, other]) => {
      const at = place % (text.length + 1);
      const rest = text.slice(at);
      if (how === "cut") return text.slice(0, at);
      if (how === "del") return text.slice(0, at) + rest.slice(1);
      if (how === "dup") return text.slice(0, at) + rest.slice(0, 1) + rest;
      return text.slice(0, at) + (other || "0") + (how === "set" ? rest.slice(1) : rest);
    });

/** Members in a value that JSON.parse made. */
function members(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, item) => sum + members(item), own);
}

function depth(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depth));
}

test("a name used twice is refused however it is spelled", () => {
  const cases: [string, string][] = [
    ['{"a":1,"a":1}', "/a"],
    ['{"a":1,"\\u0061":1}', "/a"],
    ['{"\\u0061":1,"a":1}', "/a"],
    ['{"x":[{"b/c":1,"b\\/c":2}]}', "/x/0/b~1c"],
    ['{"\\ud83d\\ude00":1,"😀":2}', "/😀"],
    ['{"__proto__":1,"__proto__":2}', "/__proto__"],
    ['{"":1,"":2}', "/"],
    ['{"a":{"a":1},"b":2,"a":3}', "/a"],
  ];
  for (const [text, path] of cases) assert.deepEqual(refusal(text), ["JSON_DUP", path], text);
  assert.deepEqual(usual(read('{"a":{"a":1},"A":[{"a":2}]}')), { a: { a: 1 }, A: [{ a: 2 }] });
});

test("names of JavaScript's own are names like others", () => {
  const value = read('{"__proto__":{"x":1},"constructor":2,"toString":3}') as object;
  assert.deepEqual(Object.keys(value), ["__proto__", "constructor", "toString"]);
  assert.equal(Object.getPrototypeOf(value), null);
  assert.equal(({} as { x?: number }).x, undefined);
});

test("what RFC 8259 does not allow is refused with its path", () => {
  const cases: [string, string][] = [
    ["", ""],
    [" ", ""],
    ["\ufeff{}", ""],
    ["{}\ufeff", ""],
    ["{} {}", ""],
    ["nul", ""],
    ["nulll", ""],
    ["True", ""],
    ["undefined", ""],
    ["NaN", ""],
    ["-Infinity", ""],
    ["01", ""],
    ["-01", ""],
    ["1.", ""],
    [".5", ""],
    ["+1", ""],
    ["1e", ""],
    ["1e+", ""],
    ["0x10", ""],
    ["1_000", ""],
    ["1e400", ""],
    ["[-1e400]", "/0"],
    ["--1", ""],
    ["'a'", ""],
    ['"a', ""],
    ['"\\"', ""],
    ['"\\x41"', ""],
    ['"\\u00g0"', ""],
    ['"\\u12"', ""],
    ['["tab\there"]', "/0"],
    ['["line\nbreak"]', "/0"],
    ['["\u0000"]', "/0"],
    ["[1,]", "/1"],
    ["[,1]", "/0"],
    ["[1 2]", ""],
    ["[1", ""],
    ["]", ""],
    ["{a:1}", ""],
    ['{"a"}', "/a"],
    ['{"a":}', "/a"],
    ['{"a":1,}', ""],
    ['{"a":1', ""],
    ['{"a":[1,{"b":tru}]}', "/a/1/b"],
    ["// x\n1", ""],
    ["1 /* x */", ""],
    ["\u00a01", ""],
    ["\u20281", ""],
    ["\f1", ""],
  ];
  for (const [text, path] of cases) {
    assert.deepEqual(refusal(text), ["JSON", path], JSON.stringify(text));
  }
});

test("lone surrogates are refused, escaped or not, in names too", () => {
  const cases: [string, string][] = [
    ['["\ud800"]', "/0"],
    ['["\\ud800"]', "/0"],
    ['["\\udc00\\ud800"]', "/0"],
    ['["\\ud83dx"]', "/0"],
    ['{"\\ud83d":1}', ""],
  ];
  for (const [text, path] of cases) assert.deepEqual(refusal(text), ["UTF8", path], text);
  assert.deepEqual(read('["\\ud83d\\ude00","😀"]'), ["😀", "😀"]);
});

test("nesting is limited where the limit is crossed, and 100,000 levels do no harm", () => {
  assert.deepEqual(read("[[[1]]]", { depth: 3 }), [[[1]]]);
  assert.deepEqual(refusal('[[{"a":[1]}]]', { depth: 3 }), ["LIMIT", "/0/0/a"]);
  for (const open of ["[", '{"a":']) {
    assert.equal(refusal(open.repeat(100_000))[0], "LIMIT");
    assert.equal(scanJson(open.repeat(100_000)).depth, 100_000);
  }
});

test("the length of strings and names is limited", () => {
  assert.deepEqual(read('["abcd"]', { stringLength: 4 }), ["abcd"]);
  assert.deepEqual(refusal('["abcde"]', { stringLength: 4 }), ["LIMIT", "/0"]);
  assert.deepEqual(refusal('{"abcde":1}', { stringLength: 4 }), ["LIMIT", ""]);
});

test("a refusal says line and column", () => {
  assert.throws(() => read('{\n  "a": 01\n}'), /line 2, column 9/);
});

test("number literals can be kept as they were written", () => {
  const [first, second] = read("[1.0,-0e+5]", { keepNumbers: true }) as JsonNumber[];
  assert(first instanceof JsonNumber && second instanceof JsonNumber);
  assert.deepEqual([first.literal, second.literal], ["1.0", "-0e+5"]);
});

test("scanJson is not misled by what strings hold", () => {
  const cases: [string, ReturnType<typeof scanJson>][] = [
    ['"[{:}]"', { members: 0, depth: 0, longest: 5 }],
    ['{"a\\":":"\\\\"}', { members: 1, depth: 1, longest: 4 }],
    ['["\\\\\\"","[:"]', { members: 0, depth: 1, longest: 4 }],
    ['{"a":1,"a":1}', { members: 2, depth: 1, longest: 1 }],
    ['["open', { members: 0, depth: 1, longest: 5 }],
    ["[[]],[[[", { members: 0, depth: 3, longest: 0 }],
  ];
  for (const [text, shape] of cases) assert.deepEqual(scanJson(text), shape, text);
});

test("scanJson counts the members and the depth that JSON.parse finds", () => {
  fc.assert(
    fc.property(spaced(), (text) => {
      const value = JSON.parse(text);
      const shape = scanJson(text);
      assert.equal(shape.members, members(value));
      assert.equal(shape.depth, depth(value));
    }),
    { numRuns: 500 },
  );
});

test("what JSON.stringify writes is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(spaced(), (text) => {
      assert.equal(
        JSON.stringify(read(text, { stringLength: 1e6 })),
        JSON.stringify(JSON.parse(text)),
      );
    }),
    { numRuns: 500 },
  );
});

test("of damaged text, only what JSON.parse accepts is accepted, with the same value", () => {
  let accepted = 0;
  fc.assert(
    fc.property(mutated(), (text) => {
      let value: unknown;
      try {
        value = read(text);
      } catch (error) {
        return assert(error instanceof ParseError, `${error}`);
      }
      accepted++;
      assert.equal(JSON.stringify(value), JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 2000 },
  );
  assert(accepted > 50, `too few accepted to mean anything: ${accepted}`);
});

test("of damaged text, what is refused but JSON.parse accepts has a reason of SPEC 2.1", () => {
  let refused = 0;
  fc.assert(
    fc.property(mutated(), (text) => {
      try {
        JSON.parse(text);
      } catch {
        return;
      }
      try {
        read(text);
      } catch (error) {
        refused++;
        const { code, message } = (error as ParseError).issues[0];
        if (code === "JSON") assert.match(message, /out of range/);
        else assert(["JSON_DUP", "UTF8"].includes(code), message);
      }
    }),
    { numRuns: 2000, examples: [['{"a":1,"a":2}'], ["[1e999]"], ['"\\ud800"']] },
  );
  assert(refused >= 3);
});
