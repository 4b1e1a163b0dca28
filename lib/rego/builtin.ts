/**
 * What a builtin is, and what it may use.
 *
 * @module
 */

import { BuiltinError, RegoError } from "./errors.ts";
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
import { Decimal, toBigInt } from "./number.ts";

const LAST = Number.MAX_SAFE_INTEGER;

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

/** Builtins by name and number of operands: `bits.and/2`. */
export type Builtins = Readonly<Record<string, BuiltinFunction>>;

/** The error of an operand of the wrong type, in OPA's words. Positions count from 1. */
export function operandError(position: number, wanted: string, value: Value): BuiltinError {
  return new BuiltinError(
    "eval_type_error",
    `operand ${position} must be ${wanted} but got ${typeName(value)}`,
  );
}

/** Gives the program a line to show. What its hook throws is no failure of a builtin. */
export function printLine(context: BuiltinContext, line: string): void {
  try {
    context.print(line);
  } catch (error) {
    throw new RegoError("eval_internal_error", "the print hook failed", { cause: error });
  }
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

/** An integer of 64 bits: `2` and `2.0`, not `2e0`. */
export function int64At(args: readonly Value[], index: number): bigint {
  const value = numberAt(args, index);
  const isPlain = !(value instanceof Decimal && /e/i.test(value.text));
  const integer = isPlain ? toBigInt(value) : undefined;
  if (integer !== undefined && BigInt.asIntN(64, integer) === integer) return integer;
  throw new BuiltinError(
    "eval_type_error",
    `operand ${index + 1} must be integer number but got floating-point number`,
  );
}

/** An integer of 64 bits; those beyond 2^53 become the last that is safe. */
export function integerAt(args: readonly Value[], index: number): number {
  return Math.max(-LAST, Math.min(LAST, Number(int64At(args, index))));
}

/** A builtin of one text. */
export function textBuiltin(
  run: (text: string, context: BuiltinContext) => Value,
): BuiltinFunction {
  return (args, context) => {
    const text = stringAt(args, 0);
    context.spend(1 + text.length / 4);
    return run(text, context);
  };
}

/** A builtin of two texts. */
export function textsBuiltin(
  run: (a: string, b: string, context: BuiltinContext) => Value,
): BuiltinFunction {
  return (args, context) => {
    const a = stringAt(args, 0);
    const b = stringAt(args, 1);
    context.spend(1 + (a.length + b.length) / 8);
    return run(a, b, context);
  };
}

/** Whether a value is text that `read` does not refuse. */
export function isReadable(
  read: (text: string, context: BuiltinContext) => unknown,
): BuiltinFunction {
  return ([text], context) => {
    if (!isString(text)) return false;
    context.spend(1 + text.length / 4);
    try {
      read(text, context);
      return true;
    } catch (error) {
      if (error instanceof BuiltinError) return false;
      throw error;
    }
  };
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
