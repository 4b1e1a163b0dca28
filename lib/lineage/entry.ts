/**
 * Entries: one execution step each, in the JSON form of SPEC 4.
 *
 * @module
 */

import type { ContentKind } from "../bytes/content.ts";

/** The format version that this module writes and reads (SPEC 10). */
export const VERSION = "kest/v1";

/** What an entry records (SPEC 4.1). */
export type EntryKind = "originate" | "step" | "declassify" | "denied" | "failed";

/** All entry kinds. */
export const ENTRY_KINDS: readonly EntryKind[] = [
  "originate",
  "step",
  "declassify",
  "denied",
  "failed",
];

/** How a parent reached the step (SPEC 4.4). */
export type Role = "ambient" | "argument" | "inner" | "read" | "result";

/** All roles, in the order in which an entry lists them. */
export const ROLES: readonly Role[] = ["ambient", "argument", "inner", "read", "result"];

/** Who brought data in, and under which policies (SPEC 4.5). */
export interface Origin {
  /** The policies that hold at every later step. */
  readonly policies: {
    /** Opaque names that the deployment maps to rules, or `data.…` rule paths. Sorted. */
    readonly curated_refs: readonly string[];
    /** One Rego module, or `null`. */
    readonly inline_rules: string | null;
  };
  /** The session. */
  readonly session_id: string;
  /** The person or system. */
  readonly user_id: string;
}

/** A tracked argument, or a tracked value inside one (SPEC 4.3). */
export interface TrackedInput {
  /** Index of the argument, from 0. */
  readonly arg: number;
  /** The entry that made the value. */
  readonly entry_hash: string;
  /** JSON Pointer to the value inside the argument; `""` is the argument itself. */
  readonly path: string;
}

/** An argument that was not tracked, or the untracked rest of one (SPEC 4.3). */
export interface RawInput {
  /** The hash algorithm; always `sha256` in version 1. */
  readonly alg: "sha256";
  /** Index of the argument, from 0. */
  readonly arg: number;
  /** SHA-256 of the argument, with tracked values inside replaced by `null`. */
  readonly hash: string;
  /** How it was hashed. */
  readonly kind: ContentKind;
}

/** An argument that cannot be hashed and was declared so (SPEC 4.3). */
export interface OpaqueInput {
  /** Index of the argument, from 0. */
  readonly arg: number;
  /** Always `opaque`. */
  readonly kind: "opaque";
  /** What it was: `function`, or the name of its class. */
  readonly type: string;
}

/** What a step was called with: one or more descriptors per argument. */
export type Input = TrackedInput | RawInput | OpaqueInput;

/** Why a decision denied without a rule saying so (SPEC 8.3). */
export type DenyCause =
  | "undefined"
  | "not-boolean"
  | "error"
  | "timeout"
  | "no-engine"
  | "unresolved";

/** The reference, and the rule, of a decision by a module that came with the data (SPEC 8.4). */
export const INLINE_RULES = "inline_rules";

/** How much of the history a decision saw (SPEC 8.1). */
export type InputProfile = "arguments" | "basic" | "history";

/** One policy decision, as evidence (SPEC 8.3). */
export interface Decision {
  /** Why it denied, where no rule did. */
  readonly cause: DenyCause | null;
  /** The id that a remote engine gave the decision. */
  readonly decision_id: string | null;
  /** The kind of engine, e.g. `opa-wasm`; `null` where there was none. */
  readonly engine: string | null;
  /** SHA-256 of the RFC 8785 form of the input document; `null` if none was made. */
  readonly input_digest: string | null;
  /** The version of the input document. */
  readonly input_version: string;
  /** The digest of the policy set, prefixed by its kind; `null` if unknown. */
  readonly policy_digest: string | null;
  /** How much the input document held. */
  readonly profile: InputProfile;
  /** The policy reference that demanded it, `inline_rules`, or `null` if the step did. */
  readonly reference: string | null;
  /** The outcome. */
  readonly result: "allow" | "deny";
  /** The rule path, e.g. `data.kest.policy.allow_merge`. */
  readonly rule: string;
  /** The seed of randomness that the engine was given: 32 hex digits. */
  readonly seed: string;
  /** `enforced` by the step, or `origin`: demanded by where the data came from. */
  readonly source: "enforced" | "origin";
  /** The time that the engine was given, in milliseconds since 1970. */
  readonly time_ms: number;
  /** The trust score at ingress that the input document held. */
  readonly trust_score: number;
}

/** How a streaming result ended (SPEC 7.5). */
export type StreamEnd = "cancelled" | "complete";

/** Which rule made the trust score (SPEC 4.6). */
export type TrustRule = "custom" | "min";

/**
 * An entry without its own hash: exactly the bytes that `entry_hash` covers.
 * Members are declared, built and written in RFC 8785 order.
 */
export interface EntryBody {
  /** Taints of this step and all it descends from, less what was removed on the way. */
  readonly accumulated_taint: readonly string[];
  /** Taints that this step adds. */
  readonly added_taint: readonly string[];
  /** Whether the runtime could follow nested calls across `await`. */
  readonly async_context: boolean;
  /** SHA-256 of the returned value. */
  readonly content_hash: string;
  /** The hash algorithm; always `sha256` in version 1. */
  readonly content_hash_algorithm: "sha256";
  /** How the returned value was hashed. */
  readonly content_kind: ContentKind;
  /** Names under `extensions` that a reader must understand. */
  readonly critical?: readonly string[];
  /** Policy decisions, in the order of evaluation. */
  readonly decisions: readonly Decision[];
  /** UUID v4. */
  readonly entry_id: string;
  /** What the environment collectors reported. */
  readonly environment: Readonly<Record<string, string>>;
  /** Members that other programs define. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** SHA-256 over {@linkcode inputs}. */
  readonly input_state_hash: string;
  /** What the step was called with. */
  readonly inputs: readonly Input[];
  /** What this entry records. */
  readonly kind: EntryKind;
  /** Labels of the step. */
  readonly labels: Readonly<Record<string, string>>;
  /** The name of the step. */
  readonly node_id: string;
  /** The trust score of the node itself, 0 to 1. */
  readonly node_trust_score: number;
  /** Where the data came from; on genesis and `originate` entries only. */
  readonly origin: Origin | null;
  /** Ids of the parents, in the order of their hashes. */
  readonly parent_entry_ids: readonly string[];
  /** Entry hashes of the parents, ascending. */
  readonly parent_hashes: readonly string[];
  /** Roles of the parents, in the same order. */
  readonly parent_roles: readonly (readonly Role[])[];
  /** Thumbprint of the key that answers for this entry; `null`: nobody does. */
  readonly public_key_id: string | null;
  /** How many arguments were not tracked. */
  readonly raw_arguments: number;
  /** Why taints were removed; on `declassify` only. */
  readonly reason: string | null;
  /** Taints that this step removes; on `declassify` only. */
  readonly removed_taint: readonly string[];
  /** How a streaming result ended; `null` if the result was not streamed. */
  readonly stream: StreamEnd | null;
  /** When the entry was made, in milliseconds since 1970, by its maker's clock. */
  readonly timestamp_ms: number;
  /** Which rule made {@linkcode trust_score}. */
  readonly trust_rule: TrustRule;
  /** Trust in the result, 0 to 1. */
  readonly trust_score: number;
}

/** An entry in its JSON form (SPEC 4). */
export interface Entry extends EntryBody {
  /** SHA-256 that binds the whole entry to its parents (SPEC 3.4). */
  readonly entry_hash: string;
}

/** Whether data entered the lineage here: no parent is an argument or ambient (SPEC 4.5). */
export function isGenesis(roles: readonly (readonly Role[])[]): boolean {
  return !roles.some(isIngress);
}

/** Whether a parent with these roles flowed in before the step ran (SPEC 4.4). */
export function isIngress(roles: readonly Role[]): boolean {
  return roles.includes("argument") || roles.includes("ambient");
}
