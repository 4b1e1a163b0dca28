/**
 * The errors of this module: one base class, stable codes.
 *
 * A `TypeError` or `RangeError` means that the program called a function
 * wrongly. A {@linkcode KestError} is about data: a passport, a value, a key, a
 * decision. Its `code` is part of the contract; its message is not.
 *
 * @module
 */

/** Every code that a {@linkcode KestError} can carry. Stable within a major version. */
export type ErrorCode =
  // Content without a canonical form (SPEC 3).
  | "CONTENT_TYPE"
  | "CONTENT_NUMBER"
  | "CONTENT_UNDEFINED"
  | "CONTENT_CYCLE"
  | "CONTENT_DEPTH"
  | "CONTENT_SIZE"
  | "CONTENT_SURROGATE"
  | "CONTENT_TRACKED"
  // Reading untrusted text (SPEC 2).
  | "PARSE"
  | "PYTHON_PASSPORT"
  | "LIMIT"
  // Tracking (SPEC 7).
  | "DATA_MUTATED"
  | "ID_COLLISION"
  | "STREAM_ACTIVE"
  | "STREAM_ARGUMENT"
  | "TAINT_NAME"
  | "TRUST_SCORE"
  | "LABEL"
  | "NODE_ID"
  | "ENVIRONMENT"
  | "DECLASSIFY"
  | "EXPORT"
  // Keys and seals (SPEC 5).
  | "KEY_FORMAT"
  | "KEY_WEAK"
  | "KEY_PRIVATE"
  | "SIGNER"
  | "SEAL_FOREIGN_ENTRY"
  | "SEAL_NOTHING"
  // Policy (SPEC 8).
  | "POLICY_VIOLATION"
  | "POLICY_COMPILE"
  | "POLICY_LOAD"
  | "POLICY_EVALUATION"
  // Pages (README).
  | "PAGE"
  // Verification (SPEC 6).
  | "TRUST_POLICY"
  | "VERIFICATION";

/** What a {@linkcode KestError} may know besides its code and message. */
export interface KestErrorOptions extends ErrorOptions {
  /** JSON Pointer (RFC 6901) to the value at fault; `""` is the whole value. */
  readonly path?: string;
}

/**
 * The base class of all errors about data.
 *
 * @example Branch on the code
 * ```ts
 * import { KestError, originate } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * try {
 *   originate({ when: new Map() });
 *   assert.fail("A Map has no canonical form");
 * } catch (error) {
 *   assert(error instanceof KestError);
 *   assert.equal(error.code, "CONTENT_TYPE");
 *   assert.equal(error.path, "/when");
 * }
 * ```
 */
export class KestError extends Error {
  /** The name of the class. */
  override readonly name: string = "KestError";
  /** The stable code. */
  readonly code: ErrorCode;
  /** JSON Pointer to the value at fault, where there is one. */
  readonly path: string | undefined;

  /** An error with a code and a message. */
  constructor(code: ErrorCode, message: string, options: KestErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.path = options.path;
  }
}

/** One problem found while reading untrusted input. */
export interface Issue {
  /** What kind of problem: a stable code. */
  readonly code: ParseCode;
  /** JSON Pointer to the value at fault. */
  readonly path: string;
  /** One plain sentence: what was found and what was expected. */
  readonly message: string;
}

/** The codes of problems found while reading untrusted input (SPEC 2). */
export type ParseCode =
  | "JSON"
  | "JSON_DUP"
  | "JSON_PROTO"
  | "UTF8"
  | "LIMIT"
  | "VERSION"
  | "FIELD"
  | "FIELD_MISSING"
  | "FIELD_TYPE"
  | "CRITICAL"
  | "HASH"
  | "ENTRY_ID"
  | "TAINT_NAME"
  | "TRUST_SCORE"
  | "SIG_ENCODING"
  | "ALG"
  | "STUBS"
  | "DAG_SHAPE"
  | "DAG_DANGLING"
  | "DAG_CYCLE";

/**
 * Untrusted input that cannot be read. Carries every problem found, each with
 * its path (SPEC 2.3).
 */
export class ParseError extends KestError {
  /** The name of the class. */
  override readonly name = "ParseError";
  /** All problems, in document order; never empty. */
  readonly issues: readonly [Issue, ...Issue[]];

  /** Made by this module only. */
  constructor(what: string, issues: readonly [Issue, ...Issue[]]) {
    const first = issues[0];
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
    super("PARSE", `${what} cannot be read: ${first.path || "/"}: ${first.message}${more}`, {
      path: first.path,
    });
    this.issues = Object.freeze([...issues]) as readonly [Issue, ...Issue[]];
  }
}

/** The message of any thrown value, for wrapping. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
