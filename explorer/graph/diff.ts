/**
 * What one passport has and another has not.
 *
 * @module
 */

import type { Entry } from "../../lib/lineage/entry.ts";
import type { Seal } from "../../lib/lineage/seal.ts";

/** One side of a comparison. */
export interface DiffSide {
  /** The entries. */
  readonly entries: readonly Entry[];
  /** The seals. */
  readonly seals: readonly Seal[];
}

/** Names that only one side has, and those of both, in the order of their sides. */
export interface Changes {
  /** Only the second side has them. */
  readonly added: readonly string[];
  /** Only the first side has them. */
  readonly removed: readonly string[];
  /** Both have them. */
  readonly common: readonly string[];
}

/** What differs between two passports. */
export interface PassportDiff {
  /** Entries, by entry hash: an entry that was changed is removed and added. */
  readonly entries: Changes;
  /** Taints that entries add or carry. */
  readonly taints: Changes;
  /** Ids of keys that answer for entries or made seals. */
  readonly keys: Changes;
  /** Digests of policies that decided. */
  readonly policyDigests: Changes;
  /** Rules that decided, and policy references of origins. */
  readonly policyRules: Changes;
  /** Seals, by signature. */
  readonly seals: Changes;
}

function changes(before: ReadonlySet<string>, after: ReadonlySet<string>): Changes {
  return Object.freeze({
    added: [...after].filter((each) => !before.has(each)),
    removed: [...before].filter((each) => !after.has(each)),
    common: [...before].filter((each) => after.has(each)),
  });
}

interface Names {
  readonly entries: Set<string>;
  readonly taints: Set<string>;
  readonly keys: Set<string>;
  readonly policyDigests: Set<string>;
  readonly policyRules: Set<string>;
  readonly seals: Set<string>;
}

function learnPolicies(entry: Entry, { policyDigests, policyRules }: Names): void {
  for (const { policy_digest: digest, rule } of entry.decisions) {
    policyRules.add(rule);
    if (digest !== null) policyDigests.add(digest);
  }
  if (entry.origin === null) return;
  const { curated_refs: references, inline_rules: inline } = entry.origin.policies;
  for (const reference of references) policyRules.add(reference);
  if (inline !== null) policyRules.add("inline_rules");
}

function namesOf({ entries, seals }: DiffSide): Names {
  const names: Names = {
    entries: new Set(),
    taints: new Set(),
    keys: new Set(),
    policyDigests: new Set(),
    policyRules: new Set(),
    seals: new Set(),
  };
  for (const entry of entries) {
    names.entries.add(entry.entry_hash);
    for (const taint of entry.added_taint) names.taints.add(taint);
    for (const taint of entry.accumulated_taint) names.taints.add(taint);
    if (entry.public_key_id !== null) names.keys.add(entry.public_key_id);
    learnPolicies(entry, names);
  }
  for (const seal of seals) {
    names.seals.add(seal.signature);
    names.keys.add(seal.public_key_id);
  }
  return names;
}

/** Compares two passports. */
export function diffOf(before: DiffSide, after: DiffSide): PassportDiff {
  const [first, second] = [namesOf(before), namesOf(after)];
  const compare = (name: keyof Names) => changes(first[name], second[name]);
  return Object.freeze({
    entries: compare("entries"),
    taints: compare("taints"),
    keys: compare("keys"),
    policyDigests: compare("policyDigests"),
    policyRules: compare("policyRules"),
    seals: compare("seals"),
  });
}
