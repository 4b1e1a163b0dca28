/**
 * Sets, and membership in any collection.
 *
 * @module
 */

import { type BuiltinContext, type Builtins, operandError, setAt } from "../builtin.ts";
import { index } from "../document.ts";
import { equal, isArray, isObject, isSet, objectEntries, RegoSet, type Value } from "../value.ts";

function both(a: RegoSet, b: RegoSet, context: BuiltinContext): RegoSet {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  context.spend(small.size);
  return new RegoSet(small.sorted().filter((member) => large.has(member)));
}

function either(a: RegoSet, b: RegoSet, context: BuiltinContext): RegoSet {
  context.spend(a.size + b.size);
  return new RegoSet([...a.sorted(), ...b.sorted()]);
}

function setsAt(args: readonly Value[], context: BuiltinContext): readonly RegoSet[] {
  const sets = setAt(args, 0);
  context.spend(sets.size);
  return sets.sorted().map((set) => {
    if (isSet(set)) return set;
    throw operandError(1, "set of sets", set);
  });
}

function intersection(args: readonly Value[], context: BuiltinContext): Value {
  const [first, ...others] = setsAt(args, context);
  return others.reduce((all, set) => both(all, set, context), first ?? new RegoSet());
}

function union(args: readonly Value[], context: BuiltinContext): Value {
  const result = new RegoSet();
  for (const set of setsAt(args, context)) {
    context.spend(set.size);
    for (const member of set.sorted()) result.add(member);
  }
  return result;
}

function isMember(value: Value, collection: Value, context: BuiltinContext): boolean {
  if (isSet(collection)) return collection.has(value);
  if (isArray(collection)) {
    context.spend(collection.length / 4);
    return collection.some((item) => equal(item, value));
  }
  if (!isObject(collection)) return false;
  const entries = objectEntries(collection);
  context.spend(entries.length / 4);
  return entries.some(([, member]) => equal(member, value));
}

function isMemberAt([key, value, collection]: readonly Value[]): boolean {
  const member = index(collection!, key!);
  return member !== undefined && equal(member, value!);
}

function difference(args: readonly Value[], context: BuiltinContext): Value {
  const b = setAt(args, 1);
  const a = setAt(args, 0);
  context.spend(a.size);
  return new RegoSet(a.sorted().filter((member) => !b.has(member)));
}

export const SETS: Builtins = {
  "and/2": (args, context) => both(setAt(args, 0), setAt(args, 1), context),
  "or/2": (args, context) => either(setAt(args, 0), setAt(args, 1), context),
  "intersection/1": intersection,
  "union/1": union,
  "set_diff/2": difference,
  "internal.member_2/2": ([value, collection], context) => isMember(value!, collection!, context),
  "internal.member_3/3": isMemberAt,
};
