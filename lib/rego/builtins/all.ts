/**
 * All builtins by name.
 *
 * @module
 */

import type { BuiltinFunction, Builtins } from "../builtin.ts";
import { failure } from "../builtin.ts";
import { compare, equal, isArray, isObject, objectEntries, RegoSet, type Value } from "../value.ts";
import { add, multiply, subtract } from "../number.ts";
import { ARITY } from "../signatures.ts";

const TEMP: Builtins = {
  equal: ([a, b]) => equal(a!, b!),
  neq: ([a, b]) => !equal(a!, b!),
  lt: ([a, b]) => compare(a!, b!) < 0,
  gt: ([a, b]) => compare(a!, b!) > 0,
  lte: ([a, b]) => compare(a!, b!) <= 0,
  gte: ([a, b]) => compare(a!, b!) >= 0,
  plus: ([a, b]) => add(a as number, b as number),
  mul: ([a, b]) => multiply(a as number, b as number),
  minus: ([a, b]) => subtract(a as number, b as number),
  count: ([a]) =>
    isArray(a!)
      ? a.length
      : a instanceof RegoSet
      ? a.size
      : isObject(a!)
      ? objectEntries(a).length
      : String(a).length,
};
const TABLES: readonly Builtins[] = [TEMP];

const NONE: BuiltinFunction = () => undefined;

/** Every builtin that policies may call. */
export const BUILTINS: ReadonlyMap<string, BuiltinFunction> = new Map(
  [...ARITY.keys()].map((name) => {
    const table = TABLES.find((table) => Object.hasOwn(table, name));
    return [
      name,
      table?.[name] ?? (() => {
        throw new Error("MISSING " + name);
      }),
    ];
  }),
);
