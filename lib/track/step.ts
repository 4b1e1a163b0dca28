/**
 * One verified call, from ingress to egress (SPEC 7).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { type Content, contentOf, isThenable } from "../bytes/content.ts";
import type { Decision, InputProfile, Origin } from "../lineage/entry.ts";
import { originsBelow, originsOf } from "../lineage/node.ts";
import { passportFrom } from "../lineage/passport.ts";
import { demandsOf, enforce, type Enforced } from "../policy/enforce.ts";
import type { PolicyEngine } from "../policy/engine.ts";
import { inputDocument } from "../policy/input.ts";
import { PolicyViolationError } from "../policy/violation.ts";
import { type Ingress, readArguments } from "./arguments.ts";
import { collectEnvironment, type EnvironmentCollector } from "./collectors.ts";
import { currentFrame, Frame, runInside, type Tracked } from "./context.ts";
import { exportEntry, type Exporter } from "./exporters.ts";
import { type KestData, track } from "./kest_data.ts";
import {
  addParents,
  type EntryEnd,
  type EntryPlan,
  ingressParents,
  makeEntry,
  type Parent,
  trustOf,
  type TrustScoreUpdater,
} from "./maker.ts";
import { defaultOrigin } from "./origin.ts";
import { drain, flatten, type Flattened, iteratorOf } from "./result.ts";
import type { KestConfig } from "./settings.ts";

/** A verified function as its options describe it, checked once. */
export interface StepSpec {
  readonly nodeId: string;
  readonly fn: (this: unknown, ...args: never[]) => unknown;
  readonly rules: readonly string[];
  readonly addedTaint: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeTrustScore: number;
  readonly updater: TrustScoreUpdater | undefined;
  readonly opaque: ReadonlySet<number>;
  readonly engine: PolicyEngine | undefined;
  readonly envCollectors: readonly EnvironmentCollector[] | undefined;
  readonly exporters: readonly Exporter[] | undefined;
  readonly profile: InputProfile | undefined;
  readonly config: KestConfig;
}

/** A call that was let in: all that its entry needs besides the result. */
export interface Admitted {
  readonly spec: StepSpec;
  readonly plan: EntryPlan;
  readonly frame: Frame;
  readonly outer: Frame | undefined;
  readonly args: readonly unknown[];
  /** What flowed in. */
  readonly parents: readonly Parent[];
  /** What let it in. */
  readonly decisions: readonly Decision[];
  /** Fails if an argument changed since it was hashed. */
  readonly refuseChanged: () => void;
}

/** The instance's and the step's own. */
function both<T>(instance: readonly T[], own: readonly T[] | undefined): readonly T[] {
  return own === undefined ? instance : [...instance, ...own];
}

function planOf(spec: StepSpec, ingress: Ingress): EntryPlan {
  const { config } = spec;
  return {
    nodeId: spec.nodeId,
    nodeTrustScore: spec.nodeTrustScore,
    updater: spec.updater,
    labels: spec.labels,
    environment: collectEnvironment(both(config.envCollectors, spec.envCollectors)),
    inputs: ingress.inputs,
    rawArguments: ingress.rawArguments,
    origin: () => defaultOrigin(config.defaultOrigin),
    signer: config.signer,
    now: config.now,
  };
}

/** Makes an entry known: to the enclosing call, then to the exporters. */
export function publish(
  { spec, outer }: Pick<Admitted, "outer" | "spec">,
  tracked: Tracked,
  error?: unknown,
): void | Promise<void> {
  outer?.addInner(tracked);
  return exportEntry(both(spec.config.exporters, spec.exporters), tracked, error);
}

const NO_DECISIONS: readonly Decision[] = Object.freeze([]);

/**
 * Evaluates the step's rules and its origins' policies before the function runs
 * (SPEC 8.2). Returns the decisions that allowed it, at once if the engine
 * answers at once.
 *
 * @throws {PolicyViolationError} on the first denial; its entry is published.
 */
function admit(
  spec: StepSpec,
  plan: EntryPlan,
  parents: readonly Parent[],
  args: readonly unknown[],
  outer: Frame | undefined,
): readonly Decision[] | Promise<readonly Decision[]> {
  const { config } = spec;
  const nodes = parents.map(({ tracked }) => tracked.node);
  const origin: Origin | null = parents.length === 0 ? plan.origin() : null;
  const demands = demandsOf(spec.rules, originsBelow(nodes, origin), config.policyRefs);
  const profile = spec.profile ?? config.inputProfile;
  const timeMs = config.now();
  const trustScore = trustOf(plan, parents);
  const enforced = enforce(demands, {
    engine: spec.engine ?? config.policyEngine,
    timeoutMs: config.policyTimeoutMs,
    profile,
    timeMs,
    trustScore,
    input: () =>
      inputDocument({
        nodeId: spec.nodeId,
        parents: nodes,
        roles: parents.map((parent) => parent.roles),
        origin,
        trustScore,
        environment: plan.environment,
        labels: plan.labels,
        rawArguments: plan.rawArguments,
        timeMs,
        profile,
        args,
        inputs: plan.inputs,
      }),
  });
  const settle = (all: readonly Enforced[]) => {
    const decisions = Object.freeze(all.map(({ decision }) => decision));
    const last = all.at(-1)!;
    if (last.decision.result === "allow") return decisions;
    const denied = makeEntry(plan, { kind: "denied", parents, decisions });
    return refuse(spec, denied, last, outer);
  };
  return isThenable(enforced) ? enforced.then(settle) : settle(enforced);
}

/** A denial is an entry of its own: published, then thrown. */
async function refuse(
  spec: StepSpec,
  denied: Tracked,
  { decision, detail, error }: Enforced,
  outer: Frame | undefined,
): Promise<never> {
  const passport = passportFrom([denied.node], denied.seals);
  const violation = new PolicyViolationError(spec.nodeId, decision, detail, passport, error);
  await publish({ spec, outer }, denied, violation);
  throw violation;
}

/** Whether anything must be decided: most steps have no rules, most origins no policies. */
function needsDecision(spec: StepSpec, parents: readonly Parent[]): boolean {
  return spec.rules.length > 0 ||
    parents.some(({ tracked }) =>
      originsOf(tracked.node).some(({ policies }) =>
        policies.curated_refs.length > 0 || policies.inline_rules !== null
      )
    );
}

function admitted(
  spec: StepSpec,
  ingress: Ingress,
  ambient: readonly Tracked[],
  outer: Frame | undefined,
): Admitted | Promise<Admitted> {
  const parents = ingressParents(ingress.tracked, ambient);
  const plan = planOf(spec, ingress);
  const frame = new Frame(parents.map(({ tracked }) => tracked));
  const args = ingress.plain;
  const { refuseChanged } = ingress;
  const letIn = (decisions: readonly Decision[]): Admitted => {
    // The policies saw the arguments themselves: they must be what was hashed.
    if ((spec.profile ?? spec.config.inputProfile) === "arguments") refuseChanged();
    return { spec, frame, outer, args, parents, plan, decisions, refuseChanged };
  };
  if (!needsDecision(spec, parents)) return letIn(NO_DECISIONS);
  const decisions = admit(spec, plan, parents, args, outer);
  return isThenable(decisions) ? decisions.then(letIn) : letIn(decisions);
}

/** Ingress: reads the arguments and asks the policies (SPEC 7.2, 8.2). */
export function enter(spec: StepSpec, args: readonly unknown[]): Admitted | Promise<Admitted> {
  const outer = currentFrame();
  const ambient = outer?.ambient() ?? [];
  const ingress = readArguments(args, spec.opaque, spec.nodeId);
  return isThenable(ingress)
    ? ingress.then((read) => admitted(spec, read, ambient, outer))
    : admitted(spec, ingress, ambient, outer);
}

/** Egress: the entry of a call that ended; not yet published. */
export function leave(
  admitted: Admitted,
  end: Omit<EntryEnd, "parents">,
  returned: readonly Tracked[],
): Tracked {
  const { frame } = admitted;
  frame.close();
  const parents = frame.isQuiet && returned.length === 0
    ? admitted.parents
    : addParents(admitted.parents, [
      ["inner", frame.inner],
      ["read", frame.read],
      ["result", returned],
    ]);
  return makeEntry(admitted.plan, { ...end, parents, decisions: admitted.decisions });
}

/**
 * A failed step is an entry too. Whatever goes wrong here must not hide the
 * function's own error, which reaches the caller unchanged (SPEC 7.4).
 */
export async function recordFailure(
  admitted: Admitted,
  error: unknown,
): Promise<Tracked | undefined> {
  let failed: Tracked | undefined;
  try {
    await admitted.frame.endStreams();
    failed = leave(admitted, { kind: "failed", addedTaint: admitted.spec.addedTaint }, []);
    await publish(admitted, failed, error);
  } catch {
    // The caller is about to get the error that matters.
  }
  return failed;
}

/** Calls the function inside its frame; awaits and drains what it returned there. */
function callInside({ spec, frame, args }: Admitted, self: unknown): unknown {
  return runInside(frame, () => {
    const returned = spec.fn.apply(self, args as never[]);
    if (isThenable(returned)) return Promise.resolve(returned).then((r) => collected(spec, r));
    return collected(spec, returned);
  });
}

function collected(spec: StepSpec, result: unknown): unknown {
  const iterator = iteratorOf(result);
  return iterator ? drain(iterator, spec.config) : result;
}

interface Result extends Flattened {
  readonly content: Content | Promise<Content>;
}

/** The content of a result, and the tracked values in it: a value with a form holds none. */
function contentOfResult(result: unknown): Result {
  try {
    return { data: result, tracked: [], content: contentOf(result) };
  } catch (error) {
    if (!(error instanceof KestError) || error.code !== "CONTENT_TRACKED") throw error;
    const flat = flatten(result);
    return { ...flat, content: contentOf(flat.data) };
  }
}

/** Runs one verified call. */
export async function runStep(
  spec: StepSpec,
  self: unknown,
  args: readonly unknown[],
): Promise<KestData<unknown>> {
  const entered = enter(spec, args);
  const call = isThenable(entered) ? await entered : entered;
  const waited = call !== entered;
  let data: unknown;
  let tracked: Tracked;
  try {
    // While it waited, others could change what was hashed and decided upon.
    if (waited) call.refuseChanged();
    let returned = callInside(call, self);
    if (isThenable(returned)) returned = await returned;
    const result = contentOfResult(returned);
    const content = isThenable(result.content) ? await result.content : result.content;
    const ending = call.frame.endStreams();
    if (ending) await ending;
    data = result.data;
    tracked = leave(call, { kind: "step", content, addedTaint: spec.addedTaint }, result.tracked);
  } catch (error) {
    await recordFailure(call, error);
    throw error;
  }
  const exported = publish(call, tracked);
  if (exported) await exported;
  return track(data, tracked);
}
