/**
 * The documents below `data`: what rules make, laid over what was given.
 *
 * @module
 */

import type { Context } from "./context.ts";
import { groupValue, keyConflict, keyedValue, PartialObject, PartialSet } from "./groups.ts";
import { numberText, toSafeInteger } from "./number.ts";
import type { Group, Path, TreeNode } from "./tree.ts";
import {
  compare,
  isNumber,
  isObject,
  keyOf,
  objectEntries,
  objectGet,
  objectKeys,
  type ObjectValue,
  RegoObject,
  RegoSet,
  type Value,
} from "./value.ts";

/** A place below `data` where rules lie, not evaluated yet. */
export class Doc {
  readonly node: TreeNode;
  /** What was given there. */
  readonly base: Value | undefined;
  /** Below keys that rules make: there is nothing where no rule has a value. */
  readonly isSparse: boolean;

  constructor(node: TreeNode, base: Value | undefined, isSparse: boolean) {
    this.node = node;
    this.base = base;
    this.isSparse = isSparse;
  }
}

/**
 * A collection that was given at a place where no rules lie. Its keys are names:
 * `data.a[2]` finds the member "2", `data.a["0"]` the first item.
 */
export class Given {
  readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }
}

/** A place below `data`, or a value. */
export type Place = Doc | Given | Value;

function given(value: Value | undefined): Given | Value | undefined {
  return typeof value === "object" && value !== null ? new Given(value) : value;
}

/** What was given under `key`. */
export function givenChild(value: Value, key: Value): Given | Value | undefined {
  if (Array.isArray(value) && typeof key === "string") {
    return /^(?:0|[1-9]\d{0,14})$/.test(key) ? given(index(value, Number(key))) : undefined;
  }
  return given(index(value, isNumber(key) && isObject(value) ? numberText(key) : key));
}

/** Whether rules at `path` are replaced by data under a `with`. */
function isHidden(c: Context, path: Path): boolean {
  if (c.hidden === null) return false;
  c.run.ticks(c.hidden.length);
  return c.hidden.some((hidden) =>
    hidden.length <= path.length && hidden.every((name, i) => name === path[i])
  );
}

/** The member of a value, or `undefined`. */
export function index(value: Value, key: Value): Value | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) {
    const at = typeof key === "number" ? key : isNumber(key) ? toSafeInteger(key) : undefined;
    return at === undefined ? undefined : (value as readonly Value[])[at];
  }
  if (value instanceof RegoSet) return value.has(key) ? key : undefined;
  return isObject(value) ? objectGet(value, key) : undefined;
}

/** What was given at `path`. */
function baseAt(c: Context, path: Path): Value | undefined {
  let value: Value | undefined = c.data;
  for (const name of path) {
    if (value === undefined) return undefined;
    value = index(value, name);
  }
  return value;
}

/** The value of a group that is no object group, `with` replacements respected. */
export function ruleValue(c: Context, group: Group): Value | undefined {
  if (c.hidden !== null && isHidden(c, group.path)) return baseAt(c, group.path);
  return groupValue(c, group.id);
}

/** The whole of `data`. */
export function dataRoot(c: Context): Place {
  return isHidden(c, []) ? c.data : new Doc(c.run.program.root, c.data, false);
}

/** The place or value under `key`. */
export function docChild(c: Context, doc: Doc, key: Value): Place | undefined {
  const base = doc.base === undefined ? undefined : givenChild(doc.base, key);
  const child = doc.node.children.get(keyOf(key));
  const own = keyedChild(c, doc, key);
  if (!child) return own !== undefined || doc.node.group ? own : base;
  if (isHidden(c, child.path)) return base;
  const isSparse = doc.isSparse || doc.node.group !== null;
  const made = nodeValue(c, child, base instanceof Given ? base.value : base, isSparse);
  return own === undefined ? made : joined(c, made, own, doc.node.group!);
}

/** What stands at a node: its rule's value, or the place. */
function nodeValue(
  c: Context,
  node: TreeNode,
  base: Value | undefined,
  isSparse: boolean,
): Place | undefined {
  const { group } = node;
  if (group && group.kind !== "object") {
    return group.kind === "function" ? undefined : groupValue(c, group.id);
  }
  return new Doc(node, group ? undefined : base, isSparse);
}

function keyedChild(c: Context, { node }: Doc, key: Value): Value | undefined {
  const { group } = node;
  if (group?.kind !== "object") return undefined;
  const { value, conflicts } = keyedValue(c, group.id);
  if (conflicts.size > 0 && conflicts.has(keyOf(key))) throw keyConflict(group);
  return value.get(key);
}

function joined(
  c: Context,
  made: Place | undefined,
  own: Value,
  group: Group,
): Value {
  const value = made === undefined ? undefined : settle(c, made);
  if (value === undefined) return own;
  return merged(value, own, group);
}

function isPartial(value: Value): boolean {
  return value instanceof PartialObject || value instanceof PartialSet;
}

/** What rules make of one key in two places. */
function merged(a: Value, b: Value, group: Group): Value {
  if (a instanceof PartialObject && b instanceof PartialObject) return mergeDeep(a, b, group);
  if (a instanceof PartialSet && b instanceof PartialSet) {
    return new PartialSet([...a.sorted(), ...b.sorted()]);
  }
  if (isPartial(a) || isPartial(b) || compare(a, b) !== 0) throw keyConflict(group);
  return b;
}

function mergeDeep(a: ObjectValue, b: ObjectValue, group: Group): Value {
  const object = new PartialObject(objectEntries(a));
  for (const [key, value] of objectEntries(b)) {
    const other = object.get(key);
    object.set(key, other === undefined ? value : merged(other, value, group));
  }
  return object;
}

/** The keys of a place, ascending. */
export function docKeys(c: Context, doc: Doc): readonly Value[] {
  const keys = new RegoSet();
  const { group, children } = doc.node;
  const add = (more: readonly Value[]) => {
    c.run.ticks(more.length);
    for (const key of more) keys.add(key);
  };
  add([...children.values()].map(({ path }) => path.at(-1)!));
  if (group?.kind === "object") add(objectKeys(keyedValue(c, group.id).value));
  else if (doc.base !== undefined) {
    if (isObject(doc.base)) add(objectKeys(doc.base));
    if (Array.isArray(doc.base)) add([...doc.base.keys()]);
  }
  return keys.sorted();
}

/** The value of a place, if it has one: all of its rules evaluated. */
export function settle(c: Context, value: Place): Value | undefined {
  if (value instanceof Given) return value.value;
  if (!(value instanceof Doc)) return value;
  const { group } = value.node;
  if (group?.kind === "object" && keyedValue(c, group.id).conflicts.size > 0) {
    throw keyConflict(group);
  }
  const object = new PartialObject();
  for (const key of docKeys(c, value)) {
    let child = docChild(c, value, key);
    if (child === undefined && value.base !== undefined && !group) child = index(value.base, key);
    const member = child === undefined ? undefined : settle(c, child);
    if (member === undefined) continue;
    c.run.spend(1);
    object.set(key, member);
  }
  return value.isSparse && object.size === 0 ? undefined : object;
}

/** A copy of `document` with `value` at `path`; what is in the way is replaced. */
export function withPath(
  c: Context,
  document: Value | undefined,
  path: readonly string[],
  value: Value,
): Value {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const object = isObject(document) ? document : undefined;
  const entries = object ? objectEntries(object) : [];
  c.run.spend(1 + entries.length);
  const copy = new RegoObject(entries);
  copy.set(name, withPath(c, object && objectGet(object, name), rest, value));
  return copy;
}
