/**
 * Semantic versions.
 *
 * @module
 */

import { type Builtins, failure, stringAt } from "../builtin.ts";
import { limitError } from "../limits.ts";
import { compareStrings, isString } from "../value.ts";

interface Version {
  readonly numbers: readonly bigint[];
  readonly pre: readonly string[];
}

const NUMBER = "(0|[1-9]\\d*)";
const IDENTIFIERS = "([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)";
const VERSION = new RegExp(
  `^v?${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${IDENTIFIERS})?(?:\\+${IDENTIFIERS})?$`,
);

const MAX_LENGTH = 1_000;

function parse(text: string): Version | undefined {
  if (text.length > MAX_LENGTH) {
    throw limitError(`a semantic version longer than ${MAX_LENGTH} characters`);
  }
  const [, major, minor, patch, pre = ""] = VERSION.exec(text) ?? [];
  const numbers = major === undefined ? [] : [major, minor!, patch!].map(BigInt);
  const isBad = numbers.length === 0 || numbers.some((part) => part >= 2n ** 63n) ||
    /(?:^|\.)0\d+(?:\.|$)/.test(pre);
  return isBad ? undefined : { numbers, pre: pre === "" ? [] : pre.split(".") };
}

function versionAt(args: Parameters<Builtins[string]>[0], index: number): Version {
  const version = parse(stringAt(args, index));
  if (!version) throw failure(`operand ${index + 1}: not a semantic version`);
  return version;
}

function comparePart(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return compareStrings(a, b);
}

function comparePre(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Math.sign(b.length) - Math.sign(a.length);
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = comparePart(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < 3; i++) {
    const [x, y] = [a.numbers[i]!, b.numbers[i]!];
    if (x !== y) return x < y ? -1 : 1;
  }
  return comparePre(a.pre, b.pre);
}

export const SEMVER: Builtins = {
  "semver.compare/2": (args) => Math.sign(compareVersions(versionAt(args, 0), versionAt(args, 1))),
  "semver.is_valid/1": ([text]) => isString(text) && parse(text) !== undefined,
};
