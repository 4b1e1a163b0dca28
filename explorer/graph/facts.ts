/**
 * What the explorer knows of one entry, whatever format it came in.
 *
 * @module
 */

import type { Entry, EntryKind } from "../../lib/lineage/entry.ts";
import type { PythonPassport } from "../../lib/verify/python_types.ts";

/** One entry, or the place of one that is missing. */
export interface EntryFacts {
  /** The id by which children name it. */
  readonly id: string;
  /** The entry hash; `""` where the format has none. */
  readonly hash: string;
  /** The name of the step; `""` if the entry is missing. */
  readonly nodeId: string;
  /** What it records; `missing`: some entry names it as a parent and it is not there. */
  readonly kind: EntryKind | "missing";
  /** Its parents, as indices in the same list. */
  readonly parents: readonly number[];
  /** Taints that it adds. */
  readonly addedTaint: readonly string[];
  /** Taints that it removes. */
  readonly removedTaint: readonly string[];
  /** Taints that it is stored with. */
  readonly accumulatedTaint: readonly string[];
  /** Names and values. */
  readonly labels: Readonly<Record<string, string>>;
  /** Who brought the data in, on entries that say so. */
  readonly origin: { readonly userId: string; readonly sessionId: string } | null;
  /** The key that answers for it. */
  readonly keyId: string | null;
  /** 0 to 1; `null` where the format has none. */
  readonly trustScore: number | null;
  /** Milliseconds since 1970, by its maker's clock; `null` if missing. */
  readonly timestampMs: number | null;
}

interface Named {
  readonly facts: Omit<EntryFacts, "parents">;
  readonly parentIds: readonly string[];
  readonly parentHashes: readonly string[];
}

function missing(id: string, hash: string): EntryFacts {
  return Object.freeze({
    id,
    hash,
    nodeId: "",
    kind: "missing",
    parents: [],
    addedTaint: [],
    removedTaint: [],
    accumulatedTaint: [],
    labels: {},
    origin: null,
    keyId: null,
    trustScore: null,
    timestampMs: null,
  });
}

/** Turns names of parents into indices; parents that are missing follow the entries. */
function link(named: readonly Named[]): EntryFacts[] {
  const byName = new Map<string, number>();
  const learn = (name: string, index: number) => {
    if (name !== "" && !byName.has(name)) byName.set(name, index);
  };
  named.forEach(({ facts }, index) => learn(facts.id, index));
  let knowsHashes = false;
  const ghosts: EntryFacts[] = [];
  const find = (id: string, hash: string): number => {
    const byId = byName.get(id);
    if (byId !== undefined) return byId;
    // Where an id leads nowhere, the hash may still: most passports never need them.
    if (!knowsHashes) named.forEach(({ facts }, index) => learn(facts.hash, index));
    knowsHashes = true;
    const found = byName.get(id) ?? byName.get(hash);
    if (found !== undefined) return found;
    const index = named.length + ghosts.length;
    ghosts.push(missing(id, hash));
    learn(id, index);
    learn(hash, index);
    return index;
  };
  const linked = named.map(({ facts, parentIds, parentHashes }): EntryFacts => ({
    ...facts,
    parents: parentIds.map((id, index) => find(id, parentHashes[index] ?? "")),
  }));
  return [...linked, ...ghosts];
}

/**
 * The facts of entries, in their order, and after them one for each parent that
 * is named and missing. Takes the entries of a passport's `history`, and those of
 * a broken passport too.
 *
 * @example
 * ```ts
 * import { createKest } from "../../mod.ts";
 * import { factsOf } from "./facts.ts";
 * import assert from "node:assert/strict";
 *
 * const { passport } = createKest().originate(1, { taint: ["pii_data"] });
 * const [facts] = factsOf(Object.values(passport.history));
 * assert.deepEqual(facts!.accumulatedTaint, ["pii_data"]);
 * ```
 */
export function factsOf(entries: Iterable<Entry>): EntryFacts[] {
  return link(Array.from(entries, (entry): Named => ({
    facts: {
      id: entry.entry_id,
      hash: entry.entry_hash,
      nodeId: entry.node_id,
      kind: entry.kind,
      addedTaint: entry.added_taint,
      removedTaint: entry.removed_taint,
      accumulatedTaint: entry.accumulated_taint,
      labels: entry.labels,
      origin: entry.origin === null
        ? null
        : { userId: entry.origin.user_id, sessionId: entry.origin.session_id },
      keyId: entry.public_key_id,
      trustScore: entry.trust_score,
      timestampMs: entry.timestamp_ms,
    },
    parentIds: entry.parent_entry_ids,
    parentHashes: entry.parent_hashes,
  })));
}

/** The facts of a passport of the Python package: it has one key and one origin for all. */
export function factsOfPython({ entries, origin, publicKeyId }: PythonPassport): EntryFacts[] {
  const { userId, sessionId } = origin;
  return link(entries.map((entry): Named => ({
    facts: {
      id: entry.key,
      hash: "",
      nodeId: entry.nodeId,
      kind: entry.parentEntryIds.length === 0 ? "originate" : "step",
      addedTaint: entry.addedTaint,
      removedTaint: [],
      accumulatedTaint: entry.accumulatedTaint,
      labels: entry.labels,
      origin: entry.parentEntryIds.length === 0 ? { userId, sessionId } : null,
      keyId: publicKeyId === "" ? null : publicKeyId,
      trustScore: entry.trustScore,
      timestampMs: entry.timestampMs,
    },
    parentIds: entry.parentEntryIds,
    parentHashes: [],
  })));
}
