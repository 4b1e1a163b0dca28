/**
 * Base64 and hexadecimal.
 *
 * @module
 */

import { type Builtins, failure, isReadable, textBuiltin } from "../builtin.ts";
import { toBase64url, toHex } from "../../bytes/encoding.ts";
import { bytesOf, textOf } from "./octets.ts";

const BASE64 = /^(?:[\w+/-]{4})*(?:[\w+/-]{2}==|[\w+/-]{3}=)?$/;

/** Text of the alphabet without `other`. Line breaks are skipped, as in Go. */
function decode(text: string, other: RegExp): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/[\r\n]/g, "");
  if (!BASE64.test(digits) || other.test(digits)) throw failure("illegal base64 data");
  const octets = atob(digits.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(octets, (octet) => octet.charCodeAt(0));
}

/** The bytes of base64url text, with or without padding. */
export function base64urlBytes(text: string): Uint8Array<ArrayBuffer> {
  const padding = text.endsWith("=") ? "" : ["", "", "==", "="][text.length % 4]!;
  return decode(text + padding, /[+/]/);
}

function padded(text: string): string {
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

function encode(text: string): string {
  return toBase64url(bytesOf(text));
}

function standardBytes(text: string): Uint8Array {
  return decode(text, /[-_]/);
}

function fromHex(text: string): string {
  if (text.length % 2 !== 0 || /[^0-9a-fA-F]/.test(text)) throw failure("invalid hexadecimal text");
  return textOf(Uint8Array.from(text.match(/../g) ?? [], (octet) => parseInt(octet, 16)));
}

export const ENCODING: Builtins = {
  "base64.decode/1": textBuiltin((text) => textOf(standardBytes(text))),
  "base64.encode/1": textBuiltin((text) =>
    padded(encode(text).replaceAll("-", "+").replaceAll("_", "/"))
  ),
  "base64.is_valid/1": isReadable(standardBytes),
  "base64url.decode/1": textBuiltin((text) => textOf(base64urlBytes(text))),
  "base64url.encode/1": textBuiltin((text) => padded(encode(text))),
  "base64url.encode_no_pad/1": textBuiltin(encode),
  "hex.decode/1": textBuiltin(fromHex),
  "hex.encode/1": textBuiltin((text) => toHex(bytesOf(text))),
};
