/**
 * The policy input document (SPEC 8.1): what a decision sees. Built from the
 * entries alone wherever possible, so that a verifier can build it again.
 *
 * @module
 */

import { canonicalize } from "../bytes/canonical.ts";
import { isBytes } from "../bytes/content.ts";
import { unionSorted } from "../lineage/derive.ts";
import type { Entry, EntryKind, Input, InputProfile, Origin, Role } from "../lineage/entry.ts";
import {
  type EntryNode,
  exposed,
  freezeDeep,
  originsBelow,
  reach,
  topological,
} from "../lineage/node.ts";
import { vouchFor } from "../rego/vouch.ts";

/** The version of the input document. */
export const INPUT_VERSION = "kest-input/1";

/** A parent as the input document shows it. */
export interface InputParent {
  /** The entry's hash. */
  readonly entry_hash: string;
  /** The entry's id. */
  readonly entry_id: string;
  /** The entry's kind. */
  readonly kind: EntryKind;
  /** The entry's node. */
  readonly node_id: string;
  /** How it flowed in. */
  readonly roles: readonly Role[];
}

/** The policy input document; `policies/policy_input.schema.json` describes it. */
export interface PolicyInput {
  /** The arguments as the function will see them, or descriptors; profile `arguments` only. */
  readonly arguments?: readonly unknown[];
  /** What the environment collectors reported. */
  readonly environment: Readonly<Record<string, string>>;
  /** Every ancestor, parents before children; profile `history` only. */
  readonly history?: readonly Entry[];
  /** Labels of the step. */
  readonly labels: Readonly<Record<string, string>>;
  /** The step. */
  readonly node_id: string;
  /** Where everything that flowed in came from. */
  readonly origins: readonly Origin[];
  /** What flowed in directly, ascending by hash. */
  readonly parents: readonly InputParent[];
  /** Policy references of all origins, sorted. */
  readonly policy_refs: readonly string[];
  /** How much this document holds. */
  readonly profile: InputProfile;
  /** How many arguments are not tracked. */
  readonly raw_arguments: number;
  /** Accumulated taints of what flowed in, sorted; the step's own are not among them. */
  readonly taints: readonly string[];
  /** The fixed time of the decision, in milliseconds since 1970. */
  readonly time_ms: number;
  /** The trust score the step has by what flowed in, 0 to 1. */
  readonly trust_score: number;
  /** Always `kest-input/1`. */
  readonly version: "kest-input/1";
}

/** What the input document is built from. */
export interface InputParts {
  /** The step. */
  readonly nodeId: string;
  /** What flowed in: parents with role `argument` or `ambient`, ascending by hash. */
  readonly parents: readonly EntryNode[];
  /** Their roles, in the same order; only `argument` and `ambient` count. */
  readonly roles: readonly (readonly Role[])[];
  /** The origin of a genesis step, or `null`. */
  readonly origin: Origin | null;
  readonly trustScore: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly rawArguments: number;
  readonly timeMs: number;
  readonly profile: InputProfile;
  /** The arguments as the function will see them, for profile `arguments`. */
  readonly args: readonly unknown[];
  /** Their descriptors: they stand for arguments that JSON cannot hold. */
  readonly inputs: readonly Input[];
}

/** Bytes, `undefined` and opaque arguments are shown by their descriptor. */
function shownArguments({ args, inputs }: InputParts): readonly unknown[] {
  return args.map((argument, index) => {
    const descriptor = inputs.find((input) => input.arg === index);
    const isOpaque = descriptor !== undefined && "type" in descriptor;
    return isOpaque || argument === undefined || isBytes(argument) ? descriptor : argument;
  });
}

const isSeen = (role: Role) => role === "argument" || role === "ambient";

/** Frozen through and through: engines get it as it is, and what they saw is on record. */
function policyInput(parts: InputParts): PolicyInput {
  const origins = originsBelow(parts.parents, parts.origin);
  return Object.freeze({
    ...(parts.profile === "arguments" ? { arguments: shownArguments(parts) } : {}),
    environment: parts.environment,
    ...(parts.profile === "history"
      ? { history: Object.freeze(topological(reach(parts.parents)).map(exposed)) }
      : {}),
    labels: parts.labels,
    node_id: parts.nodeId,
    origins: freezeDeep(origins),
    parents: Object.freeze(parts.parents.map((parent, index) =>
      Object.freeze({
        entry_hash: parent.hash,
        entry_id: parent.body.entry_id,
        kind: parent.body.kind,
        node_id: parent.body.node_id,
        roles: Object.freeze(parts.roles[index]!.filter(isSeen)),
      })
    )),
    policy_refs: Object.freeze(
      [...new Set(origins.flatMap((o) => o.policies.curated_refs))].sort(),
    ),
    profile: parts.profile,
    raw_arguments: parts.rawArguments,
    taints: Object.freeze(
      unionSorted(parts.parents.map((parent) => parent.body.accumulated_taint)),
    ),
    time_ms: parts.timeMs,
    trust_score: parts.trustScore,
    version: INPUT_VERSION,
  });
}

/** The input document as engines are given it. */
export interface InputDocument {
  /** Its RFC 8785 text, which decisions digest. */
  readonly text: string;
  /** The document, if it was made from entries alone: others may hold accessors. */
  readonly value?: PolicyInput;
}

/** The input document (SPEC 8.1). Throws if the arguments have no canonical form. */
export function inputDocument(parts: InputParts): InputDocument {
  const document = policyInput(parts);
  switch (parts.profile) {
    case "arguments":
      return { text: canonicalize(document) };
    case "history":
      return { text: canonicalize(document), value: vouchFor(document) };
    case "basic":
      // Its members stand in RFC 8785 order, and so do those of the entries that
      // they come from: the runtime's own writer makes the same text.
      return { text: JSON.stringify(document), value: vouchFor(document) };
  }
}
