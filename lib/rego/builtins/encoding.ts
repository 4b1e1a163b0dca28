/**
 * Base64, hex, and text as the bytes that Go has it as.
 *
 * Go's strings are bytes. A byte that is not UTF-8 is here the lone surrogate
 * U+DC00 + byte, so that it survives on its way through a policy.
 *
 * @module
 */

import { fromUtf8, toBase64url, toHex, utf8 } from "../../bytes/encoding.ts";
import { type BuiltinContext, type Builtins, failure, stringAt } from "../builtin.ts";
import { isString, type Value } from "../value.ts";

const ESCAPED = /[\udc80-\udcff]/u;

/** The bytes of a string. */
export function bytesOf(text: string): Uint8Array {
  if (!ESCAPED.test(text)) return utf8(text);
  const bytes: number[] = [];
  for (const character of text) {
    if (ESCAPED.test(character)) bytes.push(character.charCodeAt(0) & 255);
    else for (const byte of utf8(character)) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** How many bytes from `at` on are one character in UTF-8; 0 if they are none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    if (byte < (i > 1 ? 0x80 : lowest) || byte > (i > 1 ? 0xbf : highest)) return 0;
  }
  return length;
}

/** The string of bytes. */
export function textOf(bytes: Uint8Array): string {
  let text = "";
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    if (length === 0) {
      text += fromUtf8(bytes.subarray(start, at)) + String.fromCharCode(0xdc00 + bytes[at]!);
      start = at + 1;
    }
    at += length || 1;
  }
  return text + fromUtf8(bytes.subarray(start));
}

/** A string as Go's JSON writes it: U+FFFD for each byte that is not UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, "\ufffd");
}

/** A string operand, paid for. */
export function paidString(args: readonly Value[], index: number, context: BuiltinContext): string {
  const text = stringAt(args, index);
  context.spend(1 + text.length / 16);
  return text;
}

/** The bytes of padded base64 as Go reads it, of the URL alphabet if `url`; or `undefined`. */
function fromBase64(text: string, url: boolean): Uint8Array | undefined {
  const packed = text.replace(/[\r\n]/g, "");
  const body = packed.replace(/={1,2}$/, "");
  if (packed.length % 4 !== 0 || (url ? /[^\w-]/ : /[^A-Za-z\d+/]/).test(body)) return undefined;
  const binary = atob(body.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** The bytes of standard base64. @throws {BuiltinError} */
export function decodeBase64(text: string): Uint8Array {
  const bytes = fromBase64(text, false);
  if (!bytes) throw failure("illegal base64 data");
  return bytes;
}

/** The bytes of base64url, padded or not. @throws {BuiltinError} */
export function decodeBase64url(text: string): Uint8Array {
  // What Go counts here are bytes, line ends included.
  const padding = text.endsWith("=") ? "" : ["", "?", "==", "="][utf8(text).length % 4]!;
  const bytes = fromBase64(text + padding, true);
  if (!bytes) throw failure("illegal base64url string");
  return bytes;
}

function padded(url: string): string {
  return url + "=".repeat(-url.length & 3);
}

function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || /[^\da-f]/i.test(text)) throw failure("invalid hex");
  return Uint8Array.from(
    { length: text.length / 2 },
    (_, i) => parseInt(text.substr(2 * i, 2), 16),
  );
}

function encoder(encode: (bytes: Uint8Array) => string): Builtins[string] {
  return (args, context) => encode(bytesOf(paidString(args, 0, context)));
}

function decoder(decode: (text: string) => Uint8Array): Builtins[string] {
  return (args, context) => textOf(decode(paidString(args, 0, context)));
}

export const ENCODING: Builtins = {
  "base64.encode": encoder((bytes) =>
    padded(toBase64url(bytes)).replaceAll("-", "+").replaceAll("_", "/")
  ),
  "base64.decode": decoder(decodeBase64),
  "base64.is_valid": (args, context) =>
    isString(args[0]) && fromBase64(paidString(args, 0, context), false) !== undefined,
  "base64url.encode": encoder((bytes) => padded(toBase64url(bytes))),
  "base64url.encode_no_pad": encoder(toBase64url),
  "base64url.decode": decoder(decodeBase64url),
  "hex.encode": encoder(toHex),
  "hex.decode": decoder(fromHex),
};
