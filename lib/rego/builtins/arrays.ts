/**
 * Arrays.
 *
 * @module
 */

import { arrayAt, type BuiltinContext, type Builtins, integerAt } from "../builtin.ts";
import { isArray, type Value } from "../value.ts";

function concat(args: readonly Value[], context: BuiltinContext): Value {
  const a = arrayAt(args, 0);
  const b = arrayAt(args, 1);
  context.spend(a.length + b.length);
  return [...a, ...b];
}

/** From `start` to before `stop`, both pulled into the array. */
function slice(args: readonly Value[], context: BuiltinContext): Value {
  const items = arrayAt(args, 0);
  const start = Math.max(0, integerAt(args, 1));
  const stop = Math.min(items.length, integerAt(args, 2));
  if (start >= stop) return [];
  context.spend(stop - start);
  return items.slice(start, stop);
}

/** Items of items that are arrays take their place, one level deep. */
function flatten(args: readonly Value[], context: BuiltinContext): Value {
  const flat: Value[] = [];
  for (const item of arrayAt(args, 0)) {
    const items = isArray(item) ? item : [item];
    context.spend(1 + items.length);
    for (const one of items) flat.push(one);
  }
  return flat;
}

export const ARRAYS: Builtins = {
  "array.concat/2": concat,
  "array.flatten/1": flatten,
  "array.reverse/1": (args, context) => {
    const items = arrayAt(args, 0);
    context.spend(items.length);
    return [...items].reverse();
  },
  "array.slice/3": slice,
};
