/**
 * Where data enters the lineage (SPEC 7.1).
 *
 * @module
 */

import { type Content, contentOf, isThenable } from "../bytes/content.ts";
import type { Input } from "../lineage/entry.ts";
import { checkNodeId, checkRecord, checkTaints, checkTrustScore } from "../lineage/names.ts";
import { collectEnvironment } from "./collectors.ts";
import { currentFrame, type Tracked } from "./context.ts";
import { exportEntry } from "./exporters.ts";
import { type KestData, track } from "./kest_data.ts";
import { type EntryPlan, gatherParents, makeEntry } from "./maker.ts";
import { originFrom, type OriginOptions } from "./origin.ts";
import { refuseUnknown } from "../base/options.ts";
import type { KestConfig } from "./settings.ts";

/** Options of {@linkcode originate}. */
export interface OriginateOptions extends OriginOptions {
  /** Taints of the data. */
  readonly taint?: readonly string[];
  /** Labels of the entry. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Trust in the data, 0 to 1; default 1. */
  readonly trustScore?: number;
  /** The name of the entry; default `originate`. */
  readonly nodeId?: string;
}

/** What `originate` returns: a promise only where hashing needs one. */
export type Originated<T> = T extends Blob ? Promise<KestData<T>> : KestData<T>;

const OPTIONS = new Set([
  ...["inlineRules", "labels", "nodeId", "policyRefs", "sessionId", "taint", "trustScore"],
  "userId",
]);

function planOf(
  config: KestConfig,
  options: OriginateOptions,
  inputs: readonly Input[],
): EntryPlan {
  const { userId, sessionId } = config.defaultOrigin;
  return {
    nodeId: checkNodeId(options.nodeId ?? "originate"),
    nodeTrustScore: checkTrustScore(options.trustScore ?? 1),
    updater: undefined,
    labels: checkRecord("LABEL", options.labels ?? {}),
    environment: collectEnvironment(config.envCollectors),
    inputs,
    rawArguments: inputs.length,
    origin: () =>
      originFrom({
        ...options,
        userId: options.userId ?? userId,
        sessionId: options.sessionId ?? sessionId,
      }),
    signer: config.signer,
    now: config.now,
  };
}

/** The genesis entry of some data; inside a verified call it rests on the call's ingress. */
function entryFor(config: KestConfig, options: OriginateOptions, content: Content): Tracked {
  const { kind, hash } = content;
  const inputs = Object.freeze([Object.freeze({ alg: "sha256" as const, arg: 0, hash, kind })]);
  const outer = currentFrame();
  const tracked = makeEntry(planOf(config, options, inputs), {
    kind: "originate",
    content,
    parents: gatherParents([["ambient", outer?.ambient() ?? []]]),
    addedTaint: checkTaints(options.taint ?? []),
  });
  outer?.addInner(tracked);
  return tracked;
}

/** Starts the lineage of some data under an instance's settings. */
export function originateWith<T>(
  config: KestConfig,
  data: T,
  options: OriginateOptions = {},
): KestData<T> | Promise<KestData<T>> {
  refuseUnknown(options, OPTIONS, "originate");
  const content = contentOf(data);
  const finish = (content: Content): KestData<T> | Promise<KestData<T>> => {
    const tracked = entryFor(config, options, content);
    const value = track(data, tracked);
    const exported = exportEntry(config.exporters, tracked);
    return exported ? exported.then(() => value) : value;
  };
  return isThenable(content) ? content.then(finish) : finish(content);
}
