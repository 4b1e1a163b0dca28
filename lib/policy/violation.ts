/**
 * The error of a denied call.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import type { Decision, Entry } from "../lineage/entry.ts";
import type { Passport } from "../lineage/passport.ts";

/**
 * A policy denied a call; the function did not run. The denial is an entry that
 * can be sealed and exported like any other (SPEC 8.2).
 *
 * @example
 * ```ts
 * import { createKest, PolicyViolationError } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const kest = createKest();
 * const send = kest.verified({ nodeId: "send", enforceRules: ["data.mail.allow"] }, () => "sent");
 * const error = await send().catch((e: unknown) => e);
 * assert(error instanceof PolicyViolationError);
 * assert.equal(error.decision.cause, "no-engine");
 * assert.equal(error.entry.kind, "denied");
 * ```
 */
export class PolicyViolationError extends KestError {
  /** The name of the class. */
  override readonly name = "PolicyViolationError";
  /** The decision that denied. */
  readonly decision: Decision;
  /** The passport of the denial: its head is the denied entry. */
  readonly passport: Passport;

  /** Made by this module only. */
  constructor(
    nodeId: string,
    decision: Decision,
    detail: string,
    passport: Passport,
    cause: unknown,
  ) {
    super("POLICY_VIOLATION", `${nodeId} was denied by ${decision.rule}: ${detail}`, { cause });
    this.decision = decision;
    this.passport = passport;
  }

  /** The denied entry. */
  get entry(): Entry {
    return this.passport.heads[0]!;
  }
}
