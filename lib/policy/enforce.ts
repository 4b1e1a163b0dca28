/**
 * Enforcement that fails closed (SPEC 8.2): no engine, no result, a result that
 * is not `true`, an error, a timeout: each denies, and each is on record.
 *
 * @module
 */

import { isThenable } from "../bytes/content.ts";
import { randomSeed } from "../bytes/random.ts";
import { sha256 } from "../bytes/sha256.ts";
import { type Decision, INLINE_RULES, type InputProfile, type Origin } from "../lineage/entry.ts";
import { type Answer, answerWithin, failed, refused } from "./answer.ts";
import type { PolicyEngine, PolicyRequest } from "./engine.ts";
import { INPUT_VERSION, type InputDocument } from "./input.ts";

/** One thing that must be allowed before a step may run. */
export type Demand =
  | { readonly source: "enforced"; readonly rule: string }
  | { readonly source: "origin"; readonly reference: string; readonly rule: string | null }
  | { readonly source: "origin"; readonly reference: typeof INLINE_RULES; readonly module: string };

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
    if (module !== null) demands.push({ source: "origin", reference: INLINE_RULES, module });
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
  /** The input document; throws if it has no canonical form. */
  readonly input: () => InputDocument;
}

/** A decision, and why it denied in words. */
export interface Enforced {
  readonly decision: Decision;
  readonly detail: string;
  readonly error: unknown;
}

function answer(
  demand: Demand,
  context: EnforceContext,
  request: (signal: AbortSignal) => Omit<PolicyRequest, "rule">,
): Answer | Promise<Answer> {
  const { engine, timeoutMs } = context;
  if (!engine) return refused("no-engine", "no policy engine is configured");
  if ("module" in demand) {
    if (!engine.evaluateInline) {
      return refused("unresolved", `engine ${engine.kind} cannot evaluate inline rules`);
    }
    const { module } = demand;
    return answerWithin(timeoutMs, (signal) => engine.evaluateInline!(module, request(signal)));
  }
  const { rule } = demand;
  if (rule === null) return refused("unresolved", "no rule is configured for this reference");
  return answerWithin(timeoutMs, (signal) => engine.evaluate({ rule, ...request(signal) }));
}

/** The rule that a demand names, for records and messages. */
function ruleOf(demand: Demand): string {
  if (demand.source === "enforced") return demand.rule;
  return ("module" in demand ? null : demand.rule) ?? demand.reference;
}

/** A decision as it goes on record. */
function decisionOf(
  demand: Demand,
  given: Answer,
  context: EnforceContext,
  { seed, inputDigest }: { readonly seed: string; readonly inputDigest: string | null },
): Decision {
  return Object.freeze({
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
}

/**
 * Evaluates demands in order and stops at the first that denies (SPEC 8.2).
 * Never throws: whatever goes wrong is a denial. Where the engine answers at
 * once, so does this: nobody can change the arguments in between.
 */
export function enforce(
  demands: readonly Demand[],
  context: EnforceContext,
): readonly Enforced[] | Promise<readonly Enforced[]> {
  let input: InputDocument | undefined;
  let noInput: Answer | undefined;
  try {
    input = context.input();
  } catch (error) {
    noInput = failed(error);
  }
  const seed = randomSeed();
  const request = (signal: AbortSignal) => ({
    inputText: input!.text,
    input: input!.value,
    timeMs: context.timeMs,
    seed,
    signal,
  });
  const facts = { seed, inputDigest: input === undefined ? null : sha256(input.text) };
  const enforced: Enforced[] = [];
  const record = (demand: Demand, given: Answer): boolean => {
    const decision = decisionOf(demand, given, context, facts);
    enforced.push({ decision, detail: given.detail, error: given.error });
    return given.allowed;
  };
  const from = (start: number): readonly Enforced[] | Promise<readonly Enforced[]> => {
    for (let i = start; i < demands.length; i++) {
      const demand = demands[i]!;
      const given = noInput ?? answer(demand, context, request);
      if (isThenable(given)) {
        return given.then((late) => record(demand, late) ? from(i + 1) : enforced);
      }
      if (!record(demand, given)) break;
    }
    return enforced;
  };
  return from(0);
}
