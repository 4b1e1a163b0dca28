/**
 * Rounding as Go's `big.Float` does it: to a mantissa of 64 bits, or fewer.
 *
 * @module
 */

import { limitError } from "./limits.ts";
import { pay } from "./pay.ts";

/** Powers of two beyond this are refused: they would cost too much. */
const MAX_POWER = 400_000;
/** Fractions of more bits than these are paid for. */
const FREE_BITS = 2_048;

/** A fraction; `under` is positive. */
export interface Ratio {
  readonly over: bigint;
  readonly under: bigint;
}

/** Text without the zeros at its end. A regular expression would look at each run of zeros often. */
export function withoutZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end--;
  return digits.slice(0, end);
}

/** The bits of an integer's magnitude. */
export function bitLength(value: bigint): number {
  if (value === 0n) return 0;
  const hex = (value < 0n ? -value : value).toString(16);
  return 4 * hex.length - Math.clz32(parseInt(hex[0]!, 16)) + 28;
}

/** `over / under` to the nearest integer, half to even. */
export function rounded(over: bigint, under: bigint): bigint {
  const whole = over / under;
  const twice = (over % under) * 2n;
  return twice > under || (twice === under && whole % 2n === 1n) ? whole + 1n : whole;
}

/** The mantissa of so many bits and the power of two that stand for a positive fraction. */
function binary(
  { over, under }: Ratio,
  size: number,
): { readonly mantissa: bigint; readonly power: number } {
  const [top, bottom] = [bitLength(over), bitLength(under)];
  if (top + bottom > FREE_BITS) pay((top + bottom) / 64);
  let power = top - bottom - size;
  if (Math.abs(power) > MAX_POWER) throw limitError("a number with too large an exponent");
  for (;;) {
    const mantissa = power >= 0
      ? rounded(over, under << BigInt(power))
      : rounded(over << BigInt(-power), under);
    const bits = bitLength(mantissa);
    // One bit too many is either a bad guess or the carry of rounding up.
    if (bits === size || mantissa === 0n) return { mantissa, power };
    power += bits > size ? 1 : -1;
  }
}

function ofBinary(mantissa: bigint, power: number): Ratio {
  return power >= 0
    ? { over: mantissa << BigInt(power), under: 1n }
    : { over: mantissa, under: 1n << BigInt(-power) };
}

function magnitude(ratio: Ratio): Ratio {
  return ratio.over < 0n ? { over: -ratio.over, under: ratio.under } : ratio;
}

/** The fraction rounded to so many bits. */
export function roundedTo(ratio: Ratio, bits = 64): Ratio {
  if (ratio.over === 0n) return ratio;
  const { mantissa, power } = binary(magnitude(ratio), bits);
  const { over, under } = ofBinary(mantissa, power);
  return { over: ratio.over < 0n ? -over : over, under };
}

/** The fewest digits that lie nearer to the rounded fraction than to its neighbours. */
export function ratioText(ratio: Ratio, bits = 64): string {
  const sign = ratio.over < 0n ? "-" : "";
  const { mantissa, power } = binary(magnitude(ratio), bits);
  const value = ofBinary(mantissa, power);
  if (Math.abs(power) > FREE_BITS) pay(Math.abs(power) / 4);
  const half = ofBinary(1n, power - 1);
  for (let digits = 1;; digits++) {
    const found = withDigits(value, digits);
    if (isWithin(found, value, half, mantissa % 2n === 0n)) {
      return sign + textOf(found, value.over % value.under === 0n);
    }
  }
}

/** `digits` × 10^`exponent`. */
export interface Scientific {
  readonly digits: bigint;
  readonly exponent: number;
}

/** The value to so many decimal digits: `digits` × 10^`exponent`. */
export function withDigits({ over, under }: Ratio, count: number): Scientific {
  const tens = (value: bigint) => Math.ceil(bitLength(value) * Math.log10(2));
  let exponent = tens(over) - tens(under) - count;
  for (;;) {
    const digits = exponent >= 0
      ? rounded(over, under * 10n ** BigInt(exponent))
      : rounded(over * 10n ** BigInt(-exponent), under);
    const length = String(digits).length;
    if (length === count) return { digits, exponent };
    exponent += length > count ? 1 : -1;
  }
}

/** Whether the digits lie within `half` of the value; just as far is enough if it is even. */
function isWithin(
  { digits, exponent }: Scientific,
  value: Ratio,
  half: Ratio,
  isEven: boolean,
): boolean {
  const scale = 10n ** BigInt(Math.abs(exponent));
  const found: Ratio = exponent >= 0
    ? { over: digits * scale, under: 1n }
    : { over: digits, under: scale };
  const difference = found.over * value.under - value.over * found.under;
  const distance = difference < 0n ? -difference : difference;
  const excess = distance * half.under - half.over * found.under * value.under;
  return isEven ? excess <= 0n : excess < 0n;
}

/** As Go's `%f` for integers, else `%g`: with an exponent below 1e-4 and from 1e6 on. */
function textOf({ digits, exponent }: Scientific, isInteger: boolean): string {
  const text = withoutZeros(String(digits));
  const point = String(digits).length + exponent;
  if (!isInteger && (point - 1 < -4 || point - 1 >= 6)) {
    const rest = text.length > 1 ? `.${text.slice(1)}` : "";
    const power = point - 1;
    const padded = String(Math.abs(power)).padStart(2, "0");
    return `${text[0]}${rest}e${power < 0 ? "-" : "+"}${padded}`;
  }
  if (point <= 0) return `0.${"0".repeat(-point)}${text}`;
  return text.length <= point
    ? text.padEnd(point, "0")
    : `${text.slice(0, point)}.${text.slice(point)}`;
}
