/**
 * Origins as programs give them (SPEC 4.5).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { isWellFormed } from "../bytes/canonical.ts";
import type { Origin } from "../lineage/entry.ts";
import { VALUE_LENGTH } from "../lineage/names.ts";

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

function text(name: string, value: unknown): string {
  if (typeof value === "string" && value.length <= VALUE_LENGTH && isWellFormed(value)) {
    return value;
  }
  throw new KestError(
    "LABEL",
    `Origin ${name} must be a well-formed string of at most ${VALUE_LENGTH} characters`,
  );
}

const ORIGINS = new WeakMap<OriginOptions, Origin>();

/** An origin in its JSON form. The same options give the same object. */
export function originFrom(options: OriginOptions & { userId: string; sessionId: string }): Origin {
  const known = ORIGINS.get(options);
  if (known) return known;
  const references = (options.policyRefs ?? []).map((item) => text("policyRefs", item));
  const origin: Origin = Object.freeze({
    policies: Object.freeze({
      curated_refs: Object.freeze([...new Set(references)].sort()),
      inline_rules: options.inlineRules === undefined
        ? null
        : text("inlineRules", options.inlineRules),
    }),
    session_id: text("sessionId", options.sessionId),
    user_id: text("userId", options.userId),
  });
  if (Object.isFrozen(options)) ORIGINS.set(options, origin);
  return origin;
}
