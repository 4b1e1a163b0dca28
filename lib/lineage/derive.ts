/**
 * What an entry must say, given its parents (SPEC 4.4 to 4.6). The maker of an
 * entry and its verifier call the same functions.
 *
 * @module
 */

import type { EntryBody, Origin, Role } from "./entry.ts";
import { isIngress } from "./entry.ts";
import { sortTaints } from "./names.ts";

const NONE: readonly string[] = Object.freeze([]);

/** The union of sorted taint lists; shares a list where one holds all. */
export function unionTaints(lists: readonly (readonly string[])[]): readonly string[] {
  let union = NONE;
  for (const list of lists) {
    if (list === union || list.length === 0) continue;
    if (union.length === 0) union = list;
    else if (!list.every((taint) => union.includes(taint))) union = sortTaints([...union, ...list]);
  }
  return union;
}

/** Accumulated taint: the parents' and the added, less the removed (SPEC 4.6). */
export function accumulatedTaint(
  parents: readonly (readonly string[])[],
  added: readonly string[],
  removed: readonly string[],
): readonly string[] {
  const union = unionTaints([...parents, added]);
  if (removed.length === 0) return union;
  return Object.freeze(union.filter((taint) => !removed.includes(taint)));
}

/** The default trust rule: the least of the node's and the parents' scores (SPEC 4.6). */
export function defaultTrust(node: number, parents: readonly number[]): number {
  let least = node;
  for (const score of parents) if (score < least) least = score;
  return least;
}

/** The parents that flowed in before the step ran: what decisions see (SPEC 4.4). */
export function ingressOnly<T>(
  parents: readonly T[],
  roles: readonly (readonly Role[])[],
): readonly T[] {
  return parents.filter((_, index) => isIngress(roles[index]!));
}

/** One text per origin, to compare them. */
export function originKey(origin: Origin): string {
  return JSON.stringify([
    origin.user_id,
    origin.session_id,
    origin.policies.curated_refs,
    origin.policies.inline_rules,
  ]);
}

/** The union of origins in the order of their texts; shares a list where one holds all. */
export function unionOrigins(lists: readonly (readonly Origin[])[]): readonly Origin[] {
  const first = lists[0] ?? [];
  if (lists.every((list) => list === first)) return first;
  const byKey = new Map<string, Origin>();
  for (const list of new Set(lists)) {
    for (const origin of list) byKey.set(originKey(origin), origin);
  }
  return Object.freeze([...byKey.keys()].sort().map((key) => byKey.get(key)!));
}

/** Whether an entry may stand at the start of a lineage: it says where its data came from. */
export function hasOrigin(body: EntryBody): body is EntryBody & { readonly origin: Origin } {
  return body.origin !== null;
}
