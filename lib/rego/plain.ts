/**
 * Values in and out: documents that programs pass, results that they get.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { canonicalize } from "../bytes/canonical.ts";
import { scanJson } from "../bytes/json_text.ts";
import { RegoError } from "./errors.ts";
import { jsonText, parseJsonText } from "./json.ts";
import { Decimal, toDouble } from "./number.ts";
import { isObject, objectEntries, RegoSet, type Value } from "./value.ts";
import { isVouched } from "./vouch.ts";

/** UTF-16 units of a document's text. */
export const MAX_TEXT = 64 * 1024 * 1024;

/** Nesting of a document. */
export const MAX_DEPTH = 256;

/** A document that a program passes, as a value of its own. */
export function documentValue(document: unknown): Value {
  if (isVouched(document)) return document as Value;
  try {
    return JSON.parse(canonicalize(document));
  } catch (error) {
    // What a proxy throws is its own.
    throw error instanceof KestError ? error : refused("not JSON", error);
  }
}

// Digits that a double may not hold, and forms that it does not keep.
const EXACT = /\d{16}|\d[eE]|\.\d*0(?!\d)/;

/** The document that a JSON text holds. */
export function documentOf(text: string): Value {
  if (text.length > MAX_TEXT) throw refused(`longer than ${MAX_TEXT} characters`);
  // Each level takes two characters.
  if (text.length > 2 * MAX_DEPTH && scanJson(text).depth > MAX_DEPTH) {
    throw refused(`nested deeper than ${MAX_DEPTH} levels`);
  }
  try {
    return EXACT.test(text) ? parseJsonText(text) : JSON.parse(text);
  } catch {
    // What was found stays out of the message: it is data.
    throw refused("not JSON");
  }
}

function refused(why: string, cause?: unknown): RegoError {
  return new RegoError("eval_internal_error", `the document is ${why}`, { cause });
}

/**
 * A value as JavaScript has it, paid for while it grows: sets are sorted arrays, keys that are no strings
 * their JSON text, integers beyond 2^53 `bigint`.
 */
export function toPlain(value: Value | undefined, spend: (units: number) => void): unknown {
  if (value instanceof Decimal) return toDouble(value);
  // Strings that hold bytes have halves of surrogate pairs.
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value !== "object" || value === null) return value;
  spend(1);
  const plainItem = (item: Value) => toPlain(item, spend);
  if (value instanceof RegoSet) return value.sorted().map(plainItem);
  if (Array.isArray(value)) return value.map(plainItem);
  if (!isObject(value)) return undefined;
  const plain: Record<string, unknown> = {};
  for (const [key, member] of objectEntries(value)) {
    Object.defineProperty(plain, typeof key === "string" ? key : jsonText(key, spend), {
      value: toPlain(member, spend),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return plain;
}
