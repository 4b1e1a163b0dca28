/**
 * Objects.
 *
 * @module
 */

import { arrayAt, type BuiltinContext, type Builtins, objectAt, operandError } from "../builtin.ts";
import { index } from "../document.ts";
import {
  equal,
  isArray,
  isObject,
  isSet,
  objectEntries,
  objectGet,
  objectKeys,
  objectSize,
  type ObjectValue,
  RegoObject,
  RegoSet,
  type Value,
} from "../value.ts";

function get(args: readonly Value[], context: BuiltinContext): Value {
  const object = objectAt(args, 0);
  const [, key, otherwise] = args;
  if (!isArray(key)) {
    const value = objectGet(object, key!);
    return value === undefined ? otherwise! : value;
  }
  context.spend(key.length / 4);
  let value: Value | undefined = object;
  for (const part of key) {
    value = value === undefined ? undefined : index(value, part);
  }
  return value === undefined ? otherwise! : value;
}

/** The items as a set, paid for before it is made. */
function setOf(items: readonly Value[], context: BuiltinContext): RegoSet {
  context.spend(items.length);
  return new RegoSet(items);
}

/** The keys that an operand names: members of a set or an array, keys of an object. */
function keysAt(args: readonly Value[], position: number, context: BuiltinContext): RegoSet {
  const value = args[position]!;
  if (isSet(value)) return value;
  if (isArray(value)) return setOf(value, context);
  if (isObject(value)) return setOf(objectKeys(value), context);
  throw operandError(position + 1, "one of {array, object, set}", value);
}

function pick(isKept: (isNamed: boolean) => boolean): Builtins[string] {
  return (args, context) => {
    const object = objectAt(args, 0);
    const keys = keysAt(args, 1, context);
    context.spend(objectSize(object));
    return new RegoObject(objectEntries(object).filter(([key]) => isKept(keys.has(key))));
  };
}

/** `b` over `a`; objects under one key are merged in their turn. */
function merged(a: ObjectValue, b: ObjectValue, context: BuiltinContext): RegoObject {
  context.spend(objectSize(a) + objectSize(b));
  const result = new RegoObject(objectEntries(a));
  for (const [key, value] of objectEntries(b)) {
    const other = result.get(key);
    result.set(key, isObject(other) && isObject(value) ? merged(other, value, context) : value);
  }
  return result;
}

function unionN(args: readonly Value[], context: BuiltinContext): Value {
  let result: ObjectValue = new RegoObject();
  for (const object of arrayAt(args, 0)) {
    if (!isObject(object)) throw operandError(1, "array of objects", object);
    result = merged(result, object, context);
  }
  return result;
}

function isSubObject(sub: ObjectValue, all: ObjectValue, context: BuiltinContext): boolean {
  context.spend(objectSize(sub));
  return objectEntries(sub).every(([key, value]) => {
    const other = objectGet(all, key);
    if (other === undefined) return false;
    if (isObject(value) && isObject(other)) return isSubObject(value, other, context);
    if (isSet(value) && isSet(other)) return isSubset(value, other, context);
    return isArray(value) && isArray(other)
      ? isSubArray(value, other, context)
      : equal(value, other);
  });
}

function isSubset(sub: RegoSet, all: RegoSet, context: BuiltinContext): boolean {
  context.spend(sub.size);
  return sub.sorted().every((member) => all.has(member));
}

/** Whether `sub` lies somewhere in `all`, its items next to each other. */
function isSubArray(
  sub: readonly Value[],
  all: readonly Value[],
  context: BuiltinContext,
): boolean {
  for (let from = 0; from + sub.length <= all.length; from++) {
    context.spend(1 + sub.length);
    if (sub.every((item, i) => equal(item, all[from + i]!))) return true;
  }
  return false;
}

function subset([all, sub]: readonly Value[], context: BuiltinContext): Value {
  if (isObject(all) && isObject(sub)) return isSubObject(sub, all, context);
  if (isSet(all) && isSet(sub)) return isSubset(sub, all, context);
  if (isArray(all) && isArray(sub)) return isSubArray(sub, all, context);
  if (isArray(all) && isSet(sub)) {
    return all.length > 0 && isSubset(sub, setOf(all, context), context);
  }
  throw operandError(
    1,
    "both arguments object, both arguments set, both arguments array or array and set",
    all!,
  );
}

export const OBJECTS: Builtins = {
  "object.filter/2": pick((isNamed) => isNamed),
  "object.get/3": get,
  "object.keys/1": (args, context) => setOf(objectKeys(objectAt(args, 0)), context),
  "object.remove/2": pick((isNamed) => !isNamed),
  "object.subset/2": subset,
  "object.union/2": (args, context) => merged(objectAt(args, 0), objectAt(args, 1), context),
  "object.union_n/1": unionN,
};
