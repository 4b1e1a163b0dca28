/**
 * The alphabets of names in an entry (SPEC 4.2). Narrow on purpose: two names
 * that look alike must be alike, and no name can be taken for a built-in one.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import type { ErrorCode } from "../base/errors.ts";
import { isWellFormed } from "../bytes/canonical.ts";
import { printable } from "../bytes/encoding.ts";

const TAINT = /^[a-z0-9][a-z0-9_.-]{0,127}$/;
const NODE = /^[A-Za-z0-9_$#][A-Za-z0-9_$#.:/@-]{0,255}$/;
const KEY = /^[A-Za-z_][A-Za-z0-9_.:/@-]{0,127}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// 32 bytes in base64url: the last of 43 characters carries four bits, then zeros.
const KEY_ID = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** Taints allowed in one list. */
export const MAX_TAINTS = 1_000;

/** Input descriptors allowed in one entry. */
export const MAX_INPUTS = 100_000;

/** UTF-16 units allowed in `inline_rules`. */
export const INLINE_LENGTH: number = 1024 * 1024;

/** UTF-16 units allowed in a label, environment or origin value. */
export const VALUE_LENGTH = 65_536;

/** Whether a string is a taint: `a-z 0-9 _ . -`, 1 to 128 characters. */
export function isTaint(value: string): boolean {
  return TAINT.test(value);
}

/** Whether a string is a node id: ASCII letters, digits and `_ $ # . : / @ -`, at most 256. */
export function isNodeId(value: string): boolean {
  return NODE.test(value) && !isPrototypeName(value);
}

/** Whether a string can name a label or an environment value. */
export function isRecordKey(value: string): boolean {
  return KEY.test(value) && !isPrototypeName(value);
}

/** Whether a string is a lowercase UUID of version 4 (RFC 9562). */
export function isEntryId(value: string): boolean {
  return UUID.test(value);
}

/** Whether text is 32 bytes in canonical base64url: a key or its thumbprint. */
export function isKeyId(value: string): boolean {
  return KEY_ID.test(value);
}

/** Names that JavaScript objects inherit; refused wherever a name becomes a key. */
export function isPrototypeName(value: string): boolean {
  return value === "__proto__" || value === "constructor" || value === "prototype";
}

/** Sorted unique taints. */
export function sortTaints(taints: Iterable<string>): readonly string[] {
  return Object.freeze([...new Set(taints)].sort());
}

/**
 * Checks taints given by the program and sorts them.
 *
 * @throws {KestError} `TAINT_NAME` for a name outside the alphabet.
 */
export function checkTaints(taints: readonly string[]): readonly string[] {
  if (!Array.isArray(taints)) throw new TypeError("Taints must be given as an array of strings");
  for (const taint of taints) {
    if (typeof taint === "string" && isTaint(taint)) continue;
    throw new KestError(
      "TAINT_NAME",
      `Taint refused: ${
        quote(taint)
      }; use 1 to 128 of a-z 0-9 _ . - starting with a letter or digit`,
    );
  }
  return sortTaints(taints);
}

function quote(value: unknown): string {
  return printable(JSON.stringify(value) ?? String(value)).slice(0, 80);
}

/**
 * Checks a map of names to strings given by the program: labels, environment.
 * Returns a frozen copy with sorted keys.
 *
 * @throws {KestError} with `code`, if a name or value is refused.
 */
export function checkRecord(
  code: ErrorCode & ("LABEL" | "ENVIRONMENT"),
  record: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const checked: Record<string, string> = {};
  for (const key of Object.keys(record).sort()) {
    const value: unknown = record[key];
    if (!isRecordKey(key)) {
      throw new KestError(
        code,
        `Name refused: ${
          quote(key)
        }; use 1 to 128 of A-Z a-z 0-9 _ . : / @ - starting with a letter or _`,
      );
    }
    if (typeof value !== "string" || value.length > VALUE_LENGTH || !isWellFormed(value)) {
      throw new KestError(
        code,
        `Value of ${key} must be a well-formed string of at most ${VALUE_LENGTH} characters: got ${
          quote(value)
        }`,
      );
    }
    checked[key] = value;
  }
  return Object.freeze(checked);
}

/**
 * Checks a trust score given by the program.
 *
 * @throws {KestError} `TRUST_SCORE` unless it is a finite number from 0 to 1.
 */
export function checkTrustScore(score: number): number {
  if (typeof score === "number" && score >= 0 && score <= 1) return score === 0 ? 0 : score;
  throw new KestError("TRUST_SCORE", `Trust score must be a number from 0 to 1: got ${score}`);
}

/**
 * Checks a node id given by the program.
 *
 * @throws {KestError} `NODE_ID` for a name outside the alphabet.
 */
export function checkNodeId(nodeId: string): string {
  if (typeof nodeId === "string" && isNodeId(nodeId)) return nodeId;
  throw new KestError(
    "NODE_ID",
    `Node id refused: ${quote(nodeId)}; pass nodeId with up to 256 of A-Z a-z 0-9 _ $ # . : / @ -`,
  );
}
