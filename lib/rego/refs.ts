/**
 * References: from where they start to what they lead to.
 *
 * @module
 */

import type { Context, Slots } from "./context.ts";
import {
  dataRoot,
  Doc,
  docChild,
  docKeys,
  Given,
  givenChild,
  index,
  type Place,
  ruleValue,
  settle,
} from "./document.ts";
import type { Node } from "./ir.ts";
import { someItem } from "./iterate.ts";
import type { Path, TreeNode } from "./tree.ts";
import { keyOf, type Value } from "./value.ts";

/** Takes what a reference leads to. */
export type Sink = (c: Context, s: Slots, place: Place) => boolean;

/** What lies under `key`. */
export function lookup(c: Context, place: Place, key: Value): Place | undefined {
  if (place instanceof Doc) return docChild(c, place, key);
  return place instanceof Given ? givenChild(place.value, key) : index(place, key);
}

/** The value of a place. */
export function settleExpr(c: Context, place: Place): Value | undefined {
  return place instanceof Doc || place instanceof Given ? settle(c, place) : place;
}

/** Runs through all that lies under a place. */
export function stepEach(
  visit: (c: Context, s: Slots, key: Value, child: Place) => boolean,
): Sink {
  return (c, s, place) => {
    if (place instanceof Given) {
      return someItem(c, place.value, (key) => visit(c, s, key, givenChild(place.value, key)!));
    }
    if (!(place instanceof Doc)) {
      return someItem(c, place, (key, value) => visit(c, s, key, value));
    }
    for (const key of docKeys(c, place)) {
      c.run.tick();
      const child = docChild(c, place, key);
      if (child === undefined || isEmpty(c, child)) continue;
      if (visit(c, s, key, child)) return true;
    }
    return false;
  };
}

function isEmpty(c: Context, place: Place): boolean {
  return place instanceof Doc && place.isSparse && settle(c, place) === undefined;
}

/** Follows the names of a path below `data` as far as rules are known by them. */
export function planStart(root: TreeNode, path: readonly Node[]): {
  readonly start: (c: Context, s: Slots) => Place | undefined;
  readonly rest: readonly Node[];
} {
  let node = root;
  let length = 0;
  for (;;) {
    const part = path[length];
    const child = part?.op === "const" ? node.children.get(keyOf(part.value)) : undefined;
    // An object group's keys may lie beside its children.
    if (!child || node.group) break;
    node = child;
    length++;
    if (node.group) break;
  }
  const rest = path.slice(length);
  const { group } = node;
  if (group && group.kind !== "object") {
    return group.kind === "function"
      ? { start: () => undefined, rest }
      : { start: (c) => ruleValue(c, group), rest };
  }
  return { start: (c) => placeAt(c, node.path), rest };
}

function placeAt(c: Context, path: Path): Place | undefined {
  let place: Place | undefined = dataRoot(c);
  for (const name of path) {
    if (place === undefined) return undefined;
    place = lookup(c, place, name);
  }
  return place;
}
