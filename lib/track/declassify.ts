/**
 * Removing taints: an act of its own, signed by whoever answers for it (SPEC
 * 4.8).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { isWellFormed } from "../bytes/canonical.ts";
import type { Signer } from "../keys/signer.ts";
import { checkNodeId, checkTaints, VALUE_LENGTH } from "../lineage/names.ts";
import { sealNode } from "../lineage/sealing.ts";
import { unionSeals } from "../lineage/seal.ts";
import { checkUnchanged } from "./arguments.ts";
import { collectEnvironment } from "./collectors.ts";
import { currentFrame } from "./context.ts";
import { exportEntry } from "./exporters.ts";
import { isTracked, type KestData, track, trackedEntry, untrackedData } from "./kest_data.ts";
import { gatherParents, makeEntry } from "./maker.ts";
import { defaultOrigin } from "./origin.ts";
import { refuseUnknown } from "../base/options.ts";
import type { KestConfig } from "./settings.ts";

/** Options of {@linkcode declassify}; all but the node id are required. */
export interface DeclassifyOptions {
  /** The taints to remove; the data must have each. */
  readonly remove: readonly string[];
  /** Why, for the record. */
  readonly reason: string;
  /** The approver's key; it seals the entry at once. */
  readonly signer: Signer;
  /** The name of the entry; default `declassify`. */
  readonly nodeId?: string;
}

const OPTIONS = new Set(["nodeId", "reason", "remove", "signer"]);

function checkOptions(options: DeclassifyOptions, has: readonly string[]): readonly string[] {
  refuseUnknown(options, OPTIONS, "declassify");
  const { reason, signer } = options;
  if (typeof reason !== "string" || reason.trim() === "" || reason.length > VALUE_LENGTH) {
    throw new TypeError(`declassify needs a reason of 1 to ${VALUE_LENGTH} characters`);
  }
  if (!isWellFormed(reason)) throw new TypeError("declassify reason holds a lone surrogate");
  if (typeof signer?.sign !== "function") {
    throw new TypeError("declassify needs a signer: the key of whoever approves");
  }
  const remove = checkTaints(options.remove);
  const missing = remove.filter((taint) => !has.includes(taint));
  if (remove.length === 0 || missing.length > 0) {
    throw new KestError(
      "DECLASSIFY",
      remove.length === 0
        ? "Declassify names no taint to remove"
        : `Data does not have these taints: ${missing.join(", ")}; it has ${
          has.join(", ") || "none"
        }`,
    );
  }
  return remove;
}

/** Removes taints under an instance's settings. */
export async function declassifyWith<T>(
  config: KestConfig,
  value: KestData<T>,
  options: DeclassifyOptions,
): Promise<KestData<T>> {
  if (!isTracked(value)) throw new TypeError("declassify needs a tracked value");
  if (currentFrame()) {
    throw new KestError(
      "DECLASSIFY",
      "Declassify is an act of its own; it cannot happen inside a verified call",
    );
  }
  const parent = trackedEntry(value);
  const { body } = parent.node;
  const removedTaint = checkOptions(options, body.accumulated_taint);
  await checkUnchanged(value);
  const made = makeEntry(
    {
      nodeId: checkNodeId(options.nodeId ?? "declassify"),
      nodeTrustScore: 1,
      updater: undefined,
      labels: Object.freeze({}),
      environment: collectEnvironment(config.envCollectors),
      inputs: Object.freeze([Object.freeze({ arg: 0, entry_hash: parent.node.hash, path: "" })]),
      rawArguments: 0,
      origin: () => defaultOrigin(config.defaultOrigin),
      signer: options.signer,
      now: config.now,
    },
    {
      kind: "declassify",
      parents: gatherParents([["argument", [parent]]]),
      content: { kind: body.content_kind, hash: body.content_hash },
      removedTaint,
      reason: options.reason,
    },
  );
  const seal = await sealNode(made.node, options.signer, config.now());
  const tracked = { node: made.node, seals: unionSeals([made.seals, Object.freeze([seal])]) };
  await exportEntry(config.exporters, tracked);
  return track(untrackedData(value), tracked);
}
