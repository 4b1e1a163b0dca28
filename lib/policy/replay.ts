/**
 * Evaluates recorded decisions again (SPEC 8.5): what was a producer's claim
 * becomes something that a reader has checked.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { refuseUnknown } from "../base/options.ts";
import { sha256 } from "../bytes/sha256.ts";
import { ingressOnly } from "../lineage/derive.ts";
import { type Decision, type DenyCause, INLINE_RULES, isGenesis } from "../lineage/entry.ts";
import { type EntryNode, originsBelow, reach, topological } from "../lineage/node.ts";
import { partsOf, type Passport } from "../lineage/passport.ts";
import { type Answer, answerWithin } from "./answer.ts";
import { demandsOf } from "./enforce.ts";
import type { PolicyEngine, PolicyRequest } from "./engine.ts";
import { INPUT_VERSION, type InputDocument, inputDocument } from "./input.ts";
import { argumentProblem } from "./replay_arguments.ts";

/** What became of a decision that was evaluated again. */
export type ReplayStatus = "reproduced" | "different" | "not-replayable";

/** Why a decision was not reproduced; stable codes (SPEC 8.5). */
export type ReplayReason =
  | "RESULT"
  | "RULE"
  | "INPUT"
  | "NOT_EVALUATED"
  | "INPUT_VERSION"
  | "NO_ARGUMENTS"
  | "NO_RULE"
  | "NO_INLINE"
  | "OTHER_POLICY";

/** One decision, evaluated again. */
export interface ReplayedDecision {
  /** The id of the entry that records it. */
  readonly entryId: string;
  /** The step. */
  readonly nodeId: string;
  /** Its place in the entry's `decisions`, from 0. */
  readonly index: number;
  /** The decision on record. */
  readonly decision: Decision;
  /** What became of it. */
  readonly status: ReplayStatus;
  /** Why it was not reproduced; `null` if it was. */
  readonly reason: ReplayReason | null;
  /** What the evaluation came to; `null` if there was none. */
  readonly result: "allow" | "deny" | null;
  /** Why it denied, where no rule did. */
  readonly cause: DenyCause | null;
  /**
   * Whether the policy is the one on record by its digest. `null`: digests of
   * different kinds (source, compiled, remote) say nothing about each other.
   */
  readonly samePolicy: boolean | null;
  /** One sentence for people. */
  readonly sentence: string;
}

/** All decisions of a passport, evaluated again. */
export interface ReplayReport {
  /** In the order of the history, parents before children. */
  readonly decisions: readonly ReplayedDecision[];
  /** How many came out as recorded. */
  readonly reproduced: number;
  /** How many came out otherwise. */
  readonly different: number;
  /** How many could not be evaluated again. */
  readonly notReplayable: number;
}

/** Options of {@linkcode replayDecisions}. */
export interface ReplayOptions {
  /**
   * The arguments of calls whose decisions saw them (profile `arguments`), by
   * the id of the entry: plain values, as the functions saw them.
   */
  readonly data?: Readonly<Record<string, readonly unknown[]>>;
  /** Milliseconds for one evaluation; default 5,000. */
  readonly timeoutMs?: number;
  /** Told of every decision as it is done. */
  readonly onDecision?: (replayed: ReplayedDecision) => void;
  /** Stops between two decisions; the reason is thrown. */
  readonly signal?: AbortSignal;
}

const OPTIONS = new Set(["data", "timeoutMs", "onDecision", "signal"]);
const TIMEOUT_MS = 5_000;

type Judgement = Pick<
  ReplayedDecision,
  "status" | "reason" | "result" | "cause" | "samePolicy" | "sentence"
>;

function notReplayable(reason: ReplayReason, sentence: string): Judgement {
  const status = "not-replayable";
  return { status, reason, result: null, cause: null, samePolicy: null, sentence };
}

function different(reason: ReplayReason, sentence: string, answer?: Answer): Judgement {
  const result = answer ? answer.allowed ? "allow" : "deny" : null;
  const cause = answer?.cause ?? null;
  return { status: "different", reason, result, cause, samePolicy: null, sentence };
}

/** Decisions of which nothing was evaluated, or of which that cannot be repeated. */
function unevaluated({ cause, input_digest, input_version }: Decision): Judgement | undefined {
  switch (cause) {
    case "no-engine":
      return notReplayable("NOT_EVALUATED", "It denied because there was no engine.");
    case "unresolved":
      return notReplayable("NOT_EVALUATED", "It denied because no rule stood for the reference.");
    case "timeout":
      return notReplayable("NOT_EVALUATED", "It denied because the engine took too long.");
  }
  if (input_digest === null) {
    return notReplayable("NOT_EVALUATED", "It denied because there was no input document.");
  }
  if (input_version !== INPUT_VERSION) {
    return notReplayable("INPUT_VERSION", `Its input document is of version ${input_version}.`);
  }
  return undefined;
}

/** A rule that its reference does not stand for (SPEC 8.3). */
function misnamed({ reference, rule }: Decision): Judgement | undefined {
  const isFixed = reference === INLINE_RULES || reference?.startsWith("data.");
  if (!isFixed || rule === reference) return undefined;
  return different("RULE", `The reference ${reference} does not stand for the rule ${rule}.`);
}

/** The input document that a decision of this entry saw (SPEC 8.1). */
function inputOf(node: EntryNode, decision: Decision, args: readonly unknown[]): InputDocument {
  const { body } = node;
  return inputDocument({
    nodeId: body.node_id,
    parents: ingressOnly(node.parents, body.parent_roles),
    roles: ingressOnly(body.parent_roles, body.parent_roles),
    origin: isGenesis(body.parent_roles) ? body.origin : null,
    trustScore: decision.trust_score,
    environment: body.environment,
    labels: body.labels,
    rawArguments: body.raw_arguments,
    timeMs: decision.time_ms,
    profile: decision.profile,
    args,
    inputs: body.inputs,
  });
}

/** `rego`, `wasm`, `remote`: digests of one kind can be compared. */
function kindOf(digest: string): string {
  return digest.slice(0, digest.indexOf(":") + 1);
}

function samePolicy(recorded: string | null, replayed: string | null | undefined): boolean | null {
  if (recorded === null || typeof replayed !== "string") return null;
  if (kindOf(recorded) !== kindOf(replayed)) return null;
  return recorded === replayed;
}

function compare(decision: Decision, answer: Answer): Judgement {
  const same = samePolicy(decision.policy_digest, answer.outcome?.policyDigest);
  if (same === false) {
    const digest = answer.outcome!.policyDigest;
    const sentence = `The engine's policies are ${digest}, not those on record.`;
    return { ...notReplayable("OTHER_POLICY", sentence), samePolicy: same };
  }
  const result = answer.allowed ? "allow" : "deny";
  if (result !== decision.result || answer.cause !== decision.cause) {
    const recorded = decision.cause ? `${decision.result} (${decision.cause})` : decision.result;
    const sentence = `It is ${recorded} on record, and ${result} now: ${answer.detail}.`;
    return { ...different("RESULT", sentence, answer), samePolicy: same };
  }
  const sentence = same
    ? "The same policies come to the same result."
    : "These policies come to the same result; whether they are those on record is not known.";
  const { cause } = answer;
  return { status: "reproduced", reason: null, result, cause, samePolicy: same, sentence };
}

/** Replays the decisions of one entry. */
class EntryReplay {
  readonly #node: EntryNode;
  readonly #engine: PolicyEngine;
  readonly #options: ReplayOptions;
  readonly #modules: readonly string[];
  #inlineSeen = 0;

  constructor(node: EntryNode, engine: PolicyEngine, options: ReplayOptions) {
    this.#node = node;
    this.#engine = engine;
    this.#options = options;
    const { body } = node;
    const origin = isGenesis(body.parent_roles) ? body.origin : null;
    const origins = originsBelow(ingressOnly(node.parents, body.parent_roles), origin);
    this.#modules = demandsOf([], origins, {}).flatMap((d) => "module" in d ? [d.module] : []);
  }

  async replay(decision: Decision): Promise<Judgement> {
    const isInline = decision.reference === INLINE_RULES;
    const module = isInline ? this.#modules[this.#inlineSeen++] : undefined;
    const known = unevaluated(decision) ?? misnamed(decision);
    if (known) return known;
    const args = await this.#arguments(decision);
    if ("status" in args) return args;
    const input = this.#input(decision, args);
    if ("status" in input) return input;
    return isInline
      ? await this.#inline(decision, input, module)
      : await this.#rule(decision, input);
  }

  async #arguments({ profile }: Decision): Promise<readonly unknown[] | Judgement> {
    if (profile !== "arguments") return [];
    const { data = {} } = this.#options;
    const id = this.#node.body.entry_id;
    if (!Object.hasOwn(data, id)) {
      return notReplayable("NO_ARGUMENTS", "It saw the arguments, which are not in a passport.");
    }
    const args = data[id]!;
    const problem = await argumentProblem(this.#node, args);
    return problem === undefined
      ? args
      : notReplayable("NO_ARGUMENTS", `These are not the arguments of the entry: ${problem}.`);
  }

  #input(decision: Decision, args: readonly unknown[]): InputDocument | Judgement {
    let input: InputDocument;
    try {
      input = inputOf(this.#node, decision, args);
    } catch (error) {
      return different("INPUT", `Its input document cannot be made: ${messageOf(error)}.`);
    }
    if (sha256(input.text) === decision.input_digest) return input;
    return different("INPUT", "It saw another input document than the entries come to.");
  }

  async #rule(decision: Decision, input: InputDocument): Promise<Judgement> {
    const engine = this.#engine;
    const { rule } = decision;
    const answer = await this.#answer((signal) =>
      engine.evaluate({ rule, ...request(decision, input, signal) })
    );
    // The policies on record have no such rule: then that is what they come to.
    const same = samePolicy(decision.policy_digest, answer.outcome?.policyDigest);
    if (same !== true && engine.hasRule && !engine.hasRule(rule)) {
      return notReplayable("NO_RULE", `The engine has no rule ${rule}.`);
    }
    return compare(decision, answer);
  }

  async #inline(
    decision: Decision,
    input: InputDocument,
    module: string | undefined,
  ): Promise<Judgement> {
    const engine = this.#engine;
    if (module === undefined) {
      return different("INPUT", "No origin at this entry has the inline rules that it names.");
    }
    if (!engine.evaluateInline) {
      return notReplayable("NO_INLINE", `Engine ${engine.kind} cannot evaluate inline rules.`);
    }
    const answer = await this.#answer((signal) =>
      engine.evaluateInline!(module, request(decision, input, signal))
    );
    return compare(decision, answer);
  }

  #answer(evaluate: Parameters<typeof answerWithin>[1]): Answer | Promise<Answer> {
    return answerWithin(this.#options.timeoutMs ?? TIMEOUT_MS, evaluate);
  }
}

function request(
  { time_ms: timeMs, seed }: Decision,
  { text, value }: InputDocument,
  signal: AbortSignal,
): Omit<PolicyRequest, "rule"> {
  return { inputText: text, ...(value ? { input: value } : {}), timeMs, seed, signal };
}

/**
 * Evaluates every decision of a passport again: rebuilds the input document from
 * the entries, compares its digest, asks the engine with the recorded time and
 * seed, and compares the result (SPEC 8.5). Verify the passport first: what is
 * replayed is what it says.
 *
 * @param passport The passport, e.g. of `parsePassport`.
 * @param engine An engine with the policies. Decisions of another kind of engine
 * are replayed too, but then nothing proves that the policies are the same.
 * @throws {TypeError} on an unknown option.
 *
 * @example
 * ```ts
 * import { createKest, LocalOpaEngine, originate, replayDecisions } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const policyEngine = new LocalOpaEngine();
 * policyEngine.addPolicy("send.rego", 'package send\nallow if not "pii" in input.taints');
 * const { verified } = createKest({ policyEngine });
 * const send = verified({ nodeId: "send", enforceRules: ["data.send.allow"] }, (x: number) => x);
 * const sent = await send(originate(1));
 *
 * const { reproduced, decisions } = await replayDecisions(sent.passport, policyEngine);
 * assert.equal(reproduced, 1);
 * assert.equal(decisions[0]?.samePolicy, true);
 * ```
 */
export async function replayDecisions(
  passport: Passport,
  engine: PolicyEngine,
  options: ReplayOptions = {},
): Promise<ReplayReport> {
  refuseUnknown(options, OPTIONS, "replayDecisions");
  const decisions: ReplayedDecision[] = [];
  for (const node of topological(reach(partsOf(passport).heads))) {
    const { body } = node;
    if (body.decisions.length === 0) continue;
    const entry = new EntryReplay(node, engine, options);
    for (const [index, decision] of body.decisions.entries()) {
      options.signal?.throwIfAborted();
      const judgement = await entry.replay(decision);
      const { entry_id: entryId, node_id: nodeId } = body;
      const replayed = Object.freeze({ entryId, nodeId, index, decision, ...judgement });
      decisions.push(replayed);
      options.onDecision?.(replayed);
    }
  }
  const count = (status: ReplayStatus) => decisions.filter((d) => d.status === status).length;
  return Object.freeze({
    decisions: Object.freeze(decisions),
    reproduced: count("reproduced"),
    different: count("different"),
    notReplayable: count("not-replayable"),
  });
}
