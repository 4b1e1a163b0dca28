/**
 * Runs through collections, in their order.
 *
 * @module
 */

import type { Context } from "./context.ts";
import { isObject, objectEntries, RegoObject, RegoSet, type Value } from "./value.ts";

/** Looks at one item; `true` ends the search. */
export type Visit = (key: Value, value: Value) => boolean;

/** Whether `visit` says `true` for some item. Not a collection: no item. */
export function someItem(c: Context, items: Value, visit: Visit): boolean {
  if (Array.isArray(items)) {
    for (let i = 0; i < items.length; i++) {
      c.run.tick();
      if (visit(i, items[i])) return true;
    }
    return false;
  }
  if (items instanceof RegoSet) {
    for (const item of items.sorted()) {
      c.run.tick();
      if (visit(item, item)) return true;
    }
    return false;
  }
  if (!isObject(items)) return false;
  const entries = objectEntries(items);
  // The keys of a JSON object are listed anew each time.
  if (!(items instanceof RegoObject)) c.run.ticks(entries.length >> 2);
  for (const [key, value] of entries) {
    c.run.tick();
    if (visit(key, value)) return true;
  }
  return false;
}

/** Whether `visit` says `true` for every item of a collection. */
export function everyItem(c: Context, items: Value, visit: Visit): boolean {
  if (typeof items !== "object" || items === null) return false;
  return !someItem(c, items, (key, value) => !visit(key, value));
}
