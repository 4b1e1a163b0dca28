/**
 * Doubles as Go's `strconv` and `fmt` write them.
 *
 * @module
 */

import { type Ratio, rounded, withDigits, withoutZeros } from "../big_float.ts";

/** A double as a mantissa of an integer and a power of two. */
function binary(value: number): { mantissa: number; power: number } {
  let mantissa = value;
  let power = 0;
  for (; !Number.isInteger(mantissa); power--) mantissa *= 2;
  for (; mantissa >= 2 ** 53; power++) mantissa /= 2;
  return { mantissa, power };
}

function ratioOf(value: number): Ratio {
  const { mantissa, power } = binary(value);
  const over = BigInt(mantissa);
  return power < 0
    ? { over, under: 2n ** BigInt(-power) }
    : { over: over << BigInt(power), under: 1n };
}

/** Decimal digits with the point before them: 0.digits × 10^point. */
interface Digits {
  readonly digits: string;
  readonly point: number;
}

/** So many digits of the value itself, or the fewest that read back as the same double. */
function digitsOf(value: number, count: number | undefined): Digits {
  if (value === 0) return { digits: "0".repeat(count ?? 1), point: 1 };
  if (count === undefined) {
    const [mantissa, exponent] = value.toExponential().split("e");
    return { digits: mantissa!.replace(".", ""), point: Number(exponent) + 1 };
  }
  const { digits, exponent } = withDigits(ratioOf(value), count);
  return { digits: String(digits), point: count + exponent };
}

function exponentText(exponent: number, letter: string): string {
  const sign = exponent < 0 ? "-" : "+";
  return `${letter}${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function scientific({ digits, point }: Digits, letter: string): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return digits[0] + fraction + exponentText(/[1-9]/.test(digits) ? point - 1 : 0, letter);
}

function plain({ digits, point }: Digits): string {
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return digits.padEnd(point, "0");
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

function fixed(value: number, precision: number): string {
  const { over, under } = ratioOf(value);
  const digits = String(rounded(over * 10n ** BigInt(precision), under));
  const padded = digits.padStart(precision + 1, "0");
  const at = padded.length - precision;
  return precision === 0 ? digits : `${padded.slice(0, at)}.${padded.slice(at)}`;
}

function general(value: number, precision: number | undefined, letter: string): string {
  const count = precision === undefined ? undefined : Math.max(1, precision);
  const { digits, point } = digitsOf(value, count);
  const short = { digits: withoutZeros(digits) || "0", point };
  return point - 1 < -4 || point - 1 >= (count ?? 6) ? scientific(short, letter) : plain(short);
}

/** `0x1.8p+00`. */
function hexadecimal(value: number, precision: number | undefined): string {
  let exponent = 0;
  let mantissa = value;
  if (value !== 0) {
    for (; mantissa >= 2; exponent++) mantissa /= 2;
    for (; mantissa < 1; exponent--) mantissa *= 2;
  }
  const { over, under } = ratioOf(mantissa);
  const places = precision ?? 13;
  let digits = rounded(over << BigInt(4 * places), under);
  if (digits >> BigInt(4 * places) === 2n) {
    digits >>= 1n;
    exponent++;
  }
  let text = digits.toString(16).padStart(places + 1, "0");
  if (precision === undefined) text = text[0] + withoutZeros(text.slice(1));
  const fraction = text.length > 1 ? `.${text.slice(1)}` : "";
  return `0x${text[0]}${fraction}${exponentText(exponent, "p")}`;
}

/** Flag `#`: always a point, and all digits of `%g`. */
function sharpened(text: string, verb: string, precision: number | undefined): string {
  const [, mantissa = "", tail = ""] = (/x/i.test(verb) ? /^(.*?)(p.*)?$/i : /^(.*?)(e.*)?$/i)
    .exec(text)!;
  const isPointed = mantissa.includes(".");
  const shown = mantissa.replace(".", "").replace(/^0+/, "").length;
  const wanted = /[vgGx]/.test(verb) ? precision ?? 6 : 0;
  const missing = wanted - shown - (mantissa === "0" ? 1 : 0);
  return mantissa + (isPointed ? "" : ".") + "0".repeat(Math.max(0, missing)) + tail;
}

function textOf(value: number, verb: string, precision: number | undefined): string | undefined {
  switch (verb) {
    case "e":
    case "E":
      return scientific(digitsOf(value, (precision ?? 6) + 1), verb);
    case "f":
    case "F":
      return fixed(value, precision ?? 6);
    case "v":
    case "g":
      return general(value, precision, "e");
    case "G":
      return general(value, precision, "E");
    case "x":
      return hexadecimal(value, precision);
    case "X":
      return hexadecimal(value, precision).toUpperCase();
    case "b":
      return binaryText(value);
  }
  return undefined;
}

/** `4503599627370496p-52`: 53 bits, but for the smallest doubles. */
function binaryText(value: number): string {
  const { mantissa, power } = binary(value);
  let digits = BigInt(mantissa);
  let exponent = value === 0 ? -1074 : power;
  for (; digits !== 0n && digits < 2n ** 52n && exponent > -1074; exponent--) digits *= 2n;
  return `${digits}p${exponent < 0 ? "" : "+"}${exponent}`;
}

/** A double that is not negative under one of Go's verbs; `undefined` for those it has not. */
export function floatText(
  value: number,
  verb: string,
  precision: number | undefined,
  sharp: boolean,
): string | undefined {
  const text = textOf(value, verb, precision);
  return sharp && text !== undefined && verb !== "b" ? sharpened(text, verb, precision) : text;
}
