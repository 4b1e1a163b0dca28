/**
 * Arithmetic, ranges, numbers as text.
 *
 * @module
 */

import {
  type BuiltinContext,
  type Builtins,
  failure,
  int64At,
  numberAt,
  operandError,
  stringAt,
} from "../builtin.ts";
import {
  absolute,
  add,
  divide,
  fromBigInt,
  integerText,
  isNumberLiteral,
  multiply,
  type Numeric,
  parseNumber,
  payProduct,
  ratio64,
  subtract,
  toBigInt,
} from "../number.ts";
import { limitError } from "../limits.ts";
import { integerFrom } from "../random.ts";
import { isNumber, isSet, isString, RegoSet, type Value } from "../value.ts";

function minus(args: readonly Value[], context: BuiltinContext): Value {
  const [a, b] = args as [Value, Value];
  if (isNumber(a) && isNumber(b)) return subtract(a, b);
  if (!isSet(a) && !isNumber(a)) throw operandError(1, "one of {number, set}", a);
  if (!isSet(a)) throw operandError(2, "number", b);
  if (!isSet(b)) throw operandError(2, "set", b);
  context.spend(a.size);
  return new RegoSet(a.sorted().filter((member) => !b.has(member)));
}

function quotient(a: Numeric, b: Numeric): Numeric {
  const result = divide(a, b);
  if (result === undefined) throw failure("divide by zero");
  return result;
}

function remainder(a: Numeric, b: Numeric): Numeric {
  const x = toBigInt(a);
  const y = toBigInt(b);
  if (x === undefined || y === undefined) throw failure("modulo on floating-point number");
  if (y === 0n) throw failure("modulo by zero");
  payProduct(x, y);
  return fromBigInt(x % y);
}

/** Integers below 2^53 as they are; others as OPA sees them: 64 bits, cut to `whole`. */
function rounding(
  round: (whole: bigint, over: bigint, under: bigint) => bigint,
): Builtins[string] {
  return (args) => {
    const value = numberAt(args, 0);
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    const { over, under } = ratio64(value);
    const cut = over / under;
    return fromBigInt(over % under === 0n ? cut : round(cut, over, under));
  };
}

/** From `a` to `b`, both included. */
function range(context: BuiltinContext, a: Numeric, b: Numeric, step: Numeric): Value {
  const from = toBigInt(a);
  const to = toBigInt(b);
  const by = toBigInt(step);
  if (from === undefined) throw typeOf(1);
  if (to === undefined) throw typeOf(2);
  if (by === undefined) throw typeOf(3);
  if (by <= 0n) throw failure("step must be a positive integer");
  const distance = from < to ? to - from : from - to;
  const length = Number(distance / by) + 1;
  context.spend(length);
  const direction = from < to ? by : -by;
  return Array.from({ length }, (_, i) => fromBigInt(from + BigInt(i) * direction));
}

function typeOf(position: number) {
  return operandError(position, "integer number", 0.5);
}

const BASES: ReadonlyMap<number, number> = new Map([[2, 2], [8, 8], [10, 10], [16, 16]]);

function formatInt(value: Numeric, base: Numeric): string {
  const radix = typeof base === "number" ? BASES.get(base) : undefined;
  if (radix === undefined) throw operandError(2, "one of {2, 8, 10, 16}", base);
  const { over, under } = ratio64(value);
  // Integers are exact, unless they are written with a point or an exponent.
  const integer = typeof value === "bigint" ? value : over / under;
  return integerText(integer, radix);
}

const GO_NUMBER = /^([+-]?)(\d*)(\.\d*)?([eE][+-]?\d+)?$/;

function toNumber(value: Value, context: BuiltinContext): Value {
  if (isNumber(value)) return value;
  if (value === null || value === false) return 0;
  if (value === true) return 1;
  if (!isString(value)) {
    throw operandError(1, "one of {boolean, null, number, string}", value);
  }
  if (/^[+-]?(?:nan|inf(?:inity)?)$/i.test(value)) throw operandError(1, "valid number", value);
  context.spend(1 + value.length / 16);
  const literal = isNumberLiteral(value) ? value : jsonLiteral(value);
  if (literal === "" || !Number.isFinite(Number(literal))) throw failure("invalid syntax");
  const number = parseNumber(value) ?? parseNumber(literal);
  if (number === undefined) throw limitError("a number of too many digits");
  return number;
}

/** A literal that Go accepts and JSON does not (`+01.`), as JSON has it; or "". */
function jsonLiteral(text: string): string {
  const match = GO_NUMBER.exec(text);
  if (!match || !/\d/.test(text.replace(/e.*/i, ""))) return "";
  const [, sign, whole, fraction = "", exponent = ""] = match;
  const digits = whole!.slice(/^0*/.exec(whole!)![0].length);
  return `${sign === "-" ? "-" : ""}${digits || "0"}${fraction === "." ? "" : fraction}${exponent}`;
}

function random(args: readonly Value[], context: BuiltinContext): Value {
  const [key, n] = [stringAt(args, 0), int64At(args, 1)];
  if (n === 0n) return 0;
  const below = n < 0n ? -n : n;
  context.spend(1 + key.length / 4);
  const hex = context.random("rand.intn", `${below}\0${key}`);
  return fromBigInt(integerFrom(hex, below));
}

function two(run: (a: Numeric, b: Numeric) => Numeric): Builtins[string] {
  return (args) => run(numberAt(args, 0), numberAt(args, 1));
}

export const NUMBERS: Builtins = {
  "plus/2": two(add),
  "minus/2": minus,
  "mul/2": two(multiply),
  "div/2": two(quotient),
  "rem/2": two(remainder),
  "abs/1": (args) => absolute(numberAt(args, 0)),
  // Not what they should be between -1 and 0: OPA takes 0 for positive.
  "ceil/1": rounding((whole) => whole < 0n ? whole : whole + 1n),
  "floor/1": rounding((whole) => whole < 0n ? whole - 1n : whole),
  "round/1": rounding((_, over, under) =>
    (2n * over + (over < 0n ? -under : under)) / (2n * under)
  ),
  "numbers.range/2": (args, context) => range(context, numberAt(args, 0), numberAt(args, 1), 1),
  "numbers.range_step/3": (args, context) =>
    range(context, numberAt(args, 0), numberAt(args, 1), numberAt(args, 2)),
  "format_int/2": (args) => formatInt(numberAt(args, 0), numberAt(args, 1)),
  "to_number/1": ([value], context) => toNumber(value!, context),
  "rand.intn/2": random,
};
