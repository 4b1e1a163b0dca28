/**
 * Errors of compiled policies, and the one way to hand text to the SDK.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { printable, utf8 } from "../bytes/encoding.ts";

/** A compiled policy cannot be used. */
export function loadError(message: string, cause?: unknown): KestError {
  return new KestError("POLICY_LOAD", `Compiled policy refused: ${message}`, { cause });
}

/** A rule could not be evaluated. */
export function evaluationError(rule: string, message: string, cause?: unknown): KestError {
  const where = printable(rule).slice(0, 256);
  return new KestError("POLICY_EVALUATION", `Rule ${where}: ${message}`, { cause });
}

/** The SDK throws strings, plain objects with a message, and errors. */
export function textOf(thrown: unknown): string {
  const message = (thrown as { message?: unknown } | null | undefined)?.message;
  return printable(typeof message === "string" ? message : String(thrown)).slice(0, 500);
}

/**
 * UTF-8 in a buffer of its own. The SDK takes only an `ArrayBuffer` for JSON
 * text and writes anything else as `{}`, also one from another realm, such as a
 * test runner's `TextEncoder` returns: so the buffer is made here.
 */
export function exactBuffer(text: string): ArrayBuffer {
  const bytes = utf8(text);
  const buffer = new ArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}
