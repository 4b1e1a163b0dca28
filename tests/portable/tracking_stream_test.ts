import assert from "node:assert/strict";
import { test } from "node:test";
import { createKest, KestStream } from "../../mod.ts";
import {
  assertVerifies,
  bench,
  coded,
  entriesOf,
  errorOf,
  headOf,
  rolesOf,
  sealAndVerify,
} from "./helpers.ts";

async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

test("a stream is handed on as it is yielded, and its entry is made when it ends", async () => {
  const { kest, events, trust } = await bench();
  const count = kest.verified({ nodeId: "count", stream: true }, function* (to: number) {
    for (let i = 1; i <= to; i++) yield i;
  });
  const stream = await count(3);
  assert.ok(stream instanceof KestStream);
  assert.equal(events.length, 0);
  assert.deepEqual(await readAll(stream), [1, 2, 3]);
  const final = await stream.final;
  assert.equal(headOf(final).stream, "complete");
  assert.equal(headOf(final).content_kind, "items");
  assert.equal(events.length, 1);
  await assertVerifies(final, trust);
});

test("a consumer that breaks closes the source and leaves an entry that says cancelled", async () => {
  const { kest, events, trust } = await bench();
  let closed = false;
  const count = kest.verified({ nodeId: "count", stream: true }, function* () {
    try {
      while (true) yield 1;
    } finally {
      closed = true;
    }
  });
  const stream = await count();
  for await (const _ of stream) break;
  assert.equal(closed, true);
  const final = await stream.final;
  assert.equal(headOf(final).stream, "cancelled");
  assert.equal(events.length, 1);
  const report = await sealAndVerify(final, trust);
  assert.equal(report.outcome, "verified");
  assert.deepEqual(report.findings.map(({ code }) => code), ["STREAM_CANCELLED"]);
});

test("what a cancelled stream yielded is its content", async () => {
  const { kest } = await bench();
  const upTo = (to: number) =>
    kest.verified({ nodeId: "n", stream: true }, function* () {
      for (let i = 1; i <= to; i++) yield i;
    })();
  const [short, long] = [await upTo(2), await upTo(9)];
  await readAll(short);
  const iterator = long[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.next();
  await iterator.return!();
  assert.equal(headOf(await long.final).content_hash, headOf(await short.final).content_hash);
});

test("a failing stream gives the error unchanged, once, and leaves one failed entry", async () => {
  const { kest, events, trust } = await bench();
  const boom = new Error("boom");
  const fail = kest.verified({ nodeId: "fail", stream: true }, function* () {
    yield 1;
    throw boom;
  });
  const stream = await fail();
  const iterator = stream[Symbol.asyncIterator]();
  assert.deepEqual(await iterator.next(), { done: false, value: 1 });
  assert.equal(await errorOf(iterator.next()), boom);
  assert.equal((await iterator.next()).done, true);
  assert.equal((await iterator.return!()).done, true);
  assert.equal(await errorOf(stream.final), boom);
  assert.deepEqual(events.map(({ entry }) => entry.kind), ["failed"]);
  await assertVerifies(events[0]!.passport, trust);
});

test("a failure that nobody awaits at final is no unhandled rejection", async () => {
  const kest = createKest();
  const fail = kest.verified({ nodeId: "fail", stream: true }, function* () {
    yield Promise.reject(new Error("boom"));
  });
  await errorOf(readAll(await fail()));
});

test("bytes and other items in one stream are refused: one failed entry, source closed", async () => {
  const { kest, events } = await bench();
  for (const consume of ["iterate", "collect"] as const) {
    let closed = false;
    const mix = kest.verified({ nodeId: "mix", stream: true }, function* () {
      try {
        yield 1;
        yield new Uint8Array(1);
        yield 2;
      } finally {
        closed = true;
      }
    });
    const stream = await mix();
    const consumed = consume === "collect" ? stream.collect() : readAll(stream);
    await assert.rejects(consumed, coded("CONTENT_TYPE"));
    assert.equal(closed, true);
  }
  assert.deepEqual(events.map(({ entry }) => entry.kind), ["failed", "failed"]);
});

test("a source that fails when it is closed rejects final and leaves a failed entry", async () => {
  const { kest, events } = await bench();
  const boom = new Error("boom");
  const fail = kest.verified({ nodeId: "fail", stream: true }, function* () {
    try {
      yield 1;
      yield 2;
    } finally {
      // deno-lint-ignore no-unsafe-finally
      throw boom;
    }
  });
  const stream = await fail();
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  assert.equal(await errorOf(iterator.return!()), boom);
  assert.equal(await errorOf(stream.final), boom);
  assert.deepEqual(events.map(({ entry }) => entry.kind), ["failed"]);
});

test("an exporter that fails at the end of a stream rejects final", async () => {
  const broken = {
    export(): void {
      throw new Error("disk full");
    },
  };
  const kest = createKest({ exporters: [broken] });
  const one = kest.verified({ nodeId: "one", stream: true }, function* () {
    yield 1;
  });
  const stream = await one();
  await assert.rejects(readAll(stream), coded("EXPORT"));
  await assert.rejects(stream.final, coded("EXPORT"));
});

test("collect reads a stream of items into a tracked array", async () => {
  const { kest, trust } = await bench();
  const count = kest.verified({ nodeId: "count", stream: true }, function* () {
    yield* [{ a: 1 }, { a: 2 }];
  });
  const collected = await (await count()).collect();
  assert.deepEqual(collected.data, [{ a: 1 }, { a: 2 }]);
  const use = kest.verified({ nodeId: "use" }, (rows: readonly { a: number }[]) => rows.length);
  const used = await use(collected);
  assert.equal(used.data, 2);
  await assertVerifies(used.passport, trust);
});

test("collect reads a stream of bytes into tracked bytes", async () => {
  const { kest } = await bench();
  const read = kest.verified(
    { nodeId: "read", stream: true },
    () =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new Uint8Array([1, 2]));
          controller.enqueue(new Uint8Array([3]));
          controller.close();
        },
      }),
  );
  const collected = await (await read()).collect();
  assert.deepEqual(collected.data, new Uint8Array([1, 2, 3]));
  assert.equal(headOf(collected).content_kind, "bytes");
  const use = kest.verified({ nodeId: "use" }, (bytes: Uint8Array) => bytes.length);
  assert.equal((await use(collected)).data, 3);
});

test("collect of an empty stream is an empty array that is an argument like any other", async () => {
  const { kest } = await bench();
  const none = kest.verified({ nodeId: "none", stream: true }, function* (): Generator<number> {});
  const collected = await (await none()).collect();
  assert.deepEqual(collected.data, []);
  const use = kest.verified({ nodeId: "use" }, (items: readonly number[]) => items.length);
  assert.equal((await use(collected)).data, 0);
});

test("collect obeys maxItems, and the stream is then cancelled", async () => {
  const { kest, events } = await bench({ maxItems: 2 });
  const endless = kest.verified({ nodeId: "endless", stream: true }, function* () {
    while (true) yield 1;
  });
  await assert.rejects((await endless()).collect(), coded("LIMIT"));
  assert.deepEqual(events.map(({ entry }) => entry.stream), ["cancelled"]);
});

test("a stream can be iterated only once", async () => {
  const kest = createKest();
  const one = kest.verified({ nodeId: "one", stream: true }, function* () {
    yield 1;
  });
  const stream = await one();
  assert.deepEqual(await readAll(stream), [1]);
  await assert.rejects(readAll(stream), coded("STREAM_ACTIVE"));
  await assert.rejects(stream.collect(), coded("STREAM_ACTIVE"));
});

test("pulls that do not wait for each other are answered in order and end once", async () => {
  const { kest, events } = await bench();
  const two = kest.verified({ nodeId: "two", stream: true }, async function* () {
    yield 1;
    yield 2;
  });
  const iterator = (await two())[Symbol.asyncIterator]();
  const pulled = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
  const values = (await Promise.all(pulled)).map(({ value }) => value);
  assert.deepEqual(values, [1, 2, undefined, undefined]);
  assert.equal(events.length, 1);
});

test("inner calls made while pulling are recorded, and inherit the stream's ingress", async () => {
  const { kest, events, trust } = await bench();
  const inner = kest.verified({ nodeId: "inner" }, (n: number) => n * 2);
  const outer = kest.verified(
    { nodeId: "outer", stream: true },
    async function* (of: readonly number[]) {
      for (const n of of) yield (await inner(n)).data;
    },
  );
  const stream = await outer(kest.originate([1, 2], { taint: ["t"] }));
  assert.deepEqual(await readAll(stream), [2, 4]);
  const made = events.filter(({ entry }) => entry.node_id === "inner");
  assert.deepEqual(made[0]!.entry.accumulated_taint, ["t"]);
  const final = await stream.final;
  assert.deepEqual(rolesOf(final), { originate: ["argument"], inner: ["inner", "read"] });
  assert.equal(entriesOf(final).length, 4);
  await assertVerifies(final, trust);
});

test("tracked items are flattened and become parents with role result", async () => {
  const { kest } = await bench();
  const a = kest.originate(1, { nodeId: "a", taint: ["x"] });
  const all = kest.verified({ nodeId: "all", stream: true }, function* () {
    yield a;
    yield { a };
  });
  const stream = await all();
  assert.deepEqual(await readAll(stream) as unknown, [1, { a: 1 }]);
  assert.deepEqual(rolesOf(await stream.final), { a: ["result"] });
});

test("a call that reads a stream made outside descends from it", async () => {
  const { kest, trust } = await bench();
  const source = kest.verified(
    { nodeId: "source", stream: true, addedTaint: ["s"] },
    function* (x: string) {
      yield x;
      yield x;
    },
  );
  const stream = await source(kest.originate("x", { taint: ["t"] }));
  const result = await kest.verified({ nodeId: "reader" }, () => readAll(stream))();
  assert.deepEqual(result.passport.taints, ["s", "t"]);
  assert.deepEqual(rolesOf(result)["source"], ["read"]);
  await assertVerifies(result.passport, trust);
});

test("a call that reads part of a stream ends it and descends from it", async () => {
  const { kest, events, trust } = await bench();
  const source = kest.verified(
    { nodeId: "source", stream: true, addedTaint: ["s"] },
    function* () {
      yield "x";
      yield "y";
    },
  );
  const first = kest.verified({ nodeId: "first" }, async () => {
    const iterator = (await source())[Symbol.asyncIterator]();
    return (await iterator.next()).value as string;
  });
  const result = await first();
  assert.equal(result.data, "x");
  assert.deepEqual(result.passport.taints, ["s"]);
  assert.deepEqual(rolesOf(result), { source: ["inner", "read"] });
  assert.deepEqual(events.map(({ entry }) => entry.stream), ["cancelled", null]);
  await assertVerifies(result.passport, trust);
});

test("a call that leaves a pull waiting ends all the same, and what comes late is discarded", async () => {
  const { kest, events } = await bench();
  let resume: ((item: string) => void) | undefined;
  const source = kest.verified(
    { nodeId: "source", stream: true, addedTaint: ["s"] },
    async function* () {
      yield "x";
      yield await new Promise<string>((resolve) => resume = resolve);
    },
  );
  let late: Promise<IteratorResult<string>> | undefined;
  const first = kest.verified({ nodeId: "first" }, async () => {
    const iterator = (await source())[Symbol.asyncIterator]();
    const { value } = await iterator.next();
    late = iterator.next();
    return value as string;
  });
  const result = await first();
  assert.deepEqual(result.passport.taints, ["s"]);
  resume!("y");
  assert.deepEqual(await late, { done: true, value: undefined });
  assert.deepEqual(events.map(({ entry }) => entry.stream), ["cancelled", null]);
});

test("a loop that reads 100 streams keeps one parent", async () => {
  const { kest } = await bench();
  const source = kest.verified({ nodeId: "source", stream: true }, function* (n: number) {
    yield n + 1;
  });
  const loop = kest.verified({ nodeId: "loop" }, async () => {
    let n = 0;
    for (let i = 0; i < 100; i++) [n] = await readAll(await source(n)) as [number];
    return n;
  });
  const result = await loop();
  assert.equal(result.data, 100);
  assert.equal(headOf(result).parent_hashes.length, 1);
  assert.equal(entriesOf(result).length, 101);
});

test("a returned KestStream is drained into the result", async () => {
  const { kest } = await bench();
  const source = kest.verified(
    { nodeId: "source", stream: true, addedTaint: ["s"] },
    function* () {
      yield 1;
    },
  );
  const result = await kest.verified({ nodeId: "pass" }, () => source())();
  assert.deepEqual(result.data, [1]);
  assert.deepEqual(result.passport.taints, ["s"]);
});

test("stream: true on a function that returns no stream is a TypeError and a failed entry", async () => {
  const { kest, events } = await bench();
  const untyped = kest.verified({ nodeId: "none", stream: true }, () => 1);
  await assert.rejects(untyped(), TypeError);
  assert.deepEqual(events.map(({ entry }) => entry.kind), ["failed"]);
});
