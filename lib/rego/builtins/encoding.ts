/**
 * Base64 and hexadecimal.
 *
 * @module
 */

import { type BuiltinContext, type Builtins, failure, stringAt } from "../builtin.ts";
import { toHex, utf8 } from "../../bytes/encoding.ts";
import { isString, type Value } from "../value.ts";

const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = `${STANDARD.slice(0, 62)}-_`;

function encode(bytes: Uint8Array, alphabet: string, pad: boolean): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const count = Math.min(3, bytes.length - i) + 1;
    for (let k = 0; k < count; k++) text += alphabet[(word >> (18 - 6 * k)) & 63];
    if (pad) text += "=".repeat(4 - count);
  }
  return text;
}

/** Line breaks are skipped, as in Go; bits that are left over count for nothing. */
function decode(text: string, alphabet: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/[\r\n]/g, "");
  const match = /^([^=]*)(=*)$/.exec(digits);
  const body = match?.[1] ?? "";
  const rest = body.length % 4;
  if (!match || rest === 1 || match[2]!.length !== (4 - rest) % 4) {
    throw failure("illegal base64 data");
  }
  const bytes = new Uint8Array(Math.floor(body.length * 3 / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (const digit of body) {
    const value = alphabet.indexOf(digit);
    if (value < 0) throw failure("illegal base64 data");
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 0xff;
    }
  }
  return bytes;
}

const TEXT = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes that are no UTF-8 become U+FFFD: strings hold no bytes here. */
export function textOf(bytes: Uint8Array): string {
  return TEXT.decode(bytes);
}

/** The bytes of base64url text, with or without padding. */
export function base64urlBytes(text: string): Uint8Array<ArrayBuffer> {
  const padded = text.length % 4 === 2 ? `${text}==` : text.length % 4 === 3 ? `${text}=` : text;
  return decode(padded, URL_SAFE);
}

function convert(run: (text: string) => Value): Builtins[string] {
  return (args, context) => {
    const text = stringAt(args, 0);
    context.spend(1 + text.length / 8);
    return run(text);
  };
}

function isBase64([text]: readonly Value[], context: BuiltinContext): Value {
  if (!isString(text)) return false;
  context.spend(1 + text.length / 8);
  try {
    decode(text, STANDARD);
    return true;
  } catch {
    return false;
  }
}

function fromHex(text: string): Value {
  if (text.length % 2 !== 0 || /[^0-9a-fA-F]/.test(text)) throw failure("invalid hexadecimal text");
  return textOf(Uint8Array.from(text.match(/../g) ?? [], (octet) => parseInt(octet, 16)));
}

export const ENCODING: Builtins = {
  "base64.decode": convert((text) => textOf(decode(text, STANDARD))),
  "base64.encode": convert((text) => encode(utf8(text), STANDARD, true)),
  "base64.is_valid": isBase64,
  "base64url.decode": convert((text) => textOf(base64urlBytes(text))),
  "base64url.encode": convert((text) => encode(utf8(text), URL_SAFE, true)),
  "base64url.encode_no_pad": convert((text) => encode(utf8(text), URL_SAFE, false)),
  "hex.decode": convert(fromHex),
  "hex.encode": convert((text) => toHex(utf8(text))),
};
