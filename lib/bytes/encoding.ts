/**
 * Hex, base64url and strict UTF-8.
 *
 * @module
 */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const HASH = /^[0-9a-f]{64}$/;
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const encoder = new TextEncoder();

/** UTF-8 bytes of a well-formed string. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/**
 * The text of UTF-8 bytes; a byte order mark is kept, so that parsers refuse it.
 *
 * @throws {TypeError} on invalid UTF-8 (RFC 3629).
 */
export function fromUtf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Lowercase hex of bytes. */
export function toHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += HEX[byte];
  return hex;
}

/** Whether a value is 64 lowercase hex digits: a SHA-256 in text. */
export function isHash(value: unknown): value is string {
  return typeof value === "string" && HASH.test(value);
}

function nibble(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

/** Writes the bytes of lowercase hex into `target` at `offset`. The caller has checked `hex`. */
export function writeHex(hex: string, target: Uint8Array, offset: number): void {
  for (let i = 0; i < hex.length; i += 2) {
    target[offset++] = (nibble(hex.charCodeAt(i)) << 4) | nibble(hex.charCodeAt(i + 1));
  }
}

/** Unpadded base64url (RFC 4648, section 5). */
export function toBase64url(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += BASE64URL[word >> 18]! + BASE64URL[(word >> 12) & 63]!;
    if (left > 1) text += BASE64URL[(word >> 6) & 63];
    if (left > 2) text += BASE64URL[word & 63];
  }
  return text;
}

/**
 * The bytes of canonical unpadded base64url, or `undefined`: padding, foreign
 * characters and non-zero trailing bits are refused, so that each byte string
 * has exactly one text.
 */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor(text.length * 3 / 4));
  let word = 0;
  let bits = 0;
  let length = 0;
  for (const character of text) {
    const value = BASE64URL.indexOf(character);
    if (value < 0) return undefined;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (word >> bits) & 255;
    }
  }
  return (word & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

/** A JSON Pointer (RFC 6901) from its parts. */
export function jsonPointer(parts: readonly (string | number)[]): string {
  return parts.map((part) => "/" + String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join(
    "",
  );
}

// Control characters, line separators, halves of surrogate pairs, and everything
// that is not seen: formats, bidirectional ones among them, and what is ignorable.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Text for a terminal or a log line: characters that cannot be seen, or that move
 * others, are shown as `\u{…}`, so that names cannot forge output or each other.
 */
export function printable(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
