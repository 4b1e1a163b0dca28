// engine.wasm is built, inside tests/fixtures, by
//   opa build -t wasm -e engine/echo -e engine/missing -e engine/conflict -e engine/allow \
//     -e engine/allow_unless -e engine/now -e engine/dice -e engine/id -e engine/formatted \
//     -e engine/limit -e engine/unique -e engine/many -o bundle.tar.gz engine.rego
//   tar xzOf bundle.tar.gz /policy.wasm > engine.wasm

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { KestError } from "../lib/base/errors.ts";
import { sha256 } from "../lib/bytes/sha256.ts";
import { utf8 } from "../lib/bytes/encoding.ts";
import type { PolicyRequest } from "../lib/policy/engine.ts";
import { WasmOpaEngine } from "../lib/policy/wasm_opa.ts";
import { WASM_MODULE_BYTES } from "../lib/policy/wasm_source.ts";

function read(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`../${path}`, import.meta.url)));
}

const WASM = read("tests/fixtures/engine.wasm");
const SEED = "000102030405060708090a0b0c0d0e0f";

function request(rule: string, input: unknown, more: Partial<PolicyRequest> = {}): PolicyRequest {
  const signal = new AbortController().signal;
  const inputText = JSON.stringify(input);
  return {
    rule: `data.${rule}`,
    inputText,
    timeMs: 1_763_850_000_123,
    seed: SEED,
    signal,
    ...more,
  };
}

async function ask(
  engine: WasmOpaEngine,
  rule: string,
  input: unknown,
  more: Partial<PolicyRequest> = {},
): Promise<unknown> {
  return (await engine.evaluate(request(rule, input, more))).value;
}

function refusal(code: string, message: RegExp): (thrown: unknown) => true {
  return (thrown) => {
    assert.ok(thrown instanceof KestError, String(thrown));
    assert.equal(thrown.code, code);
    assert.match(thrown.message, message);
    assert.doesNotMatch(thrown.message, /\.$/);
    return true;
  };
}

/** The module with another name of the same length written over one that it holds. */
function renamed(from: string, to: string): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder("latin1").decode(WASM);
  const at = text.indexOf(`${from}\0`);
  assert.ok(at > 0 && from.length === to.length);
  const bytes = WASM.slice();
  bytes.set(utf8(to), at);
  return bytes;
}

test("WasmOpaEngine answers allow, deny and undefined", async () => {
  const engine = await WasmOpaEngine.load(WASM);
  assert.equal(engine.kind, "opa-wasm");
  const { value, policyDigest } = await engine.evaluate(request("engine.allow", { ok: true }));
  assert.equal(value, true);
  assert.equal(policyDigest, engine.digest);
  assert.equal(await ask(engine, "engine.allow", { ok: false }), undefined);
  assert.equal(await ask(engine, "engine.missing", {}), undefined);
  assert.equal(await ask(engine, "engine.conflict", { a: true }), 1);
});

test("WasmOpaEngine returns values that are not boolean as they are", async () => {
  const engine = await WasmOpaEngine.load(WASM);
  const values = [false, 0, "", null, [], {}, "true", 1, 0.1, ["é", "\u{1F600}", "a\0b"]];
  for (const value of [...values, { __proto__: null, constructor: 1, toString: [{}] }]) {
    assert.deepEqual(await ask(engine, "engine.echo", value), JSON.parse(JSON.stringify(value)));
  }
  assert.deepEqual(await ask(engine, "engine.unique", { xs: [3, 1, 3] }), [1, 3]);
  assert.equal(await ask(engine, "engine.formatted", { n: 2, name: "é" }), "2 of é");
  const own = await ask(engine, "engine.echo", 0, { inputText: '{"__proto__":7}' });
  assert.ok(Object.hasOwn(own as object, "__proto__"));
});

test("WasmOpaEngine lists its entrypoints and names them when asked for another rule", async () => {
  const engine = await WasmOpaEngine.load(WASM);
  assert.deepEqual(
    engine.entrypoints,
    "allow allow_unless conflict dice echo formatted id limit many missing now unique"
      .split(" ").map((name) => `data.engine.${name}`),
  );
  for (const rule of ["engine.other", "engine", "engine/allow", "__proto__", "constructor"]) {
    await assert.rejects(
      async () => await ask(engine, rule, {}),
      refusal("POLICY_EVALUATION", /^Rule data\..*: not an entrypoint.*data\.engine\.allow,/),
    );
  }
  await assert.rejects(
    async () => await engine.evaluate({ ...request("", {}), rule: "engine/allow" }),
    refusal("POLICY_EVALUATION", /not an entrypoint/),
  );
});

test("WasmOpaEngine never takes broken input for no input", async () => {
  const engine = await WasmOpaEngine.load(WASM);
  assert.equal(await ask(engine, "engine.allow_unless", {}), true);
  assert.equal(await ask(engine, "engine.allow_unless", { stop: true }), undefined);
  for (const inputText of ["", "xx", '{"stop":true', '{"stop":true} x', '"\u0001"', "\ufeff{}"]) {
    await assert.rejects(
      async () => await ask(engine, "engine.allow_unless", 0, { inputText }),
      refusal("POLICY_EVALUATION", /input document is not JSON$/),
    );
  }
  const inputText = '"\\ud800"';
  await assert.rejects(
    async () => await ask(engine, "engine.echo", 0, { inputText }),
    refusal("POLICY_EVALUATION", /illegal string escape/),
  );
});

test("WasmOpaEngine works again after an evaluation was aborted", async () => {
  const engine = await WasmOpaEngine.load(WASM, { data: { config: { limit: 5 } } });
  for (let round = 0; round < 3; round++) {
    await assert.rejects(
      async () => await ask(engine, "engine.conflict", { a: true, b: true }),
      refusal("POLICY_EVALUATION", /data\.engine\.conflict: evaluation failed: .*conflict/),
    );
    assert.equal(await ask(engine, "engine.conflict", { b: true }), 2);
    assert.equal(await ask(engine, "engine.limit", {}), 5);
  }
  const mixed = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) => ask(engine, "engine.conflict", { a: true, b: i % 2 > 0 })),
  );
  mixed.forEach((outcome, index) => {
    assert.equal(outcome.status, index % 2 > 0 ? "rejected" : "fulfilled");
    if (outcome.status === "fulfilled") assert.equal(outcome.value, 1);
  });
});

test("WasmOpaEngine wraps a stack overflow on deep input", async () => {
  const engine = await WasmOpaEngine.load(WASM);
  const deep = (depth: number) => ({ inputText: "[".repeat(depth) + "]".repeat(depth) });
  assert.ok(Array.isArray(await ask(engine, "engine.echo", 0, deep(256))));
  await assert.rejects(
    async () => await ask(engine, "engine.echo", 0, deep(200_000)),
    refusal("POLICY_EVALUATION", /./),
  );
  assert.equal(await ask(engine, "engine.allow", { ok: true }), true);
});

test("WasmOpaEngine caps memory and recovers", async () => {
  const engine = await WasmOpaEngine.load(WASM, { memoryPages: { initial: 8, maximum: 24 } });
  await assert.rejects(
    async () => await ask(engine, "engine.many", { n: 1_000_000 }),
    refusal("POLICY_EVALUATION", /24 pages of 64 KiB: raise memoryPages\.maximum$/),
  );
  await assert.rejects(
    async () => await ask(engine, "engine.echo", "x".repeat(3_000_000)),
    refusal("POLICY_EVALUATION", /evaluation failed/),
  );
  assert.equal(await ask(engine, "engine.many", { n: 3 }), 3);
});

test("WasmOpaEngine stays correct when an instance grew too large to be kept", async () => {
  const engine = await WasmOpaEngine.load(WASM, { data: { config: { limit: 5 } } });
  assert.equal(await ask(engine, "engine.many", { n: 200_000 }), 200_000);
  assert.equal(await ask(engine, "engine.limit", {}), 5);
});

test("WasmOpaEngine refuses memory that cannot be had", async () => {
  for (const memoryPages of [{ initial: 0 }, { maximum: 1.5 }, { maximum: 65_537 }]) {
    await assert.rejects(() => WasmOpaEngine.load(WASM, { memoryPages }), RangeError);
  }
  const crossed = { initial: 9, maximum: 8 };
  await assert.rejects(() => WasmOpaEngine.load(WASM, { memoryPages: crossed }), RangeError);
  await assert.rejects(
    () => WasmOpaEngine.load(WASM, { memoryPages: { initial: 1, maximum: 8 } }),
    refusal("POLICY_LOAD", /memoryPages\.initial/),
  );
});

test("WasmOpaEngine gives rules the request's time and seed, nothing else", async () => {
  const engine = await WasmOpaEngine.load(WASM);
  assert.equal(await ask(engine, "engine.now", {}), 1_763_850_000_123_000_000);
  assert.equal(await ask(engine, "engine.now", {}, { timeMs: 0 }), 0);
  const id = await ask(engine, "engine.id", { key: "k" });
  assert.match(String(id), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(await ask(engine, "engine.id", { key: "k" }), id);
  assert.notEqual(await ask(engine, "engine.id", { key: "l" }), id);
  assert.notEqual(await ask(engine, "engine.id", { key: "k" }, { seed: "f".repeat(32) }), id);
  const dice = await ask(engine, "engine.dice", { key: "k", sides: 6 });
  const preimage = `kest/v1/policy-random\0${SEED}\0rand.intn\x006\0k`;
  assert.equal(dice, Number(BigInt(`0x${sha256(preimage)}`) % 6n));
  assert.equal(await ask(engine, "engine.dice", { key: "k", sides: -6 }), dice);
  assert.equal(await ask(engine, "engine.dice", { key: "k", sides: 0 }), 0);
  assert.equal(await ask(engine, "engine.dice", { key: "k", sides: 1.5 }), undefined);
  assert.equal(await ask(engine, "engine.dice", { key: 1, sides: 6 }), undefined);
  // As OPA has it, any key will do.
  assert.equal(
    await ask(engine, "engine.id", { key: null }),
    "5b617138-ccb1-412e-a3a8-a1a0c01a9a5c",
  );
});

test("WasmOpaEngine does not start when the signal is aborted", async () => {
  const engine = await WasmOpaEngine.load(WASM);
  const signal = AbortSignal.abort();
  await assert.rejects(
    async () => await ask(engine, "engine.allow", { ok: true }, { signal }),
    refusal("POLICY_EVALUATION", /deadline/),
  );
  assert.equal(await ask(engine, "engine.allow", { ok: true }), true);
});

test("WasmOpaEngine.load() refuses a builtin that nobody provides, by name", async () => {
  for (const [from, to] of [["time.now_ns", "time.xyz_ns"], ["sprintf", "valueOf"]] as const) {
    await assert.rejects(
      () => WasmOpaEngine.load(renamed(from, to)),
      refusal("POLICY_LOAD", new RegExp(`it calls ${to}, which this engine does not have`)),
    );
  }
});

test("WasmOpaEngine.load() refuses what is not a policy", async () => {
  const emptyModule = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(), /not a WebAssembly module/],
    [utf8("package kest.policy"), /not a WebAssembly module/],
    [WASM.slice(0, 1000), /not a WebAssembly module/],
    [emptyModule, /not a policy; compile it with opa build -t wasm/],
    [new Uint8Array([0x1f, 0x8b, 8]), /policy\.wasm inside the bundle/],
    [new Uint8Array(WASM_MODULE_BYTES + 1), /larger than/],
  ];
  for (const [bytes, message] of cases) {
    await assert.rejects(() => WasmOpaEngine.load(bytes), refusal("POLICY_LOAD", message));
  }
  for (const source of [undefined, "engine.wasm", {}]) {
    await assert.rejects(() => WasmOpaEngine.load(source as unknown as Uint8Array), TypeError);
  }
});

test("WasmOpaEngine.load() reads buffers, views and responses", async () => {
  const { digest } = await WasmOpaEngine.load(WASM);
  const padded = new Uint8Array(WASM.length + 7);
  padded.set(WASM, 3);
  const sources = [WASM.slice().buffer, padded.subarray(3, 3 + WASM.length), new Response(WASM)];
  for (const source of [...sources, Promise.resolve(new Response(WASM))]) {
    assert.equal((await WasmOpaEngine.load(source)).digest, digest);
  }
  const refused: [() => Response | Promise<Response>, RegExp][] = [
    [() => new Response("no", { status: 404 }), /status 404/],
    [() => new Response(null), /not a WebAssembly module/],
    [() => new Response(new Uint8Array(WASM_MODULE_BYTES + 1)), /larger than/],
    [() => Promise.reject(new TypeError("offline")), /offline/],
  ];
  for (const [source, message] of refused) {
    await assert.rejects(() => WasmOpaEngine.load(source()), refusal("POLICY_LOAD", message));
  }
});

test("WasmOpaEngine.load() copies the bytes and the data", async () => {
  const bytes = WASM.slice();
  const config = { limit: 5 };
  const loading = WasmOpaEngine.load(bytes, { data: { config } });
  bytes.fill(0);
  config.limit = 6;
  const engine = await loading;
  assert.equal(await ask(engine, "engine.limit", {}), 5);
  assert.equal(
    engine.digest,
    (await WasmOpaEngine.load(WASM, { data: { config: { limit: 5 } } })).digest,
  );
});

test("WasmOpaEngine.digest covers the module and the data", async () => {
  const digestOf = async (data?: Record<string, unknown>) =>
    (await WasmOpaEngine.load(WASM, data === undefined ? {} : { data })).digest;
  const preimage = [utf8("kest/v1/policy-wasm\0"), fromHex(sha256(WASM)), utf8('{"a":1,"b":[2]}')];
  const expected = sha256(new Uint8Array(await new Blob(preimage).arrayBuffer()));
  assert.equal(await digestOf({ b: [2], a: 1 }), `wasm:sha256:${expected}`);
  assert.equal(await digestOf(), await digestOf({}));
  assert.notEqual(await digestOf(), await digestOf({ a: 1 }));
  const other = await WasmOpaEngine.load(read("policies/quickstart.wasm"));
  assert.notEqual(await digestOf(), other.digest);
});

test("WasmOpaEngine.load() refuses data without a JSON form", async () => {
  for (const data of [{ when: new Map() }, { n: NaN }, [1], new Set(), "text"]) {
    await assert.rejects(
      () => WasmOpaEngine.load(WASM, { data: data as Record<string, unknown> }),
      refusal("POLICY_LOAD", /data (has no JSON form|must be an object)/),
    );
  }
});

test("quickstart.wasm follows the truth table of the policies", async () => {
  const engine = await WasmOpaEngine.load(read("policies/quickstart.wasm"));
  const rules = ["allow", "allow_merge", "allow_strip_pii", "allow_system_a_only"];
  assert.deepEqual(
    engine.entrypoints,
    [...rules.map((name) => `data.kest.policy.${name}`), "data.kest.trust.allow"],
  );
  const table: [unknown, boolean, boolean, boolean, boolean][] = [
    [{ taints: [] }, true, true, false, false],
    [{ taints: ["system_a"] }, true, true, false, true],
    [{ taints: ["pii_data"] }, true, true, true, false],
    [{ taints: ["internet_data"] }, true, true, false, false],
    [{ taints: ["internet_data", "pii_data"] }, false, false, true, false],
    [{ taints: ["internet_data", "pii_data", "pii_stripped"] }, true, true, true, false],
    [{}, false, false, false, false],
    [null, false, false, false, false],
    [{ taints: { a: "system_a", b: "pii_data" } }, false, false, false, false],
    [{ taints: ["system_a", 7] }, false, false, false, false],
  ];
  for (const [input, ...expected] of table) {
    const found = await Promise.all(rules.map((rule) => ask(engine, `kest.policy.${rule}`, input)));
    assert.deepEqual(found, expected, JSON.stringify(input));
  }
  for (const trust_score of [0.7, 0.71, 1]) {
    assert.equal(await ask(engine, "kest.trust.allow", { trust_score }), true);
  }
  for (const trust_score of [0, 0.6999999999999999, null, "0.9", [1], {}]) {
    assert.equal(await ask(engine, "kest.trust.allow", { trust_score }), false);
  }
  assert.equal(await ask(engine, "kest.trust.allow", {}), false);
});

for (const name of ["policy_input", "trust_policy"]) {
  test(`${name}.schema.json is closed, described and has no dangling reference`, () => {
    const schema = JSON.parse(new TextDecoder().decode(read(`policies/${name}.schema.json`)));
    assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
    assert.match(schema.properties.version.const, /^kest-(input|trust)\/1$/);
    checkSchema(schema, schema.$defs, "");
  });
}

test("policy_input.schema.json describes the members that lib/lineage/entry.ts declares", () => {
  const source = new TextDecoder().decode(read("lib/lineage/entry.ts"));
  const { $defs } = JSON.parse(new TextDecoder().decode(read("policies/policy_input.schema.json")));
  const pairs = Object.entries({
    EntryBody: "entry",
    Decision: "decision",
    Origin: "origin",
    TrackedInput: "tracked_input",
    RawInput: "raw_input",
    OpaqueInput: "opaque_input",
  });
  for (const [type, definition] of pairs) {
    const body = source.split(`export interface ${type} {`)[1]!.split("\n}")[0]!;
    const members = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map((match) => match[1]!);
    if (definition === "entry") members.push("entry_hash");
    assert.deepEqual(Object.keys($defs[definition].properties).sort(), members.sort(), type);
  }
});

type Schema = Record<string, unknown>;

function checkSchema(node: Schema, defs: Schema, path: string): void {
  if (typeof node.$ref === "string") {
    assert.ok(Object.hasOwn(defs, node.$ref.replace("#/$defs/", "")), `${path}: ${node.$ref}`);
  }
  if (node.type === "object") assert.ok("additionalProperties" in node, `${path} is open`);
  const properties = (node.properties ?? {}) as Record<string, Schema | boolean>;
  if (node.type === "object" && node.properties) {
    assert.equal(node.additionalProperties, false, `${path} is open`);
    for (const [name, property] of Object.entries(properties)) {
      assert.ok((property as Schema).description, `${path}/${name} has no description`);
    }
    for (const name of node.required as string[]) assert.ok(name in properties, `${path}/${name}`);
  }
  const inside = [properties, (node.$defs ?? {}) as Schema, { items: node.items }];
  for (const [name, value] of inside.flatMap((group) => Object.entries(group))) {
    if (typeof value === "object" && value) checkSchema(value as Schema, defs, `${path}/${name}`);
  }
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hex.match(/../g)!.map((pair) => parseInt(pair, 16)));
}
