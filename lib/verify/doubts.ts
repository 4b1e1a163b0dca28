/**
 * What steps 2 and 3 of verification found wrong. Later steps say nothing about
 * these entries, nor about others because of them: one cause, one finding.
 *
 * @module
 */

import type { EntryNode } from "../lineage/node.ts";

/** Entries that are known not to be what was sealed, by their hashes. */
export interface Doubts {
  /** Entries whose content does not match their hash, each with the hash that it has. */
  readonly changed: ReadonlyMap<string, string>;
  /** Entries of which a child names another version. */
  readonly replaced: ReadonlySet<string>;
  /** Entries with a parent that is another version than they name. */
  readonly misled: ReadonlySet<string>;
  /** Entries whose trust score is wrong by its rule: step 4 finds them. */
  readonly misscored: Set<string>;
  /** Other hashes by which entries are named, and those that they claim. */
  readonly names: ReadonlyMap<string, string>;
}

/** Whether what an entry says may not be what its key said. */
export function isDoubtful({ changed, replaced }: Doubts, { hash }: EntryNode): boolean {
  return changed.has(hash) || replaced.has(hash);
}

/** Whether what follows from its parents cannot be judged: they are not those that it names. */
export function isAffected(doubts: Doubts, node: EntryNode): boolean {
  return doubts.misled.has(node.hash) ||
    (doubts.changed.size > 0 && node.parents.some((parent) => doubts.changed.has(parent.hash)));
}

/** Whether a parent has a wrong value: it cannot be told what should follow from it. */
export function followsAny(wrong: ReadonlySet<string>, node: EntryNode): boolean {
  return wrong.size > 0 && node.parents.some((parent) => wrong.has(parent.hash));
}

/** Entries through which no seal binds what lies above. */
export function unboundBy({ changed, misled, replaced }: Doubts): ReadonlySet<string> {
  return new Set([...changed.keys(), ...misled, ...replaced]);
}
