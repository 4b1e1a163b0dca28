/**
 * Rules that come with a request, not with the engine.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import type { Budget } from "./context.ts";
import { compileSet, digestOf, type PolicySet, readPolicy } from "./policy_set.ts";
import { pathText } from "./tree.ts";

/** Limits of one evaluation of inline rules. */
export const INLINE_BUDGET: Budget = Object.freeze({
  steps: 200_000,
  memory: 100_000,
  timeMs: 100,
});

const MAX_LENGTH = 64 * 1024;
const KEPT = 100;
const NAME = "inline_rules";

/** One module on its own, compiled. */
export interface InlineRules {
  readonly set: PolicySet;
  /** The path of its `allow`. */
  readonly rule: string;
  readonly digest: string;
}

/** Keeps the inline rules that were compiled last. */
export class InlineCache {
  readonly #known = new Map<string, InlineRules>();

  /** @throws {PolicyCompileError} if the module cannot be used. */
  get(source: string, strict: boolean): InlineRules {
    const known = this.#known.get(source);
    if (known) return known;
    if (source.length > MAX_LENGTH) {
      throw new KestError("LIMIT", `Inline rules are longer than ${MAX_LENGTH} characters`);
    }
    const policy = readPolicy(NAME, source, "auto");
    const set = compileSet(new Map([[NAME, policy]]));
    const rule = pathText([...policy.module.path, "allow"]);
    const rules = { set, rule, digest: digestOf(set, "{}", strict) };
    if (this.#known.size >= KEPT) this.#known.clear();
    this.#known.set(source, rules);
    return rules;
  }
}
