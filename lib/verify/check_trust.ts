/**
 * Steps 7 and 8 of verification: whether the keys are trusted and may do what
 * their entries say, and whether required decisions are on record (SPEC 6.2).
 *
 * @module
 */

import { sha256 } from "../bytes/sha256.ts";
import { defaultTrust, ingressOnly, unionSorted } from "../lineage/derive.ts";
import type { EntryBody } from "../lineage/entry.ts";
import type { EntryNode } from "../lineage/node.ts";
import { named, placeOf, type ValidSeal, type VerifyContext } from "./context.ts";
import { type Doubts, followsAny, isAffected, isDoubtful, unboundBy } from "./doubts.ts";
import type { FindingCode } from "./report.ts";
import { matchesAny, matchesPattern, type Requirement, type TrustedKey } from "./trust_policy.ts";

/** Step 7: the trust policy knows each key and allows what its entries say. */
export function checkIdentity(
  context: VerifyContext,
  seals: readonly ValidSeal[],
  doubts: Doubts,
): void {
  if (context.trust.keys.size === 0) {
    context.findings.unknown(
      "identity",
      "TRUST_EMPTY",
      "No key is trusted: pass a trust policy to say whom you trust",
    );
  }
  checkSealKeys(context, seals);
  const unknown = new Map<string, number>();
  for (const node of context.entries) {
    const id = node.body.public_key_id;
    if (id === null) continue;
    const known = context.trust.keys.get(id);
    if (known) checkRights(context, node, known.rights, doubts);
    else unknown.set(id, (unknown.get(id) ?? 0) + 1);
  }
  if (context.trust.keys.size === 0) return;
  for (const [id, entries] of unknown) {
    context.findings.unknown(
      "identity",
      "KEY_UNKNOWN",
      `Key ${id} is not in the trust policy; it answers for ${entries} entries`,
      { stored: id },
    );
  }
}

/** A key's validity is judged at the time its seals claim; a revoked key always fails. */
function checkSealKeys(context: VerifyContext, seals: readonly ValidSeal[]): void {
  for (const { index, seal } of seals) {
    const rights = context.trust.keys.get(seal.public_key_id)?.rights;
    if (!rights) continue;
    const { not_before_ms: start = -Infinity, not_after_ms: end = Infinity } = rights;
    if (seal.sealed_at_ms < start || seal.sealed_at_ms > end) {
      context.findings.fail(
        "identity",
        "KEY_PERIOD",
        `Seal ${index} claims a time outside the validity of key ${rights.name}`,
        { seal: index, field: "sealed_at_ms", stored: seal.sealed_at_ms },
      );
    }
  }
}

/** A changed entry is not what its key said: the key is not blamed for it. */
function checkRights(
  context: VerifyContext,
  node: EntryNode,
  rights: TrustedKey,
  doubts: Doubts,
): void {
  if (isDoubtful(doubts, node)) return;
  const { body } = node;
  const refuse = (code: FindingCode, field: keyof EntryBody, why: string) =>
    context.findings.fail(
      "identity",
      code,
      `${named(node)}: key ${rights.name} ${why}`,
      placeOf(node, { field, stored: body[field] }),
    );
  if (rights.revoked) {
    refuse("KEY_REVOKED", "public_key_id", `is revoked: ${rights.revoked.reason}`);
  }
  if (!matchesAny(rights.nodes, body.node_id)) {
    refuse("SIGNER_NOT_ALLOWED", "node_id", `may not answer for node ${body.node_id}`);
  }
  if (body.origin !== null && !mayOriginate(rights, body)) {
    refuse("ORIGIN_NOT_ALLOWED", "origin", "may not let this data in here");
  }
  const removable = rights.may_declassify ?? [];
  if (!body.removed_taint.every((taint) => matchesAny(removable, taint))) {
    refuse("DECLASSIFY_NOT_ALLOWED", "removed_taint", "may not remove these taints");
  }
  if (body.trust_score > (rights.max_trust ?? 1)) {
    refuse("TRUST_NOT_ALLOWED", "trust_score", `may not score above ${rights.max_trust}`);
  }
  const isClaim = body.trust_rule === "custom" && !rights.may_raise_trust;
  const isJudged = !isAffected(doubts, node) && !followsAny(doubts.misscored, node);
  if (isClaim && isJudged && raisesTrust(node)) {
    refuse("TRUST_NOT_ALLOWED", "trust_score", "may not raise trust above the default rule");
  }
}

function raisesTrust({ body, parents }: EntryNode): boolean {
  const scores = parents.map((parent) => parent.body.trust_score);
  return body.trust_score > defaultTrust(body.node_trust_score, scores);
}

function mayOriginate(rights: TrustedKey, body: EntryBody): boolean {
  return (rights.may_originate ?? []).some((rule) =>
    matchesAny(rule.nodes, body.node_id) &&
    matchesAny(rule.users, body.origin!.user_id) &&
    (rule.required_taints ?? []).every((taint) => body.accumulated_taint.includes(taint))
  );
}

/** More policy references than this at one entry are not judged (SPEC 2.2). */
const MAX_REFERENCES = 1000;

/** Whether step 8 requires nothing of any entry, whatever the hashes come to. */
export function isNothingRequired({ entries, trust }: VerifyContext): boolean {
  return (trust.policy.require ?? []).length === 0 &&
    entries.every((node) => referencesOf(node).length === 0);
}

/** Step 8: required decisions are on record; returns whether any was required. */
export function checkPolicy(context: VerifyContext, doubts: Doubts): boolean {
  for (const node of context.entries) {
    if (node.body.kind !== "denied") continue;
    context.findings.note(
      "policy",
      "DENIED",
      `${named(node)} records a denied call: the function did not run`,
      placeOf(node, { field: "kind" }),
    );
  }
  const byOrigin = checkAllOrigins(context, doubts);
  let required = 0;
  for (const requirement of context.trust.policy.require ?? []) {
    for (const node of context.entries) {
      required += checkRequirement(context, node, requirement, doubts);
    }
  }
  return byOrigin || required > 0;
}

/** The policies of all origins; most passports have none. Returns whether any was in force. */
function checkAllOrigins(context: VerifyContext, doubts: Doubts): boolean {
  if (!context.entries.some((node) => referencesOf(node).length > 0)) return false;
  let required = 0;
  const inForce = new Map<string, readonly string[]>();
  const unbound = unboundBy(doubts);
  for (const node of context.entries) {
    // Neither its own origin nor those that it seems to descend from are certain.
    if (unbound.has(node.hash)) continue;
    const above = node.parents.map((parent) => inForce.get(parent.hash) ?? []);
    const own = referencesOf(node);
    const all = unionSorted([own, ...above], MAX_REFERENCES);
    if (all.length > MAX_REFERENCES) return tooManyReferences(context, node);
    inForce.set(node.hash, all);
    const ingress = ingressOnly(above, node.body.parent_roles);
    const demanded = unionSorted([own, ...ingress], MAX_REFERENCES);
    required += checkOriginPolicies(context, node, demanded);
  }
  return required > 0;
}

function tooManyReferences(context: VerifyContext, node: EntryNode): true {
  context.findings.fail(
    "policy",
    "LIMIT",
    `${named(node)} is under more than ${MAX_REFERENCES} policy references`,
    placeOf(node, { field: "origin" }),
  );
  return true;
}

/** Stands for one module among references; no other reference holds a zero character. */
const MODULE = "inline_rules\0";

/** The policies that an entry's own origin names, sorted. */
function referencesOf({ body: { origin } }: EntryNode): readonly string[] {
  if (origin === null) return [];
  const { curated_refs: references, inline_rules: module } = origin.policies;
  return module === null ? references : unionSorted([references, [MODULE + sha256(module)]]);
}

/** The policies of the origins hold at every later step (SPEC 8.4). */
function checkOriginPolicies(
  context: VerifyContext,
  node: EntryNode,
  references: readonly string[],
): number {
  const { body } = node;
  if (body.kind !== "step" && body.kind !== "failed") return 0;
  const met = body.decisions.flatMap(({ source, reference }) =>
    source === "origin" ? reference : []
  );
  const modules = references.filter((reference) => reference.startsWith(MODULE));
  if (met.filter((reference) => reference === "inline_rules").length < modules.length) {
    missing(context, node, "each of its origins' inline_rules");
  }
  for (const reference of references) {
    if (reference.startsWith(MODULE) || met.includes(reference)) continue;
    missing(context, node, `the origin's policy ${reference}`);
  }
  return references.length;
}

function checkRequirement(
  context: VerifyContext,
  node: EntryNode,
  requirement: Requirement,
  doubts: Doubts,
): number {
  const { kind, node_id: nodeId } = node.body;
  if (kind !== "step" && kind !== "failed") return 0;
  if (!matchesPattern(requirement.node, nodeId)) return 0;
  const digests = requirement.policy_digests;
  const met = node.body.decisions.some((decision) =>
    decision.rule === requirement.rule && decision.result === "allow" &&
    (digests === undefined || digests.includes(decision.policy_digest ?? ""))
  );
  if (!met && !isDoubtful(doubts, node)) {
    const which = digests === undefined ? "" : ` under policy ${digests.join(" or ")}`;
    missing(context, node, `rule ${requirement.rule}${which}`);
  }
  return 1;
}

function missing(context: VerifyContext, node: EntryNode, what: string): void {
  context.findings.fail(
    "policy",
    "DECISION_MISSING",
    `${named(node)} carries no decision by ${what}`,
    placeOf(node, { field: "decisions" }),
  );
}
