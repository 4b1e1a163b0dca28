/**
 * Parts of documents by paths: `json.filter`, `json.remove`, `json.patch`.
 *
 * @module
 */

import {
  arrayAt,
  type BuiltinContext,
  type Builtins,
  failure,
  itemsAt,
  objectAt,
  operandError,
} from "../builtin.ts";
import { index } from "../document.ts";
import { toSafeInteger } from "../number.ts";
import {
  equal,
  isArray,
  isNumber,
  isObject,
  isSet,
  isString,
  type Key,
  keyOf,
  objectEntries,
  objectGet,
  objectSize,
  RegoObject,
  RegoSet,
  type Value,
} from "../value.ts";

/** How many members a collection has. */
function sizeOf(value: Value): number {
  if (isArray(value)) return value.length;
  if (isSet(value)) return value.size;
  return isObject(value) ? objectSize(value) : 0;
}

/** A path from text (`a/b~1c`) or an array. */
function pathOf(value: Value, position: number, context: BuiltinContext): readonly Value[] {
  if (isArray(value)) return value;
  if (!isString(value)) {
    throw operandError(position, "set containing array or string paths", value);
  }
  if (value === "") return [];
  context.spend(value.length / 4);
  return value.replace(/^\/+/, "").split("/").map((part) =>
    part.replace(/~1/g, "/").replace(/~0/g, "~")
  );
}

/** Paths as a tree; `null` where one ends. */
type PathTree = Map<Key, PathTree | null>;

function treeOf(paths: readonly (readonly Value[])[], context: BuiltinContext): PathTree {
  const root: PathTree = new Map();
  for (const path of paths) {
    context.spend(1 + path.length);
    let node: PathTree | null = root;
    for (const [i, part] of path.entries()) {
      const key = keyOf(part);
      if (i === path.length - 1) node.set(key, null);
      else if (!node.has(key)) node.set(key, new Map());
      node = node.get(key)!;
      if (node === null) break;
    }
  }
  return root;
}

/** A copy of a collection: each member as `change` gives it, left out if undefined. */
function changed(
  value: Value,
  tree: PathTree,
  context: BuiltinContext,
  change: (member: Value, child: PathTree | null | undefined) => Value | undefined,
): Value {
  context.spend(1 + sizeOf(value));
  const kept = (member: Value, key: Value) => {
    const result = change(member, tree.get(keyOf(key)));
    return result === undefined ? [] : [result];
  };
  if (isArray(value)) return value.flatMap((item, i) => kept(item, String(i)));
  if (isSet(value)) return new RegoSet(value.sorted().flatMap((member) => kept(member, member)));
  if (!isObject(value)) return value;
  return new RegoObject(
    objectEntries(value).flatMap(([key, member]) =>
      kept(member, key).map((one) => [key, one] as const)
    ),
  );
}

/** What the tree names of a value. */
function filtered(value: Value, tree: PathTree, context: BuiltinContext): Value {
  return changed(
    value,
    tree,
    context,
    (member, child) => child ? filtered(member, child, context) : child === null ? member : child,
  );
}

/** The value without what the tree names. */
function removed(value: Value, tree: PathTree, context: BuiltinContext): Value {
  return changed(value, tree, context, (member, child) => {
    if (child === null) return undefined;
    return child ? removed(member, child, context) : member;
  });
}

function byPaths(run: typeof filtered): Builtins[string] {
  return (args, context) => {
    const object = objectAt(args, 0);
    const paths = itemsAt(args, 1).map((path) => pathOf(path, 2, context));
    return run(object, treeOf(paths, context), context);
  };
}

/** Where a patch changes something; none of it changes the values it was given. */
class Patch {
  readonly #context: BuiltinContext;

  constructor(context: BuiltinContext) {
    this.#context = context;
  }

  path(value: Value): readonly Value[] {
    return pathOf(value, 2, this.#context);
  }

  get(value: Value, path: readonly Value[]): Value {
    let found: Value | undefined = value;
    for (const part of path) found = found === undefined ? undefined : child(found, part);
    if (found === undefined) throw failure("path does not exist");
    return found;
  }

  add(value: Value, path: readonly Value[], added: Value): Value {
    return this.#change(value, path, (parent, key) => {
      if (isArray(parent)) {
        const at = key === "-" ? parent.length : indexOf(key);
        if (at === undefined || at > parent.length) throw failure("array index out of bounds");
        return [...parent.slice(0, at), added, ...parent.slice(at)];
      }
      if (isObject(parent)) {
        const object = new RegoObject(objectEntries(parent));
        object.set(key, added);
        return object;
      }
      if (!isSet(parent)) throw failure("path does not exist");
      if (!equal(key, added)) throw failure("a set's member must be its own key");
      return new RegoSet([...parent.sorted(), added]);
    }, added);
  }

  remove(value: Value, path: readonly Value[]): Value {
    if (path.length === 0) throw failure("the root cannot be removed");
    return this.#change(value, path, (parent, key) => {
      if (child(parent, key) === undefined) throw failure("path does not exist");
      if (isArray(parent)) return parent.filter((_, i) => i !== indexOf(key));
      if (isSet(parent)) return new RegoSet(parent.sorted().filter((one) => !equal(one, key)));
      return new RegoObject(
        objectEntries(parent as RegoObject).filter(([name]) => !equal(name, key)),
      );
    });
  }

  /** A copy in which the parent of what the path names is another. */
  #change(
    value: Value,
    path: readonly Value[],
    change: (parent: Value, key: Value) => Value,
    whole?: Value,
  ): Value {
    const [key, ...rest] = path;
    if (key === undefined) return whole!;
    this.#pay(value);
    if (rest.length === 0) return change(value, key);
    const below = child(value, key);
    if (below === undefined) throw failure("path does not exist");
    return replaced(value, key, this.#change(below, rest, change, whole));
  }

  #pay(value: Value): void {
    this.#context.spend(sizeOf(value));
  }
}

function indexOf(key: Value): number | undefined {
  if (isNumber(key)) {
    const at = toSafeInteger(key);
    return at !== undefined && at >= 0 ? at : undefined;
  }
  return isString(key) && /^(?:0|[1-9]\d{0,14})$/.test(key) ? Number(key) : undefined;
}

function child(value: Value, key: Value): Value | undefined {
  if (!isArray(value)) return index(value, key);
  const at = indexOf(key);
  return at === undefined ? undefined : value[at];
}

function replaced(parent: Value, key: Value, below: Value): Value {
  if (isArray(parent)) return parent.map((item, i) => i === indexOf(key) ? below : item);
  if (isSet(parent)) {
    return new RegoSet(parent.sorted().map((member) => equal(member, key) ? below : member));
  }
  const object = new RegoObject(objectEntries(parent as RegoObject));
  object.set(key, below);
  return object;
}

function patch(args: readonly Value[], context: BuiltinContext): Value {
  const patcher = new Patch(context);
  let value: Value = args[0]!;
  for (const operation of arrayAt(args, 1)) {
    if (!isObject(operation)) throw operandError(2, "array of objects", operation);
    value = patched(patcher, value, operation as RegoObject);
  }
  return value;
}

function patched(patcher: Patch, value: Value, operation: RegoObject): Value {
  const member = (name: string): Value => {
    const found = objectGet(operation, name);
    if (found === undefined) throw failure(`missing "${name}"`);
    return found;
  };
  const op = member("op");
  const path = patcher.path(member("path"));
  switch (op) {
    case "add":
      return patcher.add(value, path, member("value"));
    case "remove":
      return patcher.remove(value, path);
    case "replace":
      if (path.length === 0) return member("value");
      return patcher.add(patcher.remove(value, path), path, member("value"));
    case "move": {
      const from = patcher.path(member("from"));
      const moved = patcher.get(value, from);
      return patcher.add(patcher.remove(value, from), path, moved);
    }
    case "copy":
      return patcher.add(value, path, patcher.get(value, patcher.path(member("from"))));
    case "test":
      if (equal(patcher.get(value, path), member("value"))) return value;
      throw failure("test failed");
  }
  throw failure("unknown operation");
}

export const JSON_PATHS: Builtins = {
  "json.filter/2": byPaths(filtered),
  "json.patch/2": patch,
  "json.remove/2": byPaths(removed),
};
