/**
 * Origins as programs give them (SPEC 4.5).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { isWellFormed } from "../bytes/canonical.ts";
import type { Origin } from "../lineage/entry.ts";
import { INLINE_LENGTH, VALUE_LENGTH } from "../lineage/names.ts";

/** Who brings data in. */
export interface OriginOptions {
  /** The person or system; default the instance's. */
  readonly userId?: string;
  /** The session; default the instance's. */
  readonly sessionId?: string;
  /** Policies that hold at every later step: references, or `data.…` rule paths. */
  readonly policyRefs?: readonly string[];
  /** A Rego module whose `allow` must hold at every later step. */
  readonly inlineRules?: string;
}

function text(name: string, value: unknown, max = VALUE_LENGTH): string {
  if (typeof value === "string" && value.length <= max && isWellFormed(value)) {
    return value;
  }
  throw new KestError(
    "LABEL",
    `Origin ${name} must be a well-formed string of at most ${max} characters`,
  );
}

/** Who brings data in, with nothing left open. */
export type CompleteOrigin = OriginOptions & {
  readonly userId: string;
  readonly sessionId: string;
};

/** An origin in its JSON form. */
export function originFrom(options: CompleteOrigin): Origin {
  const references = (options.policyRefs ?? []).map((item) => text("policyRefs", item));
  if (references.includes("inline_rules")) {
    throw new KestError("LABEL", "Origin policyRefs may not name inline_rules: it is reserved");
  }
  return Object.freeze({
    policies: Object.freeze({
      curated_refs: Object.freeze([...new Set(references)].sort()),
      inline_rules: options.inlineRules === undefined
        ? null
        : text("inlineRules", options.inlineRules, INLINE_LENGTH),
    }),
    session_id: text("sessionId", options.sessionId),
    user_id: text("userId", options.userId),
  });
}

const DEFAULTS = new WeakMap<object, Origin>();

/** An instance's default origin, made once; it names no policies. */
export function defaultOrigin(
  ids: { readonly userId: string; readonly sessionId: string },
): Origin {
  let origin = DEFAULTS.get(ids);
  if (
    origin === undefined || origin.user_id !== ids.userId || origin.session_id !== ids.sessionId
  ) {
    origin = originFrom({ userId: ids.userId, sessionId: ids.sessionId });
    DEFAULTS.set(ids, origin);
  }
  return origin;
}
