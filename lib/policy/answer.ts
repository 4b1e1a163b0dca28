/**
 * What an engine answers, and what that means (SPEC 8.2).
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { isThenable } from "../bytes/content.ts";
import type { DenyCause } from "../lineage/entry.ts";
import { VALUE_LENGTH } from "../lineage/names.ts";
import type { PolicyOutcome } from "./engine.ts";

/** What one evaluation came to. */
export interface Answer {
  readonly cause: DenyCause | null;
  readonly allowed: boolean;
  readonly detail: string;
  readonly error?: unknown;
  readonly outcome?: PolicyOutcome;
}

class PolicyTimeout extends Error {}

function lateAfter(timeoutMs: number): PolicyTimeout {
  return new PolicyTimeout(`No decision within ${timeoutMs} ms`);
}

/** The outcome of an engine that answers later, if it does so before the deadline. */
async function outcomeWithin(
  timeoutMs: number,
  pending: Promise<PolicyOutcome>,
  abort: AbortController,
): Promise<PolicyOutcome> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const timeout = lateAfter(timeoutMs);
      abort.abort(timeout);
      reject(timeout);
    }, timeoutMs);
  });
  try {
    return await Promise.race([pending, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Engines come from outside too: what goes on record must be what readers accept. */
function refuseOutcome({ policyDigest, decisionId }: PolicyOutcome): void {
  const texts = [policyDigest ?? "", decisionId ?? ""];
  if (texts.every((text) => typeof text === "string" && text.length <= VALUE_LENGTH)) return;
  throw new TypeError("The engine's policyDigest and decisionId must be strings");
}

/** Only `true` allows. */
function judge(outcome: PolicyOutcome): Answer {
  refuseOutcome(outcome);
  const { value } = outcome;
  if (value === true) return { cause: null, allowed: true, detail: "allowed", outcome };
  if (value === false) return { cause: null, allowed: false, detail: "the rule is false", outcome };
  return value === undefined
    ? { cause: "undefined", allowed: false, detail: "the rule has no value", outcome }
    : {
      cause: "not-boolean",
      allowed: false,
      detail: "the rule's value is not a boolean",
      outcome,
    };
}

/** A denial without an evaluation. */
export function refused(cause: DenyCause, detail: string): Answer {
  return { cause, allowed: false, detail };
}

/**
 * Evaluates within a deadline. Never throws: whatever goes wrong is a denial. An
 * engine that answers at once is answered at once.
 */
export function answerWithin(
  timeoutMs: number,
  evaluate: (signal: AbortSignal) => PolicyOutcome | Promise<PolicyOutcome>,
): Answer | Promise<Answer> {
  const abort = new AbortController();
  const start = performance.now();
  // An engine that keeps the thread busy also keeps the timer from ending it.
  const inTime = (outcome: PolicyOutcome): Answer => {
    if (performance.now() - start > timeoutMs) throw lateAfter(timeoutMs);
    return judge(outcome);
  };
  try {
    const pending = evaluate(abort.signal);
    if (!isThenable(pending)) return inTime(pending);
    return outcomeWithin(timeoutMs, Promise.resolve(pending), abort).then(inTime).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

/** The denial that an error is. */
export function failed(error: unknown): Answer {
  const cause = error instanceof PolicyTimeout ? "timeout" : "error";
  return { cause, allowed: false, detail: messageOf(error), error };
}
