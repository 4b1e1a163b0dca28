/**
 * Rules that come with a request, not with the engine.
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { compilingWithin } from "./compile_budget.ts";
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
/** Names, terms and ways between rules that compiling may look at. */
const COMPILE_STEPS = 1_000_000;
const KEPT = 100;
const NAME = "inline_rules";

/** One module on its own, compiled. */
export interface InlineRules {
  readonly set: PolicySet;
  /** The path of its `allow`. */
  readonly rule: string;
  readonly digest: string;
}

function compileInline(source: string, strict: boolean): InlineRules {
  return compilingWithin(COMPILE_STEPS, () => {
    const policy = readPolicy(NAME, source, "auto");
    const set = compileSet(new Map([[NAME, policy]]));
    const rule = pathText([...policy.module.path, "allow"]);
    return { set, rule, digest: digestOf(set, "{}", strict) };
  });
}

/** Keeps the inline rules that were compiled last, and what was wrong with them. */
export class InlineCache {
  readonly #known = new Map<string, InlineRules | KestError>();

  /**
   * @throws {PolicyCompileError} if the module cannot be used.
   * @throws {RegoError} `eval_budget_error` if compiling it takes too long.
   */
  get(source: string, strict: boolean): InlineRules {
    const known = this.#known.get(source);
    if (known instanceof KestError) throw known;
    if (known) return known;
    if (source.length > MAX_LENGTH) {
      throw new KestError("LIMIT", `Inline rules are longer than ${MAX_LENGTH} characters`);
    }
    if (this.#known.size >= KEPT) this.#known.clear();
    try {
      const rules = compileInline(source, strict);
      this.#known.set(source, rules);
      return rules;
    } catch (error) {
      // The next step with these rules must not pay again.
      if (error instanceof KestError) this.#known.set(source, error);
      throw error;
    }
  }
}
