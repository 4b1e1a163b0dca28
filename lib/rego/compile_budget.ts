/**
 * The budget of compiling rules that come from outside: reading them costs no
 * more than steps in proportion to their length, what is made of them may.
 *
 * @module
 */

import { RegoError } from "./errors.ts";

// Compiling is one synchronous call, so that one place can hold what is left.
let left = Infinity;

/** Pays for steps of compiling; free outside of {@linkcode compilingWithin}. */
export function payCompile(steps: number): void {
  if ((left -= steps) < 0) {
    throw new RegoError("eval_budget_error", "compiling the rules needs more steps than it may");
  }
}

/**
 * Runs `compile` under a budget.
 *
 * @throws {RegoError} `eval_budget_error` if it is spent.
 */
export function compilingWithin<T>(steps: number, compile: () => T): T {
  const before = left;
  left = steps;
  try {
    return compile();
  } finally {
    left = before;
  }
}
