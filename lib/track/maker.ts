/**
 * Makes entries: parents in order, taints and trust by the rules, one hash.
 *
 * @module
 */

import { type Content, NO_CONTENT } from "../bytes/content.ts";
import { KestError } from "../base/errors.ts";
import { DEFAULT_LIMITS } from "../base/limits.ts";
import type { Signer } from "../keys/signer.ts";
import { inputStateHash, newEntryHash } from "../lineage/binding.ts";
import { accumulatedTaint, defaultTrust } from "../lineage/derive.ts";
import {
  type Decision,
  type Entry,
  type EntryBody,
  type EntryKind,
  type Input,
  isGenesis,
  type Origin,
  type Role,
  ROLES,
  type StreamEnd,
} from "../lineage/entry.ts";
import { checkTrustScore, MAX_INPUTS, MAX_TAINTS } from "../lineage/names.ts";
import { byHash, collision, makeNode } from "../lineage/node.ts";
import { unionSeals } from "../lineage/seal.ts";
import { hasAsyncContext, type Tracked } from "./context.ts";

/** Computes a trust score from the node's own and its parents' scores. */
export type TrustScoreUpdater = (nodeScore: number, parentScores: readonly number[]) => number;

/** A parent and how it reached the step. */
export interface Parent {
  readonly tracked: Tracked;
  readonly roles: readonly Role[];
}

/** Tracked values that reached a step in one role. */
export type RoleGroup = readonly [Role, Iterable<Tracked>];

/** Parents in the order of their hashes, each once, with all its roles. */
export function gatherParents(groups: readonly RoleGroup[]): readonly Parent[] {
  return addParents([], groups);
}

/** The commonest case: what flowed in are arguments and what the enclosing call has. */
export function ingressParents(
  args: readonly Tracked[],
  ambient: readonly Tracked[],
): readonly Parent[] {
  if (ambient.length === 0 && args.length <= 1) {
    return args.map((tracked) => ({ tracked, roles: ONE_ARGUMENT[0]! }));
  }
  return gatherParents([["argument", args], ["ambient", ambient]]);
}

/** Parents that were gathered before, with more of them or more roles. */
export function addParents(
  parents: readonly Parent[],
  groups: readonly RoleGroup[],
): readonly Parent[] {
  const gathered = new Map<string, { tracked: Tracked; roles: readonly Role[] }>();
  for (const parent of parents) gathered.set(parent.tracked.node.hash, { ...parent });
  for (const [role, group] of groups) {
    for (const tracked of group) {
      const known = gathered.get(tracked.node.hash);
      if (!known) gathered.set(tracked.node.hash, { tracked, roles: orderedRoles([role]) });
      else if (!known.roles.includes(role)) known.roles = orderedRoles([...known.roles, role]);
    }
  }
  const all = [...gathered.values()];
  return all.length > 1 ? all.sort((a, b) => byHash(a.tracked.node, b.tracked.node)) : all;
}

const ROLE_SETS = new Map<string, readonly Role[]>();

/** The roles in order; one frozen array per set, since there are few sets and many entries. */
function orderedRoles(roles: readonly Role[]): readonly Role[] {
  const key = roles.join();
  let shared = ROLE_SETS.get(key);
  if (!shared) {
    shared = Object.freeze(ROLES.filter((role) => roles.includes(role)));
    ROLE_SETS.set(key, shared);
  }
  return shared;
}

const ONE_ARGUMENT = Object.freeze([orderedRoles(["argument"])]);

/** The roles of all parents; the commonest list is shared. */
function rolesOf(parents: readonly Parent[]): readonly (readonly Role[])[] {
  if (parents.length === 1 && parents[0]!.roles === ONE_ARGUMENT[0]) return ONE_ARGUMENT;
  return parents.map((parent) => parent.roles);
}

/** What stays the same for all entries of one step. */
export interface EntryPlan {
  readonly nodeId: string;
  readonly nodeTrustScore: number;
  readonly updater: TrustScoreUpdater | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly inputs: readonly Input[];
  readonly rawArguments: number;
  /** Origin for the case that nothing on record flowed in. */
  readonly origin: () => Origin;
  readonly signer: Signer | undefined;
  readonly now: () => number;
}

/** What differs between the entries that a step can end in. */
export interface EntryEnd {
  readonly kind: EntryKind;
  readonly parents: readonly Parent[];
  readonly decisions?: readonly Decision[];
  readonly content?: Content;
  readonly addedTaint?: readonly string[];
  readonly removedTaint?: readonly string[];
  readonly reason?: string;
  readonly stream?: StreamEnd;
}

/** The trust score of a step, by the default rule or the caller's. */
export function trustOf(
  plan: Pick<EntryPlan, "nodeTrustScore" | "updater">,
  parents: readonly Parent[],
): number {
  const scores = parents.map(({ tracked }) => tracked.node.body.trust_score);
  if (!plan.updater) return defaultTrust(plan.nodeTrustScore, scores);
  return checkTrustScore(plan.updater(plan.nodeTrustScore, scores));
}

const NONE: readonly string[] = Object.freeze([]);
const NO_DECISIONS: readonly Decision[] = Object.freeze([]);

/** The entry with its hash behind it, its members in RFC 8785 order. */
function entryOf(plan: EntryPlan, end: EntryEnd): Entry {
  const { parents, content = NO_CONTENT, addedTaint = NONE, removedTaint = NONE } = end;
  const bodies = parents.map(({ tracked }) => tracked.node.body);
  const roles = rolesOf(parents);
  const hasOrigin = end.kind === "originate" || isGenesis(roles);
  // A step without a result cannot raise trust: only its default rule counts.
  const updater = end.kind === "step" ? plan.updater : undefined;
  const entry: EntryBody & { entry_hash: string | undefined } = {
    accumulated_taint: accumulatedTaint(
      bodies.map((body) => body.accumulated_taint),
      addedTaint,
      removedTaint,
    ),
    added_taint: addedTaint,
    async_context: hasAsyncContext,
    content_hash: content.hash,
    content_hash_algorithm: "sha256",
    content_kind: content.kind,
    decisions: end.decisions ?? NO_DECISIONS,
    entry_id: globalThis.crypto.randomUUID(),
    environment: plan.environment,
    input_state_hash: inputStateHash(plan.inputs),
    inputs: plan.inputs,
    kind: end.kind,
    labels: plan.labels,
    node_id: plan.nodeId,
    node_trust_score: plan.nodeTrustScore,
    origin: hasOrigin ? plan.origin() : null,
    parent_entry_ids: bodies.map((body) => body.entry_id),
    parent_hashes: bodies.map((body) => body.entry_hash),
    parent_roles: roles,
    public_key_id: plan.signer?.publicKey.id ?? null,
    raw_arguments: plan.rawArguments,
    reason: end.reason ?? null,
    removed_taint: removedTaint,
    stream: end.stream ?? null,
    timestamp_ms: timestamp(plan.now, bodies),
    trust_rule: updater ? "custom" : "min",
    trust_score: trustOf({ nodeTrustScore: plan.nodeTrustScore, updater }, parents),
    entry_hash: undefined,
  };
  if (entry.accumulated_taint.length > MAX_TAINTS) {
    throw new KestError("LIMIT", `${plan.nodeId} accumulates more than ${MAX_TAINTS} taints`);
  }
  entry.entry_hash = newEntryHash(entry);
  return entry as Entry;
}

/** Now, but never before a parent: clocks of two machines may disagree by seconds. */
function timestamp(now: () => number, parents: readonly EntryBody[]): number {
  const time = Math.floor(now());
  if (!Number.isSafeInteger(time) || time < 0) {
    throw new RangeError(`Clock (option now) must give milliseconds since 1970: got ${time}`);
  }
  return parents.reduce((latest, body) => Math.max(latest, body.timestamp_ms), time);
}

/** Fails for what a reader of the entry would refuse: better now than in the audit. */
function refuseUnreadable(plan: EntryPlan, end: EntryEnd): void {
  const tooMany = (what: string, count: number, max: number) => {
    if (count <= max) return;
    throw new KestError(
      "LIMIT",
      `${plan.nodeId} has ${count} ${what}; at most ${max} can be read back: split the step`,
    );
  };
  tooMany("parents", end.parents.length, DEFAULT_LIMITS.parents);
  tooMany("inputs", plan.inputs.length, MAX_INPUTS);
  tooMany("added taints", end.addedTaint?.length ?? 0, MAX_TAINTS);
}

/**
 * A new entry.
 *
 * @throws {KestError} `ID_COLLISION` if two parents have one id;
 * `LIMIT` for more parents than a reader accepts;
 * `TRUST_SCORE` if the trust rule answers no score.
 */
export function makeEntry(plan: EntryPlan, end: EntryEnd): Tracked {
  const { parents } = end;
  refuseUnreadable(plan, end);
  const nodes = parents.map(({ tracked }) => tracked.node);
  const ids = new Set(nodes.length > 1 ? nodes.map((node) => node.body.entry_id) : []);
  if (nodes.length > 1 && ids.size < nodes.length) throw collision(nodes[0]!);
  const node = makeNode(entryOf(plan, end), nodes, "made", plan.signer ?? null);
  return { node, seals: unionSeals(parents.map(({ tracked }) => tracked.seals)) };
}
