/**
 * Numbers as OPA has them: exact integers of any size, other numbers with 64
 * bits of mantissa, literals kept as they were written.
 *
 * @module
 */

import { bitLength, type Ratio, ratioText, roundedTo, withoutZeros } from "./big_float.ts";
import { limitError } from "./limits.ts";
import { pay } from "./pay.ts";

/** A number that no double holds, or whose literal a double would not keep (`1.0`, `1e3`). */
export class Decimal {
  /** An RFC 8259 number literal. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * A number: a `number` (an integer among them is safe, unless it came in from
 * JSON), a `bigint` beyond 2^53, or a {@linkcode Decimal}.
 */
export type Numeric = number | bigint | Decimal;

/** Digits and exponents beyond this are refused: they would cost too much. */
const MAX_EXPONENT = 10_000;
/** So are integers of more bits. */
const MAX_BITS = 200_000;
/** Numbers of more digits and zeros than these are paid for. */
const FREE_DIGITS = 64;
const LITERAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Reads a number literal; `undefined` if it is none, or too large to work with. */
export function parseNumber(text: string): Numeric | undefined {
  const value = Number(text);
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) {
    if (String(value) === text) return value;
  }
  const match = LITERAL.exec(text);
  if (!match || text.length > MAX_EXPONENT) return undefined;
  if (match[3] === undefined && match[4] === undefined) return fromBigInt(BigInt(text));
  return Math.abs(Number(match[4] ?? 0)) > MAX_EXPONENT ? undefined : new Decimal(text);
}

/** A number as `mantissa` × 10^`exponent`, the mantissa without trailing zeros. */
function decimalOf(value: Numeric): { readonly mantissa: bigint; readonly exponent: number } {
  if (typeof value === "bigint") return { mantissa: value, exponent: 0 };
  const match = LITERAL.exec(numberText(value))!;
  const [, sign, whole, fraction = "", exponent = "0"] = match;
  const size = whole!.length + fraction.length + Math.abs(Number(exponent));
  if (size > FREE_DIGITS) pay(size / 8);
  const digits = withoutZeros(`${whole}${fraction}`);
  const dropped = whole!.length + fraction.length - digits.length;
  const mantissa = BigInt(`${sign}${digits || "0"}`);
  if (mantissa === 0n) return { mantissa, exponent: 0 };
  return { mantissa, exponent: Number(exponent) - fraction.length + dropped };
}

/** The number as a fraction. */
function ratioOf(value: Numeric): Ratio {
  if (typeof value === "bigint") payBits(value);
  const { mantissa, exponent } = decimalOf(value);
  return exponent >= 0
    ? { over: mantissa * 10n ** BigInt(exponent), under: 1n }
    : { over: mantissa, under: 10n ** BigInt(-exponent) };
}

/** Whether text is a number literal, be it one of too many digits to work with. */
export function isNumberLiteral(text: string): boolean {
  return LITERAL.test(text);
}

/** The literal of a number, as JSON has it. */
export function numberText(value: Numeric): string {
  if (value instanceof Decimal) return value.text;
  if (typeof value === "bigint") return integerText(value);
  return Object.is(value, -0) ? "0" : String(value);
}

/** The digits of an integer. But for powers of two the work grows with their square. */
export function integerText(value: bigint, radix = 10): string {
  if (Number.isFinite(Number(value))) return value.toString(radix);
  const words = bitLength(value) / 64;
  pay(words + (radix === 10 ? words * words / 64 : 0));
  return value.toString(radix);
}

/** Pays for work on a large integer; refuses one that is too large. */
function payBits(value: bigint): void {
  if (Number.isFinite(Number(value))) return;
  const bits = bitLength(value);
  if (bits > MAX_BITS) throw limitError(`an integer of more than ${MAX_BITS} bits`);
  pay(bits / 64);
}

/** Equal numbers have equal keys; text stands for what neither type holds. */
export function numberKey(value: Numeric): number | bigint | string {
  if (typeof value === "number" && (Number.isSafeInteger(value) || !Number.isInteger(value))) {
    return value === 0 ? 0 : value;
  }
  const integer = toBigInt(value);
  if (integer !== undefined) return fromBigInt(integer) as number | bigint;
  const { mantissa, exponent } = decimalOf(value);
  const double = toDouble(value);
  const near = decimalOf(double);
  return near.mantissa === mantissa && near.exponent === exponent
    ? double
    : `${mantissa}e${exponent}`;
}

/** Negative, zero or positive. */
export function compareNumbers(a: Numeric, b: Numeric): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (!(a instanceof Decimal) && !(b instanceof Decimal)) return a < b ? -1 : a > b ? 1 : 0;
  const x = ratioOf(a);
  const y = ratioOf(b);
  const left = x.over * y.under;
  const right = y.over * x.under;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The value as a safe integer, `undefined` if it is none. `1.0` is the integer 1. */
export function toSafeInteger(value: Numeric): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
  const integer = toBigInt(value);
  return integer !== undefined && Number.isSafeInteger(Number(integer))
    ? Number(integer)
    : undefined;
}

/** The value as an integer of any size, `undefined` if it has a fraction. */
export function toBigInt(value: Numeric): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && !Number.isInteger(value)) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  const { mantissa, exponent } = decimalOf(value);
  return exponent >= 0 ? mantissa * 10n ** BigInt(exponent) : undefined;
}

/** The nearest double. */
export function toDouble(value: Numeric): number {
  return value instanceof Decimal ? Number(value.text) : Number(value);
}

/** A `bigint` as a number value: `number` if it is safe. Pays for it if it is large. */
export function fromBigInt(value: bigint): Numeric {
  const double = Number(value);
  if (Number.isSafeInteger(double)) return double;
  payBits(value);
  return value;
}

/** A fraction as OPA's arithmetic leaves it: rounded to so many bits. */
function fromRatio(ratio: Ratio, bits = 64, isNegative = false): Numeric {
  if (ratio.over === 0n) return isNegative ? new Decimal("-0") : 0;
  const number = parseNumber(ratioText(ratio, bits));
  if (number === undefined) throw limitError(`a number of more than ${MAX_EXPONENT} digits`);
  return number;
}

/** A number as OPA's arithmetic sees it: 64 bits. */
export function ratio64(value: Numeric): Ratio {
  return roundedTo(ratioOf(value));
}

/** Pays for what two integers make together, at most their product. */
export function payProduct(x: bigint, y: bigint): void {
  if (Number.isFinite(Number(x)) && Number.isFinite(Number(y))) return;
  const [m, n] = [bitLength(x), bitLength(y)];
  if (m + n > MAX_BITS) throw limitError(`an integer of more than ${MAX_BITS} bits`);
  pay((m + n) / 64 + (m / 64) * (n / 64) / 256);
}

function exactly(
  a: Numeric,
  b: Numeric,
  integers: (x: bigint, y: bigint) => bigint,
  ratios: (x: Ratio, y: Ratio) => Ratio,
): Numeric {
  const x = toBigInt(a);
  const y = toBigInt(b);
  if (x !== undefined && y !== undefined) {
    payProduct(x, y);
    return fromBigInt(integers(x, y));
  }
  return fromRatio(ratios(ratio64(a), ratio64(b)));
}

/** `a + b`. */
export function add(a: Numeric, b: Numeric): Numeric {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum) && Number.isSafeInteger(a) && Number.isSafeInteger(b)) return sum;
  }
  return exactly(a, b, (x, y) => x + y, (x, y) => ({
    over: x.over * y.under + y.over * x.under,
    under: x.under * y.under,
  }));
}

/** `a - b`. */
export function subtract(a: Numeric, b: Numeric): Numeric {
  return add(a, negate(b));
}

function negate(value: Numeric): Numeric {
  if (!(value instanceof Decimal)) return -value;
  return new Decimal(value.text.startsWith("-") ? value.text.slice(1) : `-${value.text}`);
}

/** `a * b`. */
export function multiply(a: Numeric, b: Numeric): Numeric {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (Number.isSafeInteger(product) && Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
      return product === 0 ? 0 : product;
    }
  }
  const product = exactly(a, b, (x, y) => x * y, (x, y) => ({
    over: x.over * y.over,
    under: x.under * y.under,
  }));
  const isFraction = toBigInt(a) === undefined || toBigInt(b) === undefined;
  return product === 0 && isFraction && isNegative(a) !== isNegative(b)
    ? new Decimal("-0")
    : product;
}

function isNegative(value: Numeric): boolean {
  return value instanceof Decimal ? value.text.startsWith("-") : value < 0;
}

/** `a / b`; `undefined` for division by zero. */
export function divide(a: Numeric, b: Numeric): Numeric | undefined {
  if (typeof a === "number" && typeof b === "number" && Number.isSafeInteger(a / b)) {
    if (Number.isSafeInteger(a) && Number.isSafeInteger(b) && a !== 0) return a / b;
  }
  const x = ratio64(a);
  const y = ratio64(b);
  if (y.over === 0n) return undefined;
  const sign = y.over < 0n ? -1n : 1n;
  const ratio = { over: sign * x.over * y.under, under: sign * x.under * y.over };
  return fromRatio(ratio, 64, isNegative(a) !== isNegative(b));
}

/** `|a|`. */
export function absolute(a: Numeric): Numeric {
  if (Number.isSafeInteger(a)) return Math.abs(a as number);
  const { over, under } = ratio64(a);
  return fromRatio({ over: over < 0n ? -over : over, under });
}

/** The product, each step rounded to 53 bits if there are fractions: OPA starts from a double. */
export function product(numbers: readonly Numeric[]): Numeric {
  if (numbers.every((number) => toBigInt(number) !== undefined)) return numbers.reduce(multiply, 1);
  const result = numbers.reduce<Ratio>((so, number) => {
    const { over, under } = ratio64(number);
    return roundedTo({ over: so.over * over, under: so.under * under }, 53);
  }, { over: 1n, under: 1n });
  return fromRatio(result, 53, numbers.filter(isNegative).length % 2 === 1);
}

/** The sum; if there are fractions, each step is rounded to 64 bits. */
export function sum(numbers: readonly Numeric[]): Numeric {
  if (numbers.every((number) => toBigInt(number) !== undefined)) return numbers.reduce(add, 0);
  return fromRatio(
    numbers.reduce<Ratio>((so, number) => {
      const { over, under } = ratio64(number);
      return roundedTo({ over: so.over * under + over * so.under, under: so.under * under });
    }, { over: 0n, under: 1n }),
  );
}
