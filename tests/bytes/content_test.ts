/** What a value hashes to, and by which rule (SPEC 3.2). */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  contentAs,
  type ContentKind,
  contentOf,
  EMPTY_HASH,
  NO_CONTENT,
  StreamContent,
} from "../../lib/bytes/content.ts";

const sha256 = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};
const length = (bytes: number) => new Uint8Array([0, 0, 0, 0, 0, 0, bytes >> 8, bytes & 255]);

test("each kind of value has its kind and its hash", async () => {
  const cases: [string, unknown, ContentKind, string][] = [
    ["object", { b: 1, a: "é" }, "json", sha256('{"a":"é","b":1}')],
    ["null", null, "json", sha256("null")],
    ["text", "a", "json", sha256('"a"')],
    ["array", [], "json", sha256("[]")],
    ["Uint8Array", new Uint8Array([1, 2]), "bytes", sha256(new Uint8Array([1, 2]))],
    ["view", new Uint8Array([9, 1, 2, 9]).subarray(1, 3), "bytes", sha256("\u0001\u0002")],
    ["ArrayBuffer", new Uint8Array([1, 2]).buffer, "bytes", sha256("\u0001\u0002")],
    ["Blob", new Blob(["ab", new Uint8Array(3)]), "bytes", sha256("ab\0\0\0")],
    ["empty Blob", new Blob([]), "bytes", sha256("")],
    ["large bytes", new Uint8Array(2 << 20), "bytes", sha256(new Uint8Array(2 << 20))],
    ["undefined", undefined, "undefined", sha256("")],
  ];
  for (const [name, value, kind, hash] of cases) {
    assert.deepEqual(await contentOf(value), { kind, hash }, name);
  }
  assert.deepEqual(NO_CONTENT, { kind: "none", hash: EMPTY_HASH });
});

test("bytes and JSON of the same bytes share a hash but not a kind", async () => {
  const bytes = await contentOf(new TextEncoder().encode("{}"));
  const object = await contentOf({});
  assert.equal(bytes.hash, object.hash);
  assert.notEqual(bytes.kind, object.kind);
});

test("JSON is hashed before contentOf returns; a change afterwards does not count", () => {
  const value = { a: 1 };
  const content = contentOf(value);
  value.a = 2;
  assert.deepEqual(content, { kind: "json", hash: sha256('{"a":1}') });
});

test("a value without a form is refused, bytes in other views too", () => {
  for (const value of [new Map(), new Float32Array(1), new DataView(new ArrayBuffer(1)), 1n]) {
    assert.throws(() => contentOf(value), { code: "CONTENT_TYPE" });
  }
});

test("a stream of items frames each behind its length in bytes", () => {
  const stream = new StreamContent();
  stream.add("é");
  stream.add({ b: 1, a: 2 });
  stream.add(null);
  assert.deepEqual(stream.finish(), {
    kind: "items",
    hash: sha256(length(4), '"é"', length(13), '{"a":2,"b":1}', length(4), "null"),
  });
});

test("where items are split matters; where bytes are split does not", async () => {
  const items = (...list: unknown[]) => contentAs("items", list);
  assert.notDeepEqual(await items("ab"), await items("a", "b"));
  assert.notDeepEqual(await items([1, 2]), await items(1, 2));
  const bytes = new StreamContent();
  bytes.add(new Uint8Array([1]));
  bytes.add(new Uint8Array([]));
  bytes.add(new Uint8Array([2, 3]));
  assert.deepEqual(bytes.finish(), await contentOf(new Uint8Array([1, 2, 3])));
});

test("an empty stream is of kind items", () => {
  assert.deepEqual(new StreamContent().finish(), { kind: "items", hash: EMPTY_HASH });
});

test("a stream that mixes bytes and items, or holds what has no form, is refused", () => {
  const mixed = new StreamContent();
  mixed.add(new Uint8Array(1));
  assert.throws(() => mixed.add("text"), { code: "CONTENT_TYPE" });
  const other = new StreamContent();
  other.add("text");
  assert.throws(() => other.add(new Uint8Array(1)), { code: "CONTENT_TYPE" });
  assert.throws(() => new StreamContent().add({ a: NaN }), { code: "CONTENT_NUMBER", path: "/a" });
  assert.throws(() => new StreamContent().add(undefined), { code: "CONTENT_UNDEFINED" });
});

test("contentAs takes an array for the items of a stream, and for JSON otherwise", async () => {
  const list = [1, "a"];
  const stream = new StreamContent();
  for (const item of list) stream.add(item);
  assert.deepEqual(await contentAs("items", list), stream.finish());
  assert.deepEqual(await contentAs("json", list), await contentOf(list));
  assert.equal((await contentAs("items", { not: "a list" })).kind, "json");
  assert.equal((await contentAs("bytes", list)).kind, "json");
});
