import assert from "node:assert/strict";
import { test } from "node:test";
import { createKest, type Input, KestData, type PolicyEngine } from "../../mod.ts";
import { assertVerifies, bench, coded, headOf, rolesOf } from "./helpers.ts";

const kest = createKest();

/** Hands its arguments on by identity, and can be asked for its entry. */
function spy(options: { opaqueArgs?: number[] } = {}) {
  const seen: unknown[][] = [];
  const call = kest.verified({ nodeId: "spy", ...options }, (...args: unknown[]) => {
    seen.push(args);
    return args.length;
  });
  return { call, seen };
}

function trackedInputs(inputs: readonly Input[]): [number, string, string][] {
  return inputs.flatMap((i) => "entry_hash" in i ? [[i.arg, i.path, i.entry_hash]] : []);
}

test("a tracked argument arrives as its data, by identity", async () => {
  const { call, seen } = spy();
  const data = { a: 1 };
  const value = kest.originate(data);
  const result = await call(value);
  assert.equal(seen[0]![0], data);
  assert.deepEqual(rolesOf(result), { originate: ["argument"] });
});

test("tracked values are found in arrays", async () => {
  const { call, seen } = spy();
  await call([kest.originate(1), 2, [kest.originate(3)]]);
  assert.deepEqual(seen[0]![0], [1, 2, [3]]);
});

test("tracked values are found in nested plain objects, also without a prototype", async () => {
  const { call, seen } = spy();
  const bare = Object.assign(Object.create(null), { v: kest.originate(1) });
  await call({ a: { b: { c: kest.originate(2) } }, bare });
  const [argument] = seen[0]! as [{ a: unknown; bare: object }];
  assert.deepEqual(argument.a, { b: { c: 2 } });
  assert.equal(Object.getPrototypeOf(argument.bare), null);
});

test("a container with tracked values is copied; the caller's own stays as it is", async () => {
  const { call, seen } = spy();
  const value = kest.originate(1);
  const sibling = { keep: true };
  const given = { value, sibling };
  await call(given);
  const [argument] = seen[0]! as [{ value: unknown; sibling: unknown }];
  assert.notEqual(argument, given);
  assert.equal(given.value, value);
  assert.equal(argument.sibling, sibling);
});

test("a container without tracked values is passed by identity", async () => {
  const { call, seen } = spy();
  const given = { list: [1, { deep: [] }] };
  await call(given);
  assert.equal(seen[0]![0], given);
});

test("frozen containers are copied like any other", async () => {
  const { call, seen } = spy();
  const list = Object.freeze([kest.originate(1), 2]);
  const record = Object.freeze({ a: kest.originate(1), b: Promise.resolve(2) });
  await call(list, record);
  assert.deepEqual(seen[0], [[1, 2], { a: 1, b: 2 }]);
});

test("an own member named __proto__ stays an own member", async () => {
  const { call, seen } = spy();
  const given = JSON.parse('{"__proto__":{"polluted":1},"v":null}');
  given.v = kest.originate(1);
  await call(given);
  const argument = seen[0]![0] as object;
  assert.deepEqual(Object.keys(argument), ["__proto__", "v"]);
  assert.equal((argument as { polluted?: unknown }).polluted, undefined);
});

test("a promise of a tracked value is awaited, at the top level and nested", async () => {
  const { call, seen } = spy();
  const later = Promise.resolve(kest.originate(1));
  const result = await call(later, { list: [Promise.resolve(kest.originate(2))] });
  assert.deepEqual(seen[0], [1, { list: [2] }]);
  assert.equal(headOf(result).parent_hashes.length, 2);
});

test("the promise of a verified call is an argument like its result", async () => {
  const one = kest.verified({ nodeId: "one" }, () => 1);
  const add = kest.verified({ nodeId: "add" }, (a: number, b: number) => a + b);
  const sum = await add(one(), one());
  assert.equal(sum.data, 2);
  assert.equal(headOf(sum).parent_hashes.length, 2);
});

test("a promise of a container of promises is awaited all the way", async () => {
  const { call, seen } = spy();
  await call(Promise.resolve({ v: Promise.resolve([Promise.resolve(kest.originate(1))]) }));
  assert.deepEqual(seen[0], [{ v: [1] }]);
});

test("a rejected promise as an argument rejects the call; the function does not run", async () => {
  const { call, seen } = spy();
  const boom = new Error("boom");
  await assert.rejects(call(Promise.reject(boom)), boom);
  assert.equal(seen.length, 0);
});

test("the same value twice is one parent with two descriptors", async () => {
  const { call, seen } = spy();
  const value = kest.originate({ a: 1 });
  const result = await call(value, [value, { again: value }]);
  const [first, second] = seen[0]! as [unknown, [unknown, { again: unknown }]];
  assert.equal(first, second[0]);
  assert.equal(first, second[1].again);
  const { inputs, parent_hashes } = headOf(result);
  const hash = headOf(value).entry_hash;
  assert.deepEqual(parent_hashes, [hash]);
  assert.deepEqual(trackedInputs(inputs), [[0, "", hash], [1, "/0", hash], [1, "/1/again", hash]]);
});

test("descriptors give argument, JSON Pointer and entry hash", async () => {
  const { call } = spy();
  const value = kest.originate(1);
  const { inputs } = headOf(await call("raw", { "a/b": { "c~d": [0, value] } }));
  assert.deepEqual(trackedInputs(inputs), [[1, "/a~1b/c~0d/1", headOf(value).entry_hash]]);
});

test("a raw argument is described by kind and hash", async () => {
  const { call } = spy();
  const { inputs } = headOf(await call({ a: 1 }, new Uint8Array([1]), undefined));
  assert.deepEqual(inputs.map((input) => "kind" in input && input.kind), [
    "json",
    "bytes",
    "undefined",
  ]);
});

test("the untracked rest of an argument is hashed with null for tracked values", async () => {
  const { call } = spy();
  const masked = headOf(await call({ v: null, rest: 1 })).inputs[0]!;
  const mixed = headOf(await call({ v: kest.originate("x"), rest: 1 })).inputs;
  assert.equal(mixed.length, 2);
  assert.deepEqual(mixed[1], masked);
});

const COUNTS: [string, () => unknown[], number][] = [
  ["no argument", () => [], 0],
  ["a raw argument", () => [1], 1],
  ["a tracked argument", () => [kest.originate(1)], 0],
  ["a container of tracked values only", () => [[kest.originate(1)]], 0],
  ["a container of both", () => [[kest.originate(1), 2]], 1],
  ["two raw and a tracked one", () => ["a", kest.originate(1), { b: 1 }], 2],
];

for (const [name, args, count] of COUNTS) {
  test(`raw_arguments is ${count} for ${name}`, async () => {
    const { call } = spy();
    assert.equal(headOf(await call(...args())).raw_arguments, count);
  });
}

test("opaqueArgs are passed through unread and described by type", async () => {
  const { call, seen } = spy({ opaqueArgs: [0, 1, 2, 3] });
  const callback = () => 1;
  const { signal } = new AbortController();
  const tracked = kest.originate(1);
  const result = await call(callback, signal, null, tracked);
  assert.deepEqual(seen[0], [callback, signal, null, tracked]);
  assert.equal(seen[0]![3], tracked);
  const { inputs } = headOf(result);
  assert.deepEqual(inputs.slice(0, 3), [
    { arg: 0, kind: "opaque", type: "function" },
    { arg: 1, kind: "opaque", type: "AbortSignal" },
    { arg: 2, kind: "opaque", type: "null" },
  ]);
  // Bundlers may rename classes.
  assert.match((inputs[3] as { type: string }).type, /KestData/);
});

test("an argument that cannot be hashed says that opaqueArgs can name it", async () => {
  const { call, seen } = spy();
  await assert.rejects(call(1, () => 1), coded("CONTENT_TYPE", /Argument 1 of spy.*opaqueArgs/));
  assert.equal(seen.length, 0);
});

test("a missing optional argument is not described; an explicit undefined is", async () => {
  const pad = kest.verified({ nodeId: "pad" }, (text: string, width?: number) => text + width);
  assert.equal(headOf(await pad("a")).inputs.length, 1);
  assert.equal(headOf(await pad("a", undefined)).inputs.length, 2);
});

test("a class instance is refused with its path", async () => {
  class Point {
    x = 1;
  }
  const { call } = spy();
  await assert.rejects(call(0, { deep: [new Point()] }), (error: unknown) => {
    coded("CONTENT_TYPE", /Point/)(error);
    assert.equal((error as { path: string }).path, "/1/deep/0");
    return true;
  });
});

test("a tracked value hidden in a class instance is refused, also behind toJSON", async () => {
  class Box {
    readonly value: unknown;
    constructor(value: unknown) {
      this.value = value;
    }
    toJSON(): unknown {
      return { value: this.value };
    }
  }
  const { call } = spy();
  await assert.rejects(call(new Box(kest.originate(1))), coded("CONTENT_TRACKED"));
  await assert.rejects(call(new Map([["a", kest.originate(1)]])), coded("CONTENT_TYPE"));
});

test("an object that looks like a tracked value is plain data", async () => {
  const { call, seen } = spy();
  const real = kest.originate(1, { taint: ["x"] });
  const fake = { data: 2, passport: real.passport.toJSON() };
  const copy = JSON.parse(JSON.stringify(real));
  const result = await call(fake, copy);
  assert.equal(seen[0]![0], fake);
  assert.deepEqual(result.passport.taints, []);
  assert.equal(headOf(result).raw_arguments, 2);
});

test("an object with the prototype of KestData is no tracked value", async () => {
  const { call, seen } = spy();
  await assert.rejects(call(Object.create(KestData.prototype)), coded("CONTENT_TRACKED"));
  assert.equal(seen.length, 0);
});

for (
  const [name, data, change] of [
    ["object", { a: 1 }, (d: unknown) => void ((d as { a: number }).a = 2)],
    ["nested array", { a: [1] }, (d: unknown) => void (d as { a: number[] }).a.push(2)],
    ["bytes", new Uint8Array([1]), (d: unknown) => void ((d as Uint8Array)[0] = 2)],
    [
      "ArrayBuffer",
      new ArrayBuffer(1),
      (d: unknown) => void (new Uint8Array(d as ArrayBuffer)[0] = 2),
    ],
  ] as const
) {
  test(`data changed behind its passport is DATA_MUTATED: ${name}`, async () => {
    const { call, seen } = spy();
    const value = kest.originate<unknown>(data);
    change(data);
    await assert.rejects(call({ inside: value }), coded("DATA_MUTATED", /originate/));
    await assert.rejects(call(value), coded("DATA_MUTATED"));
    assert.equal(seen.length, 0);
  });
}

test("a KestStream as an argument is refused: collect it first", async () => {
  const count = kest.verified({ nodeId: "count", stream: true }, function* () {
    yield 1;
  });
  const { call, seen } = spy();
  const stream = await count();
  await assert.rejects(call(stream), coded("STREAM_ARGUMENT", /collect/));
  await assert.rejects(call([stream]), coded("CONTENT_TYPE"));
  await call(stream.collect());
  assert.deepEqual(seen, [[[1]]]);
});

test("getters in containers are refused and never called", async () => {
  const { call, seen } = spy();
  let reads = 0;
  const value = kest.originate(1);
  const record = {
    value,
    get sneaky() {
      return ++reads;
    },
  };
  const list = Object.defineProperty([value, 0], 1, { get: () => ++reads, enumerable: true });
  await assert.rejects(call(record), coded("CONTENT_TYPE", /accessor/));
  await assert.rejects(call(list), coded("CONTENT_TYPE", /accessor/));
  assert.equal(reads, 0);
  assert.equal(seen.length, 0);
});

test("symbol keys and holes beside tracked values are refused", async () => {
  const { call, seen } = spy();
  const value = kest.originate(1);
  await assert.rejects(call({ value, [Symbol("hidden")]: 1 }), coded("CONTENT_TYPE", /symbol/));
  const holes = [value];
  holes.length = 2;
  await assert.rejects(call(holes), coded("CONTENT_UNDEFINED", /hole/));
  assert.equal(seen.length, 0);
});

test("a cycle is refused, however many ways lead around it", async () => {
  const { call, seen } = spy();
  const node: { children: unknown[]; value?: unknown } = { children: [] };
  node.children.push({ parent: node }, { parent: node }, { parent: node });
  await assert.rejects(call(node), coded("CONTENT_CYCLE"));
  node.value = kest.originate(1);
  await assert.rejects(call(node), coded("CONTENT_CYCLE"));
  assert.equal(seen.length, 0);
});

test("an object that occurs twice is no cycle", async () => {
  const { call, seen } = spy();
  const shared = { v: Promise.resolve(kest.originate(1)) };
  await call([shared, shared]);
  assert.deepEqual(seen[0], [[{ v: 1 }, { v: 1 }]]);
});

test("changing a container after the call began changes nothing", async () => {
  const { kest, trust } = await bench();
  const seen: unknown[] = [];
  const call = kest.verified({ nodeId: "call" }, (list: readonly number[]) => {
    seen.push(list);
    return 0;
  });
  const value = kest.originate(1);
  const list: (number | KestData<number>)[] = [value];
  const pending = call(list);
  list.push(666);
  const result = await pending;
  assert.deepEqual(seen, [[1]]);
  await assertVerifies(result.passport, trust);
});

test("what was decided upon is what runs: a change while it waits is refused", async () => {
  const slow: PolicyEngine = {
    kind: "slow",
    evaluate: () =>
      new Promise((resolve) => setTimeout(resolve, 5, { value: true, policyDigest: null })),
  };
  const kest = createKest({ policyEngine: slow });
  const sent: unknown[] = [];
  const send = kest.verified(
    { nodeId: "send", enforceRules: ["data.mail.allow"] },
    (mail: { to: string }) => void sent.push(mail.to),
  );
  const mail = { to: "alice" };
  const pending = send(mail);
  mail.to = "mallory";
  await assert.rejects(pending, { code: "DATA_MUTATED", path: "/0" });
  const tracked = { to: "alice" };
  const again = send(kest.originate(tracked));
  tracked.to = "mallory";
  await assert.rejects(again, { code: "DATA_MUTATED" });
  const withPromise = kest.verified(
    { nodeId: "both" },
    (mail: { to: string }, _: number) => void sent.push(mail.to),
  );
  const raw = { to: "alice" };
  const waiting = withPromise(raw, Promise.resolve(1));
  raw.to = "mallory";
  await assert.rejects(waiting, { code: "DATA_MUTATED" });
  assert.deepEqual(sent, []);
});

test("values that share parts are searched in linear time", async () => {
  let shared: unknown = { leaf: 1 };
  for (let depth = 0; depth < 40; depth++) shared = [shared, shared];
  const kest = createKest();
  const take = kest.verified({ nodeId: "take" }, (_: unknown) => 1);
  await assert.rejects(take([kest.originate(1), shared]), { code: "CONTENT_SIZE" });
});

test("KestData and passports cannot be made by their constructors", () => {
  const value = createKest().originate(1);
  for (const made of [value, value.passport]) {
    const Made = made.constructor as unknown as new (...args: unknown[]) => unknown;
    assert.throws(() => new Made({}, {}), TypeError);
  }
});
