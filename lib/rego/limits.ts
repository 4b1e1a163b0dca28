/**
 * Limits that this engine has and OPA has not.
 *
 * @module
 */

import { RegoError } from "./errors.ts";

/**
 * The error of such a limit. It ends the evaluation: were the call undefined, as
 * where OPA fails, `not` would make an allow of it where OPA denies.
 */
export function limitError(what: string): RegoError {
  return new RegoError("eval_budget_error", what);
}

/**
 * Throws on what was caught if it is a full call stack: what could not be worked
 * out for that is not wrong. `Run` makes an end of the evaluation of it.
 */
export function rethrowOverflow(error: unknown): void {
  if (error instanceof RangeError || error instanceof RegoError) throw error;
}
