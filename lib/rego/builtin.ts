/**
 * What a builtin is, and what it may use.
 *
 * @module
 */

import { BuiltinError } from "./errors.ts";
import {
  isArray,
  isNumber,
  isObject,
  isSet,
  isString,
  type Numeric,
  type ObjectValue,
  type RegoSet,
  typeName,
  type Value,
} from "./value.ts";
import { toSafeInteger } from "./number.ts";

/** What builtins see of the evaluation. */
export interface BuiltinContext {
  /** The fixed time of the evaluation, in nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** 64 hex digits that depend on the evaluation's seed, the builtin and the key alone. */
  random(builtin: string, key: string): string;
  /** For what is costly to make (compiled patterns); lives as long as the engine's policies. */
  readonly cache: Map<string, unknown>;
  /**
   * Pays for work before it is done: one unit per element visited or made, or
   * per 16 characters; fails if the budget is spent.
   */
  spend(units: number): void;
  /** Where `print` and `trace` go. */
  print(text: string): void;
}

/** Evaluates a builtin. `undefined` is Rego's undefined. */
export type BuiltinFunction = (
  args: readonly Value[],
  context: BuiltinContext,
) => Value | undefined;

/** Builtins by name. The number of operands is in {@link ./signatures.ts}. */
export type Builtins = Readonly<Record<string, BuiltinFunction>>;

/** The error of an operand of the wrong type, in OPA's words. Positions count from 1. */
export function operandError(position: number, wanted: string, value: Value): BuiltinError {
  return new BuiltinError(
    "eval_type_error",
    `operand ${position} must be ${wanted} but got ${typeName(value)}`,
  );
}

/** A failure that is not about types. */
export function failure(message: string): BuiltinError {
  return new BuiltinError("eval_builtin_error", message);
}

export function stringAt(args: readonly Value[], index: number): string {
  const value = args[index]!;
  if (!isString(value)) throw operandError(index + 1, "string", value);
  return value;
}

export function numberAt(args: readonly Value[], index: number): Numeric {
  const value = args[index]!;
  if (!isNumber(value)) throw operandError(index + 1, "number", value);
  return value;
}

/** A safe integer. */
export function integerAt(args: readonly Value[], index: number): number {
  const value = numberAt(args, index);
  const integer = toSafeInteger(value);
  if (integer === undefined) {
    throw new BuiltinError(
      "eval_type_error",
      `operand ${index + 1} must be integer number but got floating-point number`,
    );
  }
  return integer;
}

export function arrayAt(args: readonly Value[], index: number): readonly Value[] {
  const value = args[index]!;
  if (!isArray(value)) throw operandError(index + 1, "array", value);
  return value;
}

export function setAt(args: readonly Value[], index: number): RegoSet {
  const value = args[index]!;
  if (!isSet(value)) throw operandError(index + 1, "set", value);
  return value;
}

export function objectAt(args: readonly Value[], index: number): ObjectValue {
  const value = args[index]!;
  if (!isObject(value)) throw operandError(index + 1, "object", value);
  return value;
}

/** The items of an array or a set, in order. */
export function itemsAt(args: readonly Value[], index: number): readonly Value[] {
  const value = args[index]!;
  if (isArray(value)) return value;
  if (isSet(value)) return value.sorted();
  throw operandError(index + 1, "one of {array, set}", value);
}
