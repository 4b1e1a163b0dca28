/**
 * Aggregates of collections.
 *
 * @module
 */

import { type BuiltinContext, type Builtins, itemsAt, operandError } from "../builtin.ts";
import { type Numeric, product, sum } from "../number.ts";
import {
  compare,
  isArray,
  isNumber,
  isObject,
  isSet,
  isString,
  objectSize,
  type Value,
} from "../value.ts";

function count([value]: readonly Value[], context: BuiltinContext): Value {
  if (isArray(value)) return value.length;
  if (isSet(value)) return value.size;
  if (isObject(value)) return objectSize(value);
  if (!isString(value)) throw operandError(1, "one of {array, object, set, string}", value!);
  context.spend(value.length / 16);
  let length = 0;
  for (const _ of value) length++;
  return length;
}

function numbersAt(args: readonly Value[], context: BuiltinContext): readonly Numeric[] {
  const items = itemsAt(args, 0);
  context.spend(items.length);
  return items.map((item) => {
    if (isNumber(item)) return item;
    throw operandError(1, `${isArray(args[0]) ? "array" : "set"} of numbers`, item);
  });
}

/** The items of an operand, paid for. */
function paidItems(args: readonly Value[], context: BuiltinContext): readonly Value[] {
  const items = itemsAt(args, 0);
  context.spend(items.length / 8);
  return items;
}

/** The item that no other is `order` than, of equal ones the last; undefined if there is none. */
function extreme(order: number): Builtins[string] {
  return (args, context) => {
    const items = itemsAt(args, 0);
    context.spend(items.length);
    let result = items[0];
    for (const item of items) if (compare(item, result!) * order >= 0) result = item;
    return result;
  };
}

function sort(args: readonly Value[], context: BuiltinContext): Value {
  const items = itemsAt(args, 0);
  context.spend(items.length * (1 + Math.log2(1 + items.length) / 4));
  return isArray(args[0]) ? [...items].sort(compare) : items;
}

export const AGGREGATES: Builtins = {
  "all/1": (args, context) => paidItems(args, context).every((item) => item === true),
  "any/1": (args, context) => paidItems(args, context).some((item) => item === true),
  "count/1": count,
  "max/1": extreme(1),
  "min/1": extreme(-1),
  "product/1": (args, context) => product(numbersAt(args, context)),
  "sort/1": sort,
  "sum/1": (args, context) => sum(numbersAt(args, context)),
};
