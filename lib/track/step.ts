/**
 * One verified call, from ingress to egress (SPEC 7).
 *
 * @module
 */

import { contentOf, isThenable } from "../bytes/content.ts";
import type { Decision, InputProfile, Origin } from "../lineage/entry.ts";
import { originsBelow } from "../lineage/node.ts";
import { passportFrom } from "../lineage/passport.ts";
import { demandsOf, enforce } from "../policy/enforce.ts";
import type { PolicyEngine } from "../policy/engine.ts";
import { policyInputText } from "../policy/input.ts";
import { PolicyViolationError } from "../policy/violation.ts";
import { type Ingress, readArguments } from "./arguments.ts";
import { collectEnvironment, type EnvironmentCollector } from "./collectors.ts";
import { currentFrame, Frame, runInside, type Tracked } from "./context.ts";
import { exportEntry, type Exporter } from "./exporters.ts";
import { type KestData, track } from "./kest_data.ts";
import {
  type EntryEnd,
  type EntryPlan,
  gatherParents,
  makeEntry,
  type Parent,
  trustOf,
  type TrustScoreUpdater,
} from "./maker.ts";
import { originFrom } from "./origin.ts";
import { drain, flatten, iteratorOf } from "./result.ts";
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
  readonly argumentsOnly: readonly Tracked[];
  readonly ambient: readonly Tracked[];
}

function planOf(spec: StepSpec, ingress: Ingress, decisions: readonly Decision[]): EntryPlan {
  const { config } = spec;
  return {
    nodeId: spec.nodeId,
    nodeTrustScore: spec.nodeTrustScore,
    updater: spec.updater,
    labels: spec.labels,
    environment: collectEnvironment([
      ...config.envCollectors,
      ...(spec.envCollectors ?? []),
    ]),
    inputs: ingress.inputs,
    rawArguments: ingress.rawArguments,
    decisions,
    origin: originFrom(config.defaultOrigin),
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
  return exportEntry([...spec.config.exporters, ...(spec.exporters ?? [])], tracked, error);
}

const NO_DECISIONS: readonly Decision[] = Object.freeze([]);

/**
 * Evaluates the step's rules and its origins' policies before the function runs
 * (SPEC 8.2). Returns the decisions that allowed it.
 *
 * @throws {PolicyViolationError} on the first denial; its entry is published.
 */
async function admit(
  spec: StepSpec,
  plan: EntryPlan,
  parents: readonly Parent[],
  args: readonly unknown[],
  outer: Frame | undefined,
): Promise<readonly Decision[]> {
  const { config } = spec;
  const nodes = parents.map(({ tracked }) => tracked.node);
  const origin: Origin | null = parents.length === 0 ? plan.origin : null;
  const demands = demandsOf(spec.rules, originsBelow(nodes, origin), config.policyRefs);
  if (demands.length === 0) return NO_DECISIONS;
  const profile = spec.profile ?? config.inputProfile;
  const timeMs = config.now();
  const trustScore = trustOf(plan, parents);
  const enforced = await enforce(demands, {
    engine: spec.engine ?? config.policyEngine,
    timeoutMs: config.policyTimeoutMs,
    profile,
    timeMs,
    trustScore,
    inputText: () =>
      policyInputText({
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
      }),
  });
  const decisions = Object.freeze(enforced.map(({ decision }) => decision));
  const last = enforced[enforced.length - 1]!;
  if (last.decision.result === "allow") return decisions;
  const denied = makeEntry({ ...plan, decisions }, { kind: "denied", parents });
  const violation = new PolicyViolationError(
    spec.nodeId,
    last.decision,
    last.detail,
    passportFrom([denied.node], denied.seals),
    last.error,
  );
  await publish({ spec, outer }, denied, violation);
  throw violation;
}

/** Ingress: reads the arguments and asks the policies (SPEC 7.2, 8.2). */
export async function enter(spec: StepSpec, args: readonly unknown[]): Promise<Admitted> {
  const outer = currentFrame();
  const ambient = outer?.ambient() ?? [];
  const ingress = await readArguments(args, spec.opaque, spec.nodeId);
  const flowedIn = gatherParents([["argument", ingress.tracked], ["ambient", ambient]]);
  let plan = planOf(spec, ingress, NO_DECISIONS);
  const decisions = await admit(spec, plan, flowedIn, ingress.plain, outer);
  if (decisions.length > 0) plan = { ...plan, decisions };
  return {
    spec,
    plan,
    frame: new Frame(flowedIn.map(({ tracked }) => tracked)),
    outer,
    args: ingress.plain,
    argumentsOnly: ingress.tracked,
    ambient,
  };
}

/** Egress: the entry of a call that ended; not yet published. */
export function leave(
  admitted: Admitted,
  end: Omit<EntryEnd, "parents">,
  returned: readonly Tracked[],
): Tracked {
  const { frame } = admitted;
  frame.close();
  const parents = gatherParents([
    ["argument", admitted.argumentsOnly],
    ["ambient", admitted.ambient],
    ["inner", frame.inner],
    ["read", frame.read],
    ["result", returned],
  ]);
  return makeEntry(admitted.plan, { ...end, parents });
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

/** Calls the function inside its frame, and drains what it returned there. */
async function callAndDrain({ spec, args }: Admitted, self: unknown): Promise<unknown> {
  const returned = spec.fn.apply(self, args as never[]);
  const result = isThenable(returned) ? await returned : returned;
  const iterator = iteratorOf(result);
  return iterator ? await drain(iterator, spec.config) : result;
}

async function runAdmitted(
  admitted: Admitted,
  self: unknown,
): Promise<{ readonly data: unknown; readonly tracked: Tracked }> {
  const result = await runInside(admitted.frame, () => callAndDrain(admitted, self));
  const { data, tracked: returned } = flatten(result);
  const given = contentOf(data);
  const content = isThenable(given) ? await given : given;
  const ending = admitted.frame.endStreams();
  if (ending) await ending;
  const end = { kind: "step" as const, content, addedTaint: admitted.spec.addedTaint };
  return { data, tracked: leave(admitted, end, returned) };
}

/** Runs one verified call. */
export async function runStep(
  spec: StepSpec,
  self: unknown,
  args: readonly unknown[],
): Promise<KestData<unknown>> {
  const admitted = await enter(spec, args);
  let ended: Awaited<ReturnType<typeof runAdmitted>>;
  try {
    ended = await runAdmitted(admitted, self);
  } catch (error) {
    await recordFailure(admitted, error);
    throw error;
  }
  const exported = publish(admitted, ended.tracked);
  if (exported) await exported;
  return track(ended.data, ended.tracked);
}
