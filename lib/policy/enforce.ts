/**
 * Enforcement that fails closed (SPEC 8.2): no engine, no result, a result that
 * is not `true`, an error, a timeout: each denies, and each is on record.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { toHex } from "../bytes/encoding.ts";
import { isThenable } from "../bytes/content.ts";
import { sha256 } from "../bytes/sha256.ts";
import type { Decision, DenyCause, InputProfile, Origin } from "../lineage/entry.ts";
import { VALUE_LENGTH } from "../lineage/names.ts";
import type { PolicyEngine, PolicyOutcome, PolicyRequest } from "./engine.ts";
import { INPUT_VERSION } from "./input.ts";

/** One thing that must be allowed before a step may run. */
export type Demand =
  | { readonly source: "enforced"; readonly rule: string }
  | { readonly source: "origin"; readonly reference: string; readonly rule: string | null }
  | { readonly source: "origin"; readonly reference: "inline_rules"; readonly module: string };

/** Maps policy references to rule paths. */
export type PolicyRefs = Readonly<Record<string, string>>;

/** The demands of a step's own rules and of its origins' policies, in order, each once. */
export function demandsOf(
  rules: readonly string[],
  origins: readonly Origin[],
  refs: PolicyRefs,
): readonly Demand[] {
  const demands: Demand[] = rules.map((rule) => ({ source: "enforced", rule }));
  const references = new Set(origins.flatMap((origin) => origin.policies.curated_refs));
  for (const reference of [...references].sort()) {
    demands.push({ source: "origin", reference, rule: rulePath(reference, refs) });
  }
  const modules = new Set(origins.map((origin) => origin.policies.inline_rules));
  for (const module of modules) {
    if (module !== null) demands.push({ source: "origin", reference: "inline_rules", module });
  }
  return demands;
}

/** The rule that a policy reference stands for, or `null`. */
function rulePath(reference: string, refs: PolicyRefs): string | null {
  if (reference.startsWith("data.")) return reference;
  return Object.hasOwn(refs, reference) ? refs[reference]! : null;
}

/** How decisions are made. */
export interface EnforceContext {
  readonly engine: PolicyEngine | undefined;
  readonly timeoutMs: number;
  readonly profile: InputProfile;
  readonly timeMs: number;
  readonly trustScore: number;
  /** RFC 8785 text of the input document; throws if it has none. */
  readonly inputText: () => string;
}

/** A decision, and why it denied in words. */
export interface Enforced {
  readonly decision: Decision;
  readonly detail: string;
  readonly error: unknown;
}

interface Answer {
  readonly cause: DenyCause | null;
  readonly allowed: boolean;
  readonly detail: string;
  readonly error?: unknown;
  readonly outcome?: PolicyOutcome;
}

class PolicyTimeout extends Error {}

/** The engine's outcome within the deadline. Synchronous engines need no timer. */
async function withDeadline(
  timeoutMs: number,
  evaluate: (signal: AbortSignal) => PolicyOutcome | Promise<PolicyOutcome>,
): Promise<PolicyOutcome> {
  const abort = new AbortController();
  const pending = evaluate(abort.signal);
  if (!isThenable(pending)) return pending;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const timeout = new PolicyTimeout(`No decision within ${timeoutMs} ms`);
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

function refused(cause: DenyCause, detail: string): Answer {
  return { cause, allowed: false, detail };
}

async function answer(
  demand: Demand,
  context: EnforceContext,
  inputText: string,
  seed: string,
): Promise<Answer> {
  const { engine, timeMs } = context;
  if (!engine) return refused("no-engine", "no policy engine is configured");
  const request = (signal: AbortSignal): Omit<PolicyRequest, "rule"> => ({
    inputText,
    timeMs,
    seed,
    signal,
  });
  if ("module" in demand) {
    if (!engine.evaluateInline) {
      return refused("unresolved", `engine ${engine.kind} cannot evaluate inline rules`);
    }
    const { module } = demand;
    return judge(
      await withDeadline(
        context.timeoutMs,
        (signal) => engine.evaluateInline!(module, request(signal)),
      ),
    );
  }
  const { rule } = demand;
  if (rule === null) return refused("unresolved", "no rule is configured for this reference");
  return judge(
    await withDeadline(
      context.timeoutMs,
      (signal) => engine.evaluate({ rule, ...request(signal) }),
    ),
  );
}

async function answerOrDeny(
  demand: Demand,
  context: EnforceContext,
  inputText: string | undefined,
  seed: string,
  inputError: unknown,
): Promise<Answer> {
  try {
    if (inputText === undefined) throw inputError;
    return await answer(demand, context, inputText, seed);
  } catch (error) {
    const cause = error instanceof PolicyTimeout ? "timeout" : "error";
    return { cause, allowed: false, detail: messageOf(error), error };
  }
}

/** The rule that a demand names, for records and messages. */
function ruleOf(demand: Demand): string {
  if (demand.source === "enforced") return demand.rule;
  return ("module" in demand ? null : demand.rule) ?? demand.reference;
}

/**
 * Evaluates demands in order and stops at the first that denies (SPEC 8.2).
 * Never throws: whatever goes wrong is a denial.
 */
export async function enforce(
  demands: readonly Demand[],
  context: EnforceContext,
): Promise<readonly Enforced[]> {
  let inputText: string | undefined;
  let inputError: unknown;
  try {
    inputText = context.inputText();
  } catch (error) {
    inputError = error;
  }
  const seed = toHex(globalThis.crypto.getRandomValues(new Uint8Array(16)));
  const inputDigest = inputText === undefined ? null : sha256(inputText);
  const enforced: Enforced[] = [];
  for (const demand of demands) {
    const given = await answerOrDeny(demand, context, inputText, seed, inputError);
    const decision: Decision = Object.freeze({
      cause: given.cause,
      decision_id: given.outcome?.decisionId ?? null,
      engine: context.engine?.kind ?? null,
      input_digest: inputDigest,
      input_version: INPUT_VERSION,
      policy_digest: given.outcome?.policyDigest ?? null,
      profile: context.profile,
      reference: demand.source === "origin" ? demand.reference : null,
      result: given.allowed ? "allow" : "deny",
      rule: ruleOf(demand),
      seed,
      source: demand.source,
      time_ms: context.timeMs,
      trust_score: context.trustScore,
    });
    enforced.push({ decision, detail: given.detail, error: given.error });
    if (!given.allowed) break;
  }
  return enforced;
}
