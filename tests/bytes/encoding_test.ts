/** Hex, base64url, UTF-8, JSON Pointer and printable text. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  fromBase64url,
  fromUtf8,
  isHash,
  jsonPointer,
  printable,
  toBase64url,
  toHex,
  utf8,
  writeHex,
} from "../../lib/bytes/encoding.ts";

const bytes = () => fc.uint8Array({ maxLength: 70 });

test("base64url agrees with Node's and comes back as the same bytes", () => {
  fc.assert(
    fc.property(bytes(), (value) => {
      const text = toBase64url(value);
      assert.equal(text, Buffer.from(value).toString("base64url"));
      assert.deepEqual(fromBase64url(text), new Uint8Array(value));
    }),
    { numRuns: 500 },
  );
});

test("each byte string has exactly one base64url text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."AQgwBR_-9/+= é") }), (text) => {
      const decoded = fromBase64url(text);
      if (decoded) assert.equal(toBase64url(decoded), text);
      else assert.notEqual(Buffer.from(text, "base64url").toString("base64url"), text);
    }),
    { numRuns: 1000 },
  );
});

test("padding, foreign characters, whitespace and trailing bits are refused", () => {
  const refused = ["A", "AAAAA", "AA==", "AAA=", "AB", "AAB", "A+AA", "A/AA", "AA A", "AAAA\n"];
  for (const text of [...refused, "AA\u0000A", "AAé", "A😀A", "😀😀"]) {
    assert.equal(fromBase64url(text), undefined, JSON.stringify(text));
  }
  assert.deepEqual(fromBase64url(""), new Uint8Array());
  assert.deepEqual(fromBase64url("_-8"), new Uint8Array([255, 239]));
});

test("hex is lowercase and comes back as the same bytes", () => {
  fc.assert(
    fc.property(bytes(), fc.nat(8), (value, offset) => {
      const hex = toHex(value);
      assert.equal(hex, Buffer.from(value).toString("hex"));
      const target = new Uint8Array(value.length + offset);
      writeHex(hex, target, offset);
      assert.deepEqual(target.subarray(offset), new Uint8Array(value));
    }),
    { numRuns: 300 },
  );
});

test("a hash is exactly 64 lowercase hex digits", () => {
  const hash = "0123456789abcdef".repeat(4);
  assert.equal(isHash(hash), true);
  const others = [hash.slice(1), `${hash}0`, hash.toUpperCase(), `${hash}\n`, `g${hash.slice(1)}`];
  for (const other of [...others, "", null, undefined, 5, [hash], Object(hash)]) {
    assert.equal(isHash(other), false, String(other));
  }
});

test("invalid UTF-8 is refused; a byte order mark stays in the text", () => {
  const invalid = [
    [0xff],
    [0xc0, 0x80],
    [0xe0, 0x80, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe2, 0x82],
    [0x80],
  ];
  for (const value of invalid) {
    assert.throws(() => fromUtf8(new Uint8Array(value)), TypeError, String(value));
  }
  assert.equal(fromUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), "\ufeffa");
  assert.equal(fromUtf8(utf8("é😀\0")), "é😀\0");
});

test("a JSON Pointer escapes ~ before /", () => {
  assert.equal(jsonPointer([]), "");
  assert.equal(jsonPointer(["a/b", "~1", 0, ""]), "/a~1b/~01/0/");
});

test("printable shows every character that could forge output, and only those", () => {
  const shown: [string, number[]][] = [
    ["C0, DEL, C1", [0x00, 0x07, 0x08, 0x0a, 0x0d, 0x1b, 0x7f, 0x85, 0x9b]],
    ["bidirectional", [0x061c, 0x200e, 0x200f, 0x202a, 0x202e, 0x2066, 0x2069]],
    ["line ends", [0x2028, 0x2029]],
    ["zero width", [0x00ad, 0x180e, 0x200b, 0x200d, 0x2060, 0x2064, 0xfeff]],
    ["annotations", [0xfff9, 0xfffb]],
    ["tags", [0xe0001, 0xe0041, 0xe007f]],
    ["lone surrogates", [0xd800, 0xdfff]],
  ];
  for (const [name, codes] of shown) {
    for (const code of codes) {
      const text = printable(`a${String.fromCodePoint(code)}b`);
      assert.equal(text, `a\\u{${code.toString(16)}}b`, name);
    }
  }
  assert.equal(printable("\u001b[31mred\u202etxt"), "\\u{1b}[31mred\\u{202e}txt");
  const plain = "Grüße, 世界 😀 <b>\"'\\ עברית";
  assert.equal(printable(plain), plain);
});
