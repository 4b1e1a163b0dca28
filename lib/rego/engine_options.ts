/**
 * What programs tell the engine, and what it tells them.
 *
 * @module
 */

import { refuseUnknown } from "../base/options.ts";
import type { RegoVersion } from "./ast.ts";
import type { Budget } from "./context.ts";
import type { RegoVersionChoice } from "./policy_set.ts";

/** Limits of one evaluation; all are positive integers. */
export interface EngineBudget {
  /** Iterations, calls and elements that builtins look at. Default 5,000,000. */
  readonly steps?: number;
  /** Elements, and pieces of 16 characters of text, that may be made. Default 2,000,000. */
  readonly memory?: number;
  /** Milliseconds. Default 2,000. */
  readonly timeMs?: number;
}

/** Options of {@linkcode LocalOpaEngine}. */
export interface LocalOpaOptions {
  /** The language of policies that do not say otherwise. Default `auto`. */
  readonly regoVersion?: RegoVersionChoice;
  /** The base document `data`: a JSON object. Default `{}`. */
  readonly data?: unknown;
  /** Limits of one evaluation. */
  readonly budget?: EngineBudget;
  /** Makes the failure of a builtin an error; by default its call is undefined. */
  readonly strictBuiltinErrors?: boolean;
  /** Where `print` and `trace` go. By default nowhere. */
  readonly print?: (text: string) => void;
  /** Milliseconds that only grow, for the time budget. Default `performance.now`. */
  readonly clock?: () => number;
}

/** Options of {@linkcode LocalOpaEngine.addPolicy}. */
export interface AddOptions {
  /** The language of these policies. Default: that of the engine. */
  readonly regoVersion?: RegoVersionChoice;
}

/** What {@linkcode LocalOpaEngine.addPolicy} says about a policy. */
export interface AddedPolicy {
  /** The name it was added under. */
  readonly name: string;
  /** The language it was read in. */
  readonly regoVersion: RegoVersion;
  /** Its package, e.g. `data.kest.policy`. */
  readonly package: string;
}

/** Facts of one evaluation. */
export interface EvaluationFacts {
  /**
   * The input document as JSON text. It counts, not `input`, unless Kest itself
   * made that.
   */
  readonly inputText?: string;
  /** The input document. Left out: `input` is undefined. */
  readonly input?: unknown;
  /** The engine's only clock, in milliseconds since 1970. Default 0. */
  readonly timeMs?: number;
  /** The engine's only source of randomness. Default empty. */
  readonly seed?: string;
  /** Looked at before an evaluation starts: none can be interrupted. */
  readonly signal?: AbortSignal;
}

/** The value of a rule. */
export interface LocalOutcome {
  /** Sets are sorted arrays, integers beyond 2^53 `bigint`; `undefined` if it has none. */
  readonly value: unknown;
  /** The digest of the policies and data that made it. */
  readonly policyDigest: string;
}

/** The names of {@linkcode LocalOpaOptions}. */
export const OPTIONS: ReadonlySet<string> = new Set([
  "regoVersion",
  "data",
  "budget",
  "strictBuiltinErrors",
  "print",
  "clock",
]);
const BUDGET: Budget = Object.freeze({ steps: 5_000_000, memory: 2_000_000, timeMs: 2_000 });

/** A budget with what was left out. */
export function checkBudget(budget: EngineBudget): Budget {
  refuseUnknown(budget, new Set(Object.keys(BUDGET)), "budget");
  const all = { ...BUDGET, ...budget };
  for (const [name, value] of Object.entries(all)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`budget.${name} must be a positive integer: got ${value}`);
    }
  }
  return Object.freeze(all);
}

/** @throws {TypeError} if it is no version. */
export function checkVersion(version: RegoVersionChoice): void {
  if (["auto", "v0", "v1"].includes(version)) return;
  throw new TypeError(`regoVersion must be "auto", "v0" or "v1": got ${String(version)}`);
}
