/**
 * Strings that hold bytes. Go's strings may hold any; here a byte that is no
 * part of UTF-8 is the lone surrogate U+DC00 + byte, which no text from outside has.
 *
 * @module
 */

import { utf8 } from "../../bytes/encoding.ts";
import { rethrowOverflow } from "../limits.ts";

const STRICT = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const SEQUENCE =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** The string that holds the bytes. */
export function textOf(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes);
  } catch (error) {
    rethrowOverflow(error);
    const octets = Array.from(bytes, (octet) => String.fromCharCode(octet)).join("");
    return octets.replace(
      SEQUENCE,
      (one) =>
        one.length === 1
          ? String.fromCharCode(0xdc00 + one.charCodeAt(0))
          : STRICT.decode(Uint8Array.from(one, (octet) => octet.charCodeAt(0))),
    );
  }
}

/** The bytes that a string holds. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  if (text.isWellFormed()) return utf8(text);
  return Uint8Array.from(
    [...text].flatMap((one) => {
      const code = one.codePointAt(0)!;
      return code >= 0xdc80 && code < 0xdd00 ? [code & 0xff] : [...utf8(one)];
    }),
  );
}
