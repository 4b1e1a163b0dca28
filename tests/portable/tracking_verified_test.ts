import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { canonicalize, createKest, generateKey, KestData } from "../../mod.ts";
import { assertVerifies, bench, coded, entriesOf, errorOf, headOf, rolesOf } from "./helpers.ts";

const kest = createKest();

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function bytesOf(...values: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values);
}

function streamOf<T>(...items: T[]): ReadableStream<T> {
  return new ReadableStream({
    start(controller) {
      for (const item of items) controller.enqueue(item);
      controller.close();
    },
  });
}

test("a synchronous function becomes one that promises a tracked value", async () => {
  const double = kest.verified({ nodeId: "double" }, (n: number) => n * 2);
  const result = await double(21);
  assert.ok(result instanceof KestData);
  assert.equal(result.data, 42);
  assert.equal(headOf(result).kind, "step");
});

test("an asynchronous function's awaited result is tracked", async () => {
  const double = kest.verified({ nodeId: "double" }, (n: number) => Promise.resolve(n * 2));
  assert.equal((await double(21)).data, 42);
});

test("content_hash is the SHA-256 of the result's RFC 8785 form", async () => {
  const make = kest.verified({ nodeId: "make" }, () => ({ b: 1, a: "é", gone: undefined }));
  const { content_hash, content_kind } = headOf(await make());
  assert.equal(content_kind, "json");
  assert.equal(content_hash, sha256(canonicalize({ a: "é", b: 1 })));
});

test("a wrapped method keeps this", async () => {
  const box = {
    factor: 3,
    times: kest.verified({ nodeId: "times" }, function (this: { factor: number }, n: number) {
      return n * this.factor;
    }),
  };
  assert.equal((await box.times(2)).data, 6);
});

test("a wrapped function keeps its name and its length", () => {
  const wrapped = kest.verified(function add(a: number, b: number) {
    return a + b;
  });
  assert.equal(wrapped.name, "add");
  assert.equal(wrapped.length, 2);
});

test("node_id is the function's name, without the prefix of bound functions", async () => {
  function join(a: string, b: string): string {
    return a + b;
  }
  assert.equal(headOf(await kest.verified(join)("a", "b")).node_id, "join");
  assert.equal(headOf(await kest.verified(join.bind(null))("a", "b")).node_id, "join");
});

test("a nameless function without nodeId is a TypeError when it is wrapped", () => {
  assert.throws(() => kest.verified(() => 1), { name: "TypeError", message: /nodeId/ });
});

test("an unknown option is a TypeError when a function is wrapped", () => {
  const options = { nodeId: "x", enforceRule: ["data.x"] } as { nodeId: string };
  assert.throws(() => kest.verified(options, () => 1), {
    name: "TypeError",
    message: /enforceRule;/,
  });
});

test("an unknown option of createKest and of originate is a TypeError", () => {
  assert.throws(() => createKest({ engine: 1 } as object), { name: "TypeError" });
  assert.throws(() => kest.originate(1, { taints: ["a"] } as object), { name: "TypeError" });
});

test("a node id outside the alphabet is refused when a function is wrapped", () => {
  for (const nodeId of ["", "a b", "é", "-a", "__proto__", "constructor", "a".repeat(257)]) {
    assert.throws(() => kest.verified({ nodeId }, () => 1), { name: /^(KestError|TypeError)$/ });
  }
});

test("opaqueArgs that are no indexes are a RangeError", () => {
  for (const index of [-1, 0.5, NaN]) {
    assert.throws(() => kest.verified({ nodeId: "x", opaqueArgs: [index] }, () => 1), RangeError);
  }
});

test("enforceRules that are no rule paths are a TypeError", () => {
  assert.throws(() => kest.verified({ nodeId: "x", enforceRules: ["allow"] }, () => 1), TypeError);
});

test("verified without a function or options is a TypeError", () => {
  const untyped = kest.verified as unknown as (...args: unknown[]) => unknown;
  for (const args of [[], [null], ["x"], [{ nodeId: "x" }, 1]]) {
    assert.throws(() => untyped(...args), TypeError);
  }
});

// ---- Generators and streams ----

test("a generator is drained into an array", async () => {
  const count = kest.verified(function* count(to: number) {
    for (let i = 1; i <= to; i++) yield i;
  });
  assert.deepEqual((await count(3)).data, [1, 2, 3]);
});

test("an async generator is drained into an array", async () => {
  const count = kest.verified(async function* count(to: number) {
    for (let i = 1; i <= to; i++) yield await Promise.resolve(i);
  });
  assert.deepEqual((await count(3)).data, [1, 2, 3]);
});

test("promises that a generator yields are awaited", async () => {
  const make = kest.verified(function* make() {
    yield Promise.resolve(1);
    yield Promise.resolve(2);
  });
  const { data } = await make();
  assert.deepEqual(data as unknown, [1, 2]);
});

test("a stream of bytes is concatenated and hashed as bytes", async () => {
  const read = kest.verified({ nodeId: "read" }, () => streamOf(bytesOf(1, 2), bytesOf(3)));
  const result = await read();
  assert.deepEqual(result.data, bytesOf(1, 2, 3));
  assert.equal(headOf(result).content_kind, "bytes");
  assert.equal(headOf(result).content_hash, sha256(bytesOf(1, 2, 3)));
});

test("a stream of JSON is collected into an array", async () => {
  const read = kest.verified({ nodeId: "read" }, () => streamOf({ a: 1 }, { a: 2 }));
  const result = await read();
  assert.deepEqual(result.data, [{ a: 1 }, { a: 2 }]);
  assert.equal(headOf(result).content_kind, "json");
});

test("an empty generator and an empty stream give an empty array", async () => {
  const none = kest.verified(function* none(): Generator<number> {});
  const empty = kest.verified({ nodeId: "empty" }, () => streamOf<number>());
  assert.deepEqual((await none()).data, []);
  assert.deepEqual((await empty()).data, []);
});

test("bytes and other items in one stream are refused, and the iterator is closed", async () => {
  let closed = false;
  const mix = kest.verified(function* mix() {
    try {
      yield 1;
      yield bytesOf(1);
      yield 2;
    } finally {
      closed = true;
    }
  });
  await assert.rejects(mix(), coded("CONTENT_TYPE", /bytes/));
  assert.equal(closed, true);
});

test("more than maxItems is LIMIT, and the iterator is closed", async () => {
  const small = createKest({ maxItems: 3 });
  let pulled = 0;
  let closed = false;
  const endless = small.verified(function* endless() {
    try {
      while (true) yield ++pulled;
    } finally {
      closed = true;
    }
  });
  await assert.rejects(endless(), coded("LIMIT", /maxItems/));
  assert.equal(pulled, 4);
  assert.equal(closed, true);
});

test("exactly maxItems is accepted", async () => {
  const small = createKest({ maxItems: 3 });
  const three = small.verified(function* three() {
    yield* [1, 2, 3];
  });
  assert.equal((await three()).data.length, 3);
});

test("more than maxBytes is LIMIT, and the stream is cancelled", async () => {
  const small = createKest({ maxBytes: 10 });
  let cancelled = false;
  const endless = small.verified({ nodeId: "endless" }, () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytesOf(1, 2, 3, 4)),
      cancel: () => void (cancelled = true),
    }));
  await assert.rejects(endless(), coded("LIMIT", /maxBytes/));
  assert.equal(cancelled, true);
});

test("a generator that yields a rejected promise is closed, and its error reaches the caller", async () => {
  const boom = new Error("boom");
  let closed = false;
  const fail = kest.verified(function* fail() {
    try {
      yield Promise.reject(boom);
    } finally {
      closed = true;
    }
  });
  assert.equal(await errorOf(fail()), boom);
  assert.equal(closed, true);
});

test("limits that are no positive integers are a RangeError", () => {
  assert.throws(() => createKest({ maxItems: 0 }), RangeError);
  assert.throws(() => createKest({ maxBytes: 1.5 }), RangeError);
  assert.throws(() => createKest({ policyTimeoutMs: NaN }), RangeError);
});

// ---- Results ----

test("undefined is a content kind of its own", async () => {
  const nothing = await kest.verified({ nodeId: "nothing" }, () => {})();
  const nulled = await kest.verified({ nodeId: "nulled" }, () => null)();
  assert.equal(nothing.data, undefined);
  assert.equal(headOf(nothing).content_kind, "undefined");
  assert.equal(headOf(nulled).content_kind, "json");
  assert.notEqual(headOf(nothing).content_hash, headOf(nulled).content_hash);
});

const SAME_BYTES: [string, () => Uint8Array | ArrayBuffer | Blob][] = [
  ["Uint8Array", () => bytesOf(1, 2, 3)],
  ["ArrayBuffer", () => bytesOf(1, 2, 3).buffer],
  ["Blob", () => new Blob([bytesOf(1, 2, 3)])],
];

for (const [name, make] of SAME_BYTES) {
  test(`a ${name} is hashed by its raw bytes`, async () => {
    const result = await kest.verified({ nodeId: "make" }, make)();
    assert.equal(headOf(result).content_kind, "bytes");
    assert.equal(headOf(result).content_hash, sha256(bytesOf(1, 2, 3)));
  });
}

test("a Blob is originated asynchronously, anything else at once", async () => {
  const pending = kest.originate(new Blob(["a"]));
  assert.ok(pending instanceof Promise);
  assert.equal(headOf(await pending).content_kind, "bytes");
  assert.ok(kest.originate("a") instanceof KestData);
});

test("tracked values inside a result are flattened and become parents with role result", async () => {
  const a = kest.originate(1, { nodeId: "a", taint: ["x"] });
  const b = kest.originate({ deep: true }, { nodeId: "b" });
  const wrap = kest.verified({ nodeId: "wrap" }, () => ({ list: [a, 2], b }));
  const result = await wrap();
  assert.deepEqual(result.data as unknown, { list: [1, 2], b: { deep: true } });
  assert.deepEqual(rolesOf(result), { a: ["result"], b: ["result"] });
  assert.deepEqual(result.passport.taints, ["x"]);
});

test("a returned tracked value is unwrapped, never tracked twice", async () => {
  const a = kest.originate([1], { nodeId: "a" });
  const pass = await kest.verified({ nodeId: "pass" }, () => a)();
  assert.deepEqual(pass.data, [1]);
  assert.deepEqual(rolesOf(pass), { a: ["result"] });
});

test("tracked items of a generator become parents", async () => {
  const a = kest.originate(1, { nodeId: "a", taint: ["x"] });
  const all = await kest.verified(function* all() {
    yield a;
    yield a;
  })();
  assert.deepEqual(all.data, [1, 1]);
  assert.deepEqual(rolesOf(all), { a: ["result"] });
});

for (
  const [name, value] of [
    ["Map", new Map()],
    ["Set", new Set()],
    ["function", () => 1],
    ["NaN", NaN],
    ["BigInt", 1n],
    ["bytes inside JSON", { inside: new Uint8Array(1) }],
    ["lone surrogate", "\ud800"],
    ["class instance", new (class Point {})()],
  ] as const
) {
  test(`a ${name} as a result is refused and leaves a failed entry`, async () => {
    const { kest, events } = await bench();
    const error = await errorOf(kest.verified({ nodeId: "make" }, () => value)());
    assert.match((error as { code: string }).code, /^CONTENT_/);
    assert.deepEqual(events.map(({ entry }) => entry.kind), ["failed"]);
  });
}

test("a result that is a cycle is refused, however many ways lead around it", async () => {
  const node: { children: unknown[] } = { children: [] };
  node.children.push({ parent: node }, { parent: node }, { parent: node });
  const make = kest.verified({ nodeId: "make" }, () => node as unknown);
  await assert.rejects(make(), coded("CONTENT_CYCLE"));
});

// ---- Errors ----

for (const thrown of [new Error("boom"), "text", undefined, null, { plain: true }]) {
  test(`an error reaches the caller unchanged: ${JSON.stringify(thrown)}`, async () => {
    const asynchronous = kest.verified({ nodeId: "a" }, () => Promise.reject(thrown));
    const synchronous = kest.verified({ nodeId: "s" }, () => {
      throw thrown;
    });
    assert.equal(await errorOf(asynchronous()), thrown);
    assert.equal(await errorOf(synchronous()), thrown);
  });
}

test("a failed call leaves a failed entry that holds its inner entries, and verifies", async () => {
  const { kest, events, trust } = await bench();
  const boom = new Error("boom");
  const inner = kest.verified({ nodeId: "inner", addedTaint: ["seen"] }, () => 1);
  const outer = kest.verified({ nodeId: "outer", addedTaint: ["own"] }, async (_: number) => {
    await inner();
    throw boom;
  });
  assert.equal(await errorOf(outer(kest.originate(1))), boom);
  const event = events.at(-1)!;
  assert.equal(event.error, boom);
  assert.equal(event.entry.kind, "failed");
  assert.equal(event.entry.content_kind, "none");
  assert.deepEqual(rolesOf(event.passport), { originate: ["argument"], inner: ["inner"] });
  assert.deepEqual(event.passport.taints, ["own", "seen"]);
  await assertVerifies(event.passport, trust);
});

test("the passport of a verified call verifies", async () => {
  const { kest, trust } = await bench();
  const double = kest.verified({ nodeId: "double" }, (n: number) => n * 2);
  const result = await double(kest.originate(21));
  assert.equal(entriesOf(result).length, 2);
  await assertVerifies(result.passport, trust);
});

test("a key is fixed when the entry is made, not when it is sealed", async () => {
  const kest = createKest();
  const unsigned = kest.originate(1);
  kest.config.signer = await generateKey();
  assert.equal(headOf(unsigned).public_key_id, null);
  await assert.rejects(unsigned.passport.seal(), coded("SEAL_NOTHING"));
  assert.equal(headOf(kest.originate(1)).public_key_id, kest.config.signer.publicKey.id);
});

test("only kest makes KestData", () => {
  const untyped = KestData as unknown as new (...args: unknown[]) => KestData<number>;
  assert.throws(() => new untyped(1).passport.heads, TypeError);
});
