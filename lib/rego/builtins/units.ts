/**
 * Amounts with units: `10Ki`, `1.5GB`.
 *
 * @module
 */

import { type Builtins, failure, stringAt } from "../builtin.ts";
import { roundedTo } from "../big_float.ts";
import { fromBigInt, parseNumber } from "../number.ts";
import type { Value } from "../value.ts";

const LETTERS = "kmgtpe";
// What Go's nearest double to 0.001 is, as a fraction.
const MILLI = [1152921504606847n, 1152921504606846976n] as const;

function splitAmount(text: string): readonly [amount: string, unit: string] {
  if (text.includes(" ")) throw failure("spaces not allowed in resource strings");
  const match = /^((?:[\d.+-]|[eE](?=[\d+-]))*)(.*)$/s.exec(text)!;
  const [, amount = "", unit = ""] = match;
  if (/[eE][+-]?\d{7}/.test(amount)) throw failure("exponent too large");
  if (amount === "") throw failure("no amount provided");
  return [amount, unit];
}

/** A decimal number as a fraction, as Go reads it. */
function fraction(text: string): readonly [over: bigint, under: bigint] {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const [, sign, whole = "", part = "", exponent = "0"] = match ?? [];
  if (!match || whole + part === "") throw failure("could not parse amount to a number");
  const shift = Number(exponent) - part.length;
  if (Math.abs(shift) > 10_000) throw failure("exponent too large");
  const digits = BigInt(`${sign === "-" ? "-" : ""}${whole}${part}`);
  return shift >= 0 ? [digits * 10n ** BigInt(shift), 1n] : [digits, 10n ** BigInt(-shift)];
}

function power(base: bigint, letter: string): bigint | undefined {
  const index = LETTERS.indexOf(letter);
  return index < 0 ? undefined : base ** BigInt(index + 1);
}

/** Kubernetes' units: `m` is a thousandth, `M` a million. */
function factor(unit: string): readonly [bigint, bigint] {
  const name = unit.slice(0, 1) + unit.slice(1).toLowerCase();
  if (name === "") return [1n, 1n];
  if (name === "m") return MILLI;
  const lower = name.toLowerCase();
  const by = lower.length === 1
    ? power(1000n, lower)
    : lower.length === 2 && lower[1] === "i"
    ? power(1024n, lower[0]!)
    : undefined;
  if (by === undefined) throw failure(`unit ${unit.slice(0, 20)} not recognized`);
  return [by, 1n];
}

/** The fraction with ten decimals, half away from zero. */
function fixed(over: bigint, under: bigint): string {
  const size = over < 0n ? -over : over;
  const scaled = (2n * size * 10n ** 10n + under) / (2n * under);
  const digits = scaled.toString().padStart(11, "0");
  return `${over < 0n ? "-" : ""}${digits.slice(0, -10)}.${digits.slice(-10)}`;
}

function parse(text: string): Value {
  const [amount, unit] = splitAmount(text.replaceAll('"', ""));
  const [over, under] = fraction(amount);
  const [times, by] = factor(unit);
  const [top, bottom] = [over * times, under * by];
  return top % bottom === 0n ? fromBigInt(top / bottom) : parseNumber(fixed(top, bottom))!;
}

function parseBytes(text: string): Value {
  const [amount, unit] = splitAmount(text.toLowerCase().replaceAll('"', ""));
  const [over, under] = fraction(amount);
  const size = roundedTo({ over, under });
  const match = /^([kmgtpe])(i?)b?$/.exec(unit);
  const by = unit === "" ? 1n : match && power(match[2] === "i" ? 1024n : 1000n, match[1]!);
  if (!by) throw failure(`byte unit ${unit.slice(0, 20)} not recognized`);
  const total = roundedTo({ over: size.over * by, under: size.under });
  return fromBigInt(total.over / total.under);
}

export const UNITS: Builtins = {
  "units.parse": (args) => parse(stringAt(args, 0)),
  "units.parse_bytes": (args) => parseBytes(stringAt(args, 0)),
};
