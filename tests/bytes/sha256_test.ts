/** SHA-256: whichever implementation answers, the answer is the same. */

import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { test } from "node:test";
import { sha256 as noble } from "@noble/hashes/sha2.js";
import { toHex, utf8 } from "../../lib/bytes/encoding.ts";
import {
  LARGE_WITH_NODE,
  LARGE_WITHOUT_NODE,
  sha256,
  sha256Incremental,
  sha256Large,
} from "../../lib/bytes/sha256.ts";

const KNOWN: [string, string][] = [
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
];

const SIZES = [
  ...[0, 1, 55, 56, 63, 64, 65, 119, 120, 128],
  ...[LARGE_WITHOUT_NODE, LARGE_WITH_NODE].flatMap((size) => [size - 1, size, size + 1]),
];

function sample(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255);
}

test("the answers are those of FIPS 180-4", async () => {
  for (const [text, hash] of KNOWN) {
    assert.equal(sha256(text), hash);
    assert.equal(sha256(utf8(text)), hash);
    assert.equal(await sha256Large(utf8(text)), hash);
  }
});

test("text is hashed as UTF-8", () => {
  assert.equal(sha256("é😀"), createHash("sha256").update("é😀", "utf8").digest("hex"));
});

test("noble, node:crypto, WebCrypto and this module agree around every threshold", async () => {
  for (const size of SIZES) {
    const data = sample(size);
    const expected = createHash("sha256").update(data).digest("hex");
    const web = toHex(new Uint8Array(await webcrypto.subtle.digest("SHA-256", data)));
    assert.deepEqual(
      [toHex(noble(data)), web, sha256(data), await sha256Large(data)],
      [expected, expected, expected, expected],
      `${size} bytes`,
    );
  }
});

test("a view is hashed, not the buffer below it", async () => {
  const whole = sample(LARGE_WITH_NODE + 20);
  const view = whole.subarray(10, whole.length - 5);
  const copy = Uint8Array.from(view);
  assert.equal(sha256(view), sha256(copy));
  assert.equal(await sha256Large(view), sha256(copy));
});

test("only large input is hashed asynchronously", () => {
  assert.equal(typeof sha256Large(sample(LARGE_WITHOUT_NODE - 1)), "string");
  assert(sha256Large(sample(LARGE_WITH_NODE)) instanceof Promise);
});

test("hashing in pieces gives the hash of the whole", () => {
  const data = sample(1000);
  for (const piece of [1, 7, 63, 64, 65, 999, 1000]) {
    const hash = sha256Incremental();
    for (let at = 0; at < data.length; at += piece) hash.update(data.subarray(at, at + piece));
    assert.equal(hash.digest(), sha256(data), `${piece} at a time`);
  }
  assert.equal(sha256Incremental().digest(), sha256(""));
});

test("a piece may be overwritten once it was taken", () => {
  const buffer = sample(100);
  const hash = sha256Incremental();
  hash.update(buffer);
  buffer.fill(0);
  assert.equal(hash.digest(), sha256(sample(100)));
});
