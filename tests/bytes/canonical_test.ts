/** RFC 8785 text, and the gate in front of it (SPEC 3.1). */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { KestError } from "../../lib/base/errors.ts";
import { canonicalize } from "../../lib/bytes/canonical.ts";
import { createKest } from "../../mod.ts";

const VECTORS = new URL("../../../shared/jcs-vectors/testdata/", import.meta.url);

/** The code and path of a refusal; fails if the value is accepted. */
function refusal(value: unknown): [string, string | undefined] {
  try {
    const text = canonicalize(value);
    assert.fail(`accepted as ${text.slice(0, 80)}`);
  } catch (error) {
    if (!(error instanceof KestError)) throw error;
    return [error.code, error.path];
  }
}

function refuses(cases: readonly [name: string, value: unknown, code: string, path: string][]) {
  for (const [name, value, code, path] of cases) {
    assert.deepEqual(refusal(value), [code, path], name);
  }
}

/** JSON with sorted members, written the slow and obvious way. */
function sorted(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  const members = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${sorted(item)}`).join()}}`;
}

const json = () => fc.jsonValue({ maxDepth: 5, stringUnit: "grapheme" });

test("RFC 8785: the published vectors have their published bytes", (t) => {
  if (!existsSync(VECTORS)) return t.skip("left out: ../shared/jcs-vectors is not here");
  const names = readdirSync(new URL("input/", VECTORS)).filter((name) => name.endsWith(".json"));
  assert(names.length >= 6);
  for (const name of names) {
    const input = JSON.parse(readFileSync(new URL(`input/${name}`, VECTORS), "utf8"));
    const hex = readFileSync(new URL(`outhex/${name.replace(".json", ".txt")}`, VECTORS), "utf8");
    assert.equal(
      Buffer.from(canonicalize(input)).toString("hex"),
      hex.replaceAll(/\s/g, ""),
      name,
    );
  }
});

test("RFC 8785: vectors written by hand", () => {
  const cases: [unknown, string][] = [
    [null, "null"],
    [true, "true"],
    ["", '""'],
    [[], "[]"],
    [{}, "{}"],
    [[1, [2, {}]], "[1,[2,{}]]"],
    [{ b: 1, a: [true, null] }, '{"a":[true,null],"b":1}'],
    ['\u20ac$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
    ["\b\t\f\r\u001f\u007f\u2028", '"\\b\\t\\f\\r\\u001f\u007f\u2028"'],
    ["😀 \\ud800", '"😀 \\\\ud800"'],
  ];
  for (const [value, text] of cases) assert.equal(canonicalize(value), text);
});

test("numbers are written as ECMAScript does", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [-0, "0"],
    [1e21, "1e+21"],
    [1e20, "100000000000000000000"],
    [5e-324, "5e-324"],
    [1e-7, "1e-7"],
    [0.000001, "0.000001"],
    [2 ** 53, "9007199254740992"],
    [2 ** 60, "1152921504606847000"],
    [0.1 + 0.2, "0.30000000000000004"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [-1.5e-9, "-1.5e-9"],
    [333333333.33333329, "333333333.3333333"],
  ];
  for (const [value, text] of cases) {
    assert.equal(canonicalize(value), text);
    assert.equal(canonicalize([value]), `[${text}]`);
  }
});

test("members are sorted by UTF-16 units, not by code points or by value", () => {
  assert.equal(canonicalize({ "\ue000": 1, "😀": 2 }), '{"😀":2,"\ue000":1}');
  assert.equal(canonicalize({ 9: 1, 10: 2, 1: 3 }), '{"1":3,"10":2,"9":1}');
  assert.equal(canonicalize({ a: 1, 10: 2, "": 3, B: 4 }), '{"":3,"10":2,"B":4,"a":1}');
  assert.equal(canonicalize({ aa: 1, a: 2, "a\u0000": 3 }), '{"a":2,"a\\u0000":3,"aa":1}');
});

test("a member named __proto__ is a member", () => {
  const value = JSON.parse('{"__proto__":{"x":1},"constructor":2}');
  assert.equal(canonicalize(value), '{"__proto__":{"x":1},"constructor":2}');
  const literal = JSON.parse('{"b":{"__proto__":1},"a":0}');
  assert.equal(canonicalize(literal), '{"a":0,"b":{"__proto__":1}}');
});

test("null-prototype, frozen and sealed objects are plain", () => {
  const bare = Object.assign(Object.create(null), { b: 1, a: 2 });
  assert.equal(canonicalize(bare), '{"a":2,"b":1}');
  const frozen = Object.freeze({ list: Object.freeze([1]), also: Object.seal({}) });
  assert.equal(canonicalize(frozen), '{"also":{},"list":[1]}');
});

test("members that are undefined or not enumerable are left out, as JSON does", () => {
  assert.equal(canonicalize({ a: undefined, b: 1 }), '{"b":1}');
  assert.equal(canonicalize({ a: undefined }), "{}");
  const hidden = Object.defineProperty({ a: 1 }, "hidden", { value: 2 });
  assert.equal(canonicalize(hidden), '{"a":1}');
});

test("what JSON cannot hold is refused with its path", () => {
  refuses([
    ["undefined", undefined, "CONTENT_UNDEFINED", ""],
    ["undefined in an array", { a: [1, undefined] }, "CONTENT_UNDEFINED", "/a/1"],
    // deno-lint-ignore no-sparse-arrays
    ["hole", [1, , 3], "CONTENT_UNDEFINED", "/1"],
    ["hole at the end", new Array(3), "CONTENT_UNDEFINED", "/0"],
    ["NaN", { "a/b~c": [NaN] }, "CONTENT_NUMBER", "/a~1b~0c/0"],
    ["Infinity", [[Infinity]], "CONTENT_NUMBER", "/0/0"],
    ["-Infinity", -Infinity, "CONTENT_NUMBER", ""],
    ["BigInt", { n: 1n }, "CONTENT_TYPE", "/n"],
    ["function", { f() {} }, "CONTENT_TYPE", "/f"],
    ["symbol", [Symbol("s")], "CONTENT_TYPE", "/0"],
    ["symbol key", { a: { [Symbol("s")]: 1 } }, "CONTENT_TYPE", "/a"],
    ["symbol key of an array", [Object.assign([1], { [Symbol("s")]: 1 })], "CONTENT_TYPE", "/0"],
    ["lone high surrogate", ["\ud800"], "CONTENT_SURROGATE", "/0"],
    ["lone low surrogate", { a: "x\udfff" }, "CONTENT_SURROGATE", "/a"],
    ["swapped surrogates", { a: "\ude00\ud83d" }, "CONTENT_SURROGATE", "/a"],
    ["lone surrogate in a name", { "\ud800": 1 }, "CONTENT_SURROGATE", "/\ud800"],
    ["first problem in order", { b: NaN, a: 1n }, "CONTENT_TYPE", "/a"],
  ]);
});

test("values that JSON would turn into something else are refused with their path", () => {
  class Point {
    x = 1;
  }
  class List extends Array {}
  const Nameless = (() => class {})();
  refuses([
    ["Map", { m: new Map([["a", 1]]) }, "CONTENT_TYPE", "/m"],
    ["Set", [new Set()], "CONTENT_TYPE", "/0"],
    ["RegExp", { r: /x/ }, "CONTENT_TYPE", "/r"],
    ["Error", { e: new Error("x") }, "CONTENT_TYPE", "/e"],
    ["promise", { p: Promise.resolve(1) }, "CONTENT_TYPE", "/p"],
    ["class instance", { p: new Point() }, "CONTENT_TYPE", "/p"],
    ["instance of a nameless class", new Nameless(), "CONTENT_TYPE", ""],
    ["object with another prototype", Object.create({ a: 1 }), "CONTENT_TYPE", ""],
    ["heir of a bare object", Object.create(Object.create(null)), "CONTENT_TYPE", ""],
    ["Array subclass", { l: List.of(1) }, "CONTENT_TYPE", "/l"],
    ["array with a name", { l: Object.assign([1], { more: 2 }) }, "CONTENT_TYPE", "/l"],
    ["boxed number", [Object(1)], "CONTENT_TYPE", "/0"],
    ["boxed string", [Object("a")], "CONTENT_TYPE", "/0"],
    ["boxed boolean", [Object(true)], "CONTENT_TYPE", "/0"],
    ["boxed BigInt", [Object(1n)], "CONTENT_TYPE", "/0"],
    ["Uint8Array", { b: new Uint8Array(2) }, "CONTENT_TYPE", "/b"],
    ["Float64Array", { b: new Float64Array(2) }, "CONTENT_TYPE", "/b"],
    ["DataView", { b: new DataView(new ArrayBuffer(1)) }, "CONTENT_TYPE", "/b"],
    ["ArrayBuffer", { b: new ArrayBuffer(1) }, "CONTENT_TYPE", "/b"],
    [
      "arguments",
      (function (..._: unknown[]) {
        return arguments;
      })(1),
      "CONTENT_TYPE",
      "",
    ],
  ]);
});

test("a tracked value inside data is refused with its path", () => {
  const tracked = createKest().originate(1);
  assert.deepEqual(refusal({ a: [tracked] }), ["CONTENT_TRACKED", "/a/0"]);
});

test("accessors are refused and never called", () => {
  let calls = 0;
  const item = Object.defineProperty([1, 2], 1, { enumerable: true, get: () => ++calls });
  refuses([
    [
      "getter",
      {
        a: {
          get b() {
            return ++calls;
          },
        },
      },
      "CONTENT_TYPE",
      "/a/b",
    ],
    [
      "setter",
      {
        a: {
          set b(_: unknown) {
            calls++;
          },
        },
      },
      "CONTENT_TYPE",
      "/a/b",
    ],
    ["getter in an array", { a: item }, "CONTENT_TYPE", "/a/1"],
    [
      "getter out of order",
      {
        z: 1,
        get a() {
          return ++calls;
        },
      },
      "CONTENT_TYPE",
      "/a",
    ],
    [
      "getter after a change",
      {
        get b() {
          return ++calls;
        },
        c: NaN,
      },
      "CONTENT_TYPE",
      "/b",
    ],
  ]);
  assert.equal(calls, 0);
});

test("toJSON is called exactly once, and its result is what counts", () => {
  let calls = 0;
  const counting = { toJSON: () => ({ calls: ++calls }) };
  assert.equal(canonicalize({ z: counting, a: 1 }), '{"a":1,"z":{"calls":1}}');
  assert.equal(calls, 1);
  assert.equal(canonicalize(counting), '{"calls":2}');
  const date = new Date(Date.UTC(2026, 0, 2));
  let dates = 0;
  const original = date.toJSON.bind(date);
  date.toJSON = () => (dates++, original());
  assert.equal(canonicalize([date]), '["2026-01-02T00:00:00.000Z"]');
  assert.equal(dates, 1);
  class Money {
    toJSON() {
      return { amount: "1.50" };
    }
  }
  class List extends Array {
    toJSON = () => [...this];
  }
  assert.equal(canonicalize({ price: new Money() }), '{"price":{"amount":"1.50"}}');
  assert.equal(canonicalize(List.of(1, 2)), "[1,2]");
});

test("a toJSON that leads nowhere is refused with its path", () => {
  const endless = { toJSON: () => ({ again: endless }) };
  refuses([
    ["class instance", { a: { toJSON: () => new Map() } }, "CONTENT_TYPE", "/a"],
    ["undefined in an array", [{ toJSON: () => undefined }], "CONTENT_UNDEFINED", "/0"],
    ["undefined in an object", { a: { toJSON: () => undefined } }, "CONTENT_UNDEFINED", "/a"],
    ["function", { a: { toJSON: () => () => 1 } }, "CONTENT_TYPE", "/a"],
    ["another toJSON", { a: { toJSON: () => ({ toJSON: () => 1 }) } }, "CONTENT_TYPE", "/a/toJSON"],
    ["invalid date", { a: { toJSON: () => NaN } }, "CONTENT_NUMBER", "/a"],
    ["endless", endless, "CONTENT_DEPTH", "/again/again/again/again/again/again/again/again"],
  ]);
  assert.equal(canonicalize({ a: { toJSON: "text" } }), '{"a":{"toJSON":"text"}}');
  assert.throws(() =>
    canonicalize({
      toJSON: () => {
        throw new RangeError("mine");
      },
    }), RangeError);
});

test("a cycle is refused with the path that closes it, shown once", () => {
  const self: Record<string, unknown> = { a: 1 };
  self["self"] = self;
  const list: unknown[] = [];
  list.push({ list });
  const deep: Record<string, unknown> = {};
  deep["b"] = { c: [0, deep] };
  refuses([
    ["object", self, "CONTENT_CYCLE", "/self"],
    ["array", { x: list }, "CONTENT_CYCLE", "/x/0/list"],
    ["long", deep, "CONTENT_CYCLE", "/b/c/1"],
  ]);
  const shared = { a: 1 };
  assert.equal(canonicalize([shared, shared]), '[{"a":1},{"a":1}]');
});

test("256 levels have a form, 257 have none, and 100,000 do not overflow the stack", () => {
  const nested = (levels: number, leaf: unknown = []): unknown => {
    let value = leaf;
    for (let i = 1; i < levels; i++) value = i % 2 ? [value] : { z: value };
    return value;
  };
  assert.equal(canonicalize(nested(256)), JSON.stringify(nested(256)));
  assert.equal(canonicalize(nested(256, { b: 1, a: 2 })).includes('{"a":2,"b":1}'), true);
  assert.equal(refusal(nested(257))[0], "CONTENT_DEPTH");
  assert.equal(refusal(nested(100_000))[0], "CONTENT_DEPTH");
});

test("text that would be too long is refused, longer than any string can be too", () => {
  const long = "x".repeat(1 << 20);
  for (const times of [256, 600]) {
    const list = new Array(times).fill(long);
    assert.deepEqual(refusal({ list }), ["CONTENT_SIZE", "/list/255"], `${times} MiB`);
    assert.equal(refusal({ z: { b: list, a: 1 } })[0], "CONTENT_SIZE", `${times} MiB, unsorted`);
  }
});

test("a proxy of plain data is plain data; one that hides its kind or a property is not", () => {
  assert.equal(canonicalize(new Proxy({ b: 1, a: [2] }, {})), '{"a":[2],"b":1}');
  assert.equal(canonicalize(new Proxy([1, 2], {})), "[1,2]");
  const vanishing = new Proxy({ a: 1 }, { getOwnPropertyDescriptor: () => undefined });
  const otherPrototype = new Proxy({}, { getPrototypeOf: () => Map.prototype });
  refuses([
    ["other prototype", { p: otherPrototype }, "CONTENT_TYPE", "/p"],
    ["of a Map", { p: new Proxy(new Map(), {}) }, "CONTENT_TYPE", "/p"],
    [
      "with an accessor",
      {
        p: new Proxy({
          get a() {
            return 1;
          },
        }, {}),
      },
      "CONTENT_TYPE",
      "/p/a",
    ],
  ]);
  // Own keys are asked for their descriptors, so what is not there is not enumerated either.
  assert.equal(canonicalize(vanishing), "{}");
});

test("plain data is written as JSON.stringify writes it with sorted members", () => {
  fc.assert(
    fc.property(json(), (value) => {
      assert.equal(canonicalize(value), sorted(value));
    }),
    { numRuns: 500 },
  );
});

test("reading canonical text and writing it again is the identity", () => {
  fc.assert(
    fc.property(json(), (value) => {
      const text = canonicalize(value);
      assert.equal(canonicalize(JSON.parse(text)), text);
    }),
    { numRuns: 500 },
  );
});

test("the text does not depend on the order in which members were added", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.integer()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      assert.equal(canonicalize(reversed), canonicalize(value));
    }),
    { numRuns: 300 },
  );
});

test("any value at all has a form or is refused with a code", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withTypedArray: true,
    withBoxedValues: true,
    stringUnit: "binary",
  });
  fc.assert(
    fc.property(anything, (value) => {
      let text: string;
      try {
        text = canonicalize(value);
      } catch (error) {
        return assert.match((error as KestError).code, /^CONTENT_/);
      }
      assert.equal(text, sorted(JSON.parse(JSON.stringify(value))));
    }),
    { numRuns: 1000 },
  );
});
