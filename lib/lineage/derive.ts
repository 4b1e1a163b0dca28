/**
 * What an entry must say, given its parents (SPEC 4.4 to 4.6). The maker of an
 * entry and its verifier call the same functions.
 *
 * @module
 */

import type { Origin, Role } from "./entry.ts";
import { isIngress } from "./entry.ts";
import { MAX_TAINTS } from "./names.ts";

const NONE: readonly string[] = Object.freeze([]);

/** Two sorted lists as one, without duplicates; `a` itself if it holds all of `b`. */
function mergeSorted(
  a: readonly string[],
  b: readonly string[],
): readonly string[] {
  const merged: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [left, right] = [a[i]!, b[j]!];
    merged.push(left < right ? left : right);
    if (left <= right) i++;
    if (right <= left) j++;
  }
  while (i < a.length) merged.push(a[i++]!);
  while (j < b.length) merged.push(b[j++]!);
  return merged.length === a.length ? a : Object.freeze(merged);
}

/**
 * The union of sorted lists without duplicates; shares a list where one holds
 * all. Stops once the union is longer than `max`: hostile lists must not cost
 * the product of their lengths.
 */
export function unionSorted(
  lists: readonly (readonly string[])[],
  max = Infinity,
): readonly string[] {
  let union = NONE;
  for (const list of lists) {
    if (list === union || list.length === 0) continue;
    union = union.length === 0 ? list : mergeSorted(union, list);
    if (union.length > max) return union;
  }
  return union;
}

/**
 * No entry holds more than MAX_TAINTS, and none removes more: a longer union is
 * wrong whatever is removed from it.
 */
export const MAX_UNION = 2 * MAX_TAINTS;

/** Accumulated taint: the parents' and the added, less the removed (SPEC 4.6). */
export function accumulatedTaint(
  parents: readonly (readonly string[])[],
  added: readonly string[],
  removed: readonly string[],
): readonly string[] {
  let union = unionSorted(parents, MAX_UNION);
  if (added.length > 0) union = unionSorted([union, added]);
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

const ORIGIN_KEYS = new WeakMap<Origin, string>();

/** One text per origin, to compare them. */
export function originKey(origin: Origin): string {
  let key = ORIGIN_KEYS.get(origin);
  if (key === undefined) {
    const { policies, session_id, user_id } = origin;
    key = JSON.stringify([user_id, session_id, policies.curated_refs, policies.inline_rules]);
    ORIGIN_KEYS.set(origin, key);
  }
  return key;
}

/** Origins, each once, in the order of their texts. */
export function distinctOrigins(origins: Iterable<Origin>): readonly Origin[] {
  const byKey = new Map<string, Origin>();
  for (const origin of origins) byKey.set(originKey(origin), origin);
  return Object.freeze([...byKey.keys()].sort().map((key) => byKey.get(key)!));
}

/** The union of distinct origins; shares a list where all are the same. */
export function unionOrigins(lists: readonly (readonly Origin[])[]): readonly Origin[] {
  const first = lists[0] ?? [];
  return lists.every((list) => list === first)
    ? first
    : distinctOrigins([...new Set(lists)].flat());
}
