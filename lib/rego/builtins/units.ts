/**
 * Amounts with units: `10Ki`, `1.5GB`.
 *
 * @module
 */

import { type Builtins, failure, textBuiltin } from "../builtin.ts";
import { roundedTo } from "../big_float.ts";
import { limitError } from "../limits.ts";
import { fromBigInt, parseNumber } from "../number.ts";
import { pay } from "../pay.ts";
import type { Value } from "../value.ts";

/** Digits and zeros of an amount. */
const MAX_DIGITS = 4_000;
const LETTERS = "kmgtpe";
// What Go's nearest double to 0.001 is, as a fraction.
const MILLI = [1152921504606847n, 1152921504606846976n] as const;

function splitAmount(text: string): readonly [amount: string, unit: string] {
  if (text.includes(" ")) throw failure("spaces not allowed in resource strings");
  const match = /^((?:[\d.+-]|[eE](?=[\d+-]))*)(.*)$/s.exec(text.replaceAll('"', ""))!;
  const [, amount = "", unit = ""] = match;
  if (amount === "") throw failure("no amount provided");
  return [amount, unit];
}

/** A decimal number as a fraction, as Go reads it. */
function fraction(text: string): readonly [over: bigint, under: bigint] {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const [, sign, whole = "", part = "", exponent = "0"] = match ?? [];
  if (!match || whole + part === "") throw failure("could not parse amount to a number");
  const shift = Number(exponent) - part.length;
  if (Math.abs(shift) > MAX_DIGITS || text.length > MAX_DIGITS) {
    throw limitError(`an amount of more than ${MAX_DIGITS} digits`);
  }
  pay((Math.abs(shift) + text.length) / 8);
  const digits = BigInt(`${sign === "-" ? "-" : ""}${whole}${part}`);
  return shift >= 0 ? [digits * 10n ** BigInt(shift), 1n] : [digits, 10n ** BigInt(-shift)];
}

/** What a unit stands for: `k`, with `i` a power of 1,024. */
function factor(unit: string, pattern: RegExp): bigint {
  const [, letter, binary] = pattern.exec(unit) ?? [];
  if (unit === "") return 1n;
  if (letter === undefined) throw failure(`unit ${unit.slice(0, 20)} not recognized`);
  return (binary ? 1024n : 1000n) ** BigInt(LETTERS.indexOf(letter.toLowerCase()) + 1);
}

/** The fraction with ten decimals, half away from zero. */
function fixed(over: bigint, under: bigint): string {
  const size = over < 0n ? -over : over;
  const scaled = (2n * size * 10n ** 10n + under) / (2n * under);
  const digits = scaled.toString().padStart(11, "0");
  return `${over < 0n ? "-" : ""}${digits.slice(0, -10)}.${digits.slice(-10)}`;
}

/** Kubernetes' units: `m` is a thousandth, `M` a million. */
function parse(text: string): Value {
  const [amount, unit] = splitAmount(text);
  const [over, under] = fraction(amount);
  const [times, by] = unit === "m" ? MILLI : [factor(unit, /^(M|[kmgtpe](?=i)|[kgtpe])(i?)$/i), 1n];
  const [top, bottom] = [over * times, under * by];
  return top % bottom === 0n ? fromBigInt(top / bottom) : parseNumber(fixed(top, bottom))!;
}

function parseBytes(text: string): Value {
  const [amount, unit] = splitAmount(text.toLowerCase());
  const [over, under] = fraction(amount);
  const size = roundedTo({ over, under });
  const by = factor(unit, /^([kmgtpe])(i?)b?$/);
  const total = roundedTo({ over: size.over * by, under: size.under });
  return fromBigInt(total.over / total.under);
}

export const UNITS: Builtins = {
  "units.parse/1": textBuiltin(parse),
  "units.parse_bytes/1": textBuiltin(parseBytes),
};
