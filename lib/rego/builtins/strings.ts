/**
 * Strings. Positions count code points.
 *
 * @module
 */

import {
  type BuiltinContext,
  type Builtins,
  failure,
  integerAt,
  itemsAt,
  objectAt,
  operandError,
  stringAt,
  textBuiltin as one,
  textsBuiltin as two,
} from "../builtin.ts";
import { isArray, isSet, isString, objectEntries, type Value } from "../value.ts";
import { bytesOf, textOf } from "./octets.ts";

/** As many characters as `text` has, without making a list of them. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

function pay(context: BuiltinContext, ...texts: readonly string[]): void {
  context.spend(texts.reduce((sum, text) => sum + text.length, 0) / 16);
}

function isList(value: Value): boolean {
  return isArray(value) || isSet(value);
}

/** Characters that are compared for nothing. */
const FREE_TEXT = 64;

/** Whether `search` stands at a place; a long one is paid for where it begins as it should. */
function standsAt(text: string, search: string, at: number, context: BuiltinContext): boolean {
  if (search.length > FREE_TEXT) {
    if (!text.startsWith(search.slice(0, FREE_TEXT), at)) return false;
    context.spend(search.length / 64);
  }
  return text.startsWith(search, at);
}

/** The strings of an array or a set, or a string. */
function stringsAt(
  args: readonly Value[],
  position: number,
  context: BuiltinContext,
): readonly string[] {
  const value = args[position]!;
  const items = isString(value) ? [value] : isList(value) ? itemsAt(args, position) : null;
  if (!items) throw operandError(position + 1, "one of {string, set, array}", value);
  context.spend(items.length / 4);
  return items.map((item) => {
    if (isString(item)) return item;
    throw operandError(position + 1, "collection of strings", item);
  });
}

function concat(args: readonly Value[], context: BuiltinContext): Value {
  const delimiter = stringAt(args, 0);
  if (!isList(args[1]!)) throw operandError(2, "one of {set, array}", args[1]!);
  const items = stringsAt(args, 1, context);
  const size = items.reduce((sum, item) => sum + item.length + delimiter.length, 0);
  context.spend(items.length + size / 16);
  return items.join(delimiter);
}

/** The place in code points of a place in UTF-16 units. */
function codePointsBefore(text: string, at: number): number {
  return at < 0 ? -1 : lengthOf(text.slice(0, at));
}

/** The place in UTF-16 units of the character that stands `count` characters behind a place. */
function placeAfter(text: string, from: number, count: number): number {
  let at = from;
  for (let i = 0; i < count && at < text.length; i++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return at;
}

function indexOf(text: string, search: string): number {
  if (search === "") throw failure("empty search character");
  return codePointsBefore(text, text.indexOf(search));
}

function allIndexes(text: string, search: string, context: BuiltinContext): Value {
  if (search === "") throw failure("empty search character");
  const found: number[] = [];
  let counted = 0;
  let from = 0;
  // Occurrences may overlap: the next is looked for one character later.
  for (let at = text.indexOf(search); at >= 0;) {
    context.spend(1 + search.length / 64);
    counted += lengthOf(text.slice(from, at));
    from = at;
    found.push(counted);
    const step = text.codePointAt(at)! > 0xffff ? 2 : 1;
    at = text.indexOf(search, at + step);
  }
  return found;
}

function substring(args: readonly Value[], context: BuiltinContext): Value {
  const text = stringAt(args, 0);
  const start = integerAt(args, 1);
  const length = integerAt(args, 2);
  pay(context, text);
  if (start < 0) throw failure("negative offset");
  const from = placeAfter(text, 0, start);
  return text.slice(from, length < 0 ? text.length : placeAfter(text, from, length));
}

/** Bytes as characters: "" lies between bytes, as Go looks for it. */
function octetsOf(text: string): string {
  return Array.from(bytesOf(text), (octet) => String.fromCharCode(octet)).join("");
}

/** Several replacements at once: at each place the first pattern that fits; "" fits first. */
function replaceAll(
  text: string,
  pairs: readonly (readonly [string, string])[],
  context: BuiltinContext,
): string {
  if (pairs.some(([old]) => old === "")) {
    const octets = pairs.map(([old, by]) => [octetsOf(old), octetsOf(by)] as const);
    const replaced = replacedIn(octetsOf(text), octets, context);
    return textOf(Uint8Array.from(replaced, (octet) => octet.charCodeAt(0)));
  }
  return replacedIn(text, pairs, context);
}

function replacedIn(
  text: string,
  pairs: readonly (readonly [string, string])[],
  context: BuiltinContext,
): string {
  let result = "";
  let wasEmpty = false;
  for (let at = 0; at <= text.length;) {
    context.spend(1 + pairs.length / 4);
    const pair = pairs.find(([old]) =>
      !(wasEmpty && old === "") && standsAt(text, old, at, context)
    );
    wasEmpty = pair?.[0] === "";
    if (pair) {
      context.spend(pair[1].length / 16);
      result += pair[1];
      at += pair[0].length;
    } else result += text[at++] ?? "";
  }
  return result;
}

function replace(args: readonly Value[], context: BuiltinContext): Value {
  const [text, old, by] = [stringAt(args, 0), stringAt(args, 1), stringAt(args, 2)];
  if (old === "") return replaceAll(text, [[old, by]], context);
  const parts = text.split(old);
  context.spend(parts.length * (1 + by.length / 16) + text.length / 16);
  return parts.join(by);
}

function replaceN(args: readonly Value[], context: BuiltinContext): Value {
  const pairs = objectEntries(objectAt(args, 0)).map(([old, by]) => {
    if (isString(old) && isString(by)) return [old, by] as const;
    throw operandError(1, "object with string keys and string values", isString(old) ? by : old);
  });
  return replaceAll(stringAt(args, 1), pairs, context);
}

/** How often one text stands in another, none over another. */
function occurrences(text: string, search: string, context: BuiltinContext): number {
  let found = 0;
  for (let at = text.indexOf(search); at >= 0; at = text.indexOf(search, at + search.length)) {
    context.spend(1 / 16);
    found++;
  }
  return found;
}

function split(text: string, delimiter: string, context: BuiltinContext): Value {
  context.spend(delimiter === "" ? text.length : occurrences(text, delimiter, context));
  if (text === "") return delimiter === "" ? [] : [""];
  return delimiter === "" ? [...text] : text.split(delimiter);
}

/** The first `count` parts; negative: the last. */
function splitN(args: readonly Value[], context: BuiltinContext): Value {
  const text = stringAt(args, 0);
  const delimiter = stringAt(args, 1);
  const count = integerAt(args, 2);
  pay(context, text);
  const parts = split(text, delimiter, context) as readonly string[];
  return count < 0 ? parts.slice(count) : parts.slice(0, count);
}

function trimBy(isCut: (character: string) => boolean, sides: "both" | "left" | "right") {
  return (text: string): string => {
    const characters = [...text];
    let start = 0;
    let end = characters.length;
    if (sides !== "right") { while (start < end && isCut(characters[start]!)) start++; }
    if (sides !== "left") { while (end > start && isCut(characters[end - 1]!)) end--; }
    return characters.slice(start, end).join("");
  };
}

function trim(sides: "both" | "left" | "right"): Builtins[string] {
  return two((text, cutset) => {
    const cut = new Set(cutset);
    return trimBy((character) => cut.has(character), sides)(text);
  });
}

/** Go's unicode.IsSpace. */
const SPACE = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

function anyAffix(placeOf: (text: string, affix: string) => number): Builtins[string] {
  return (args, context) => {
    const texts = stringsAt(args, 0, context);
    const affixes = stringsAt(args, 1, context);
    context.spend(texts.length * affixes.length);
    const fits = (text: string, affix: string) =>
      affix.length <= text.length && standsAt(text, affix, placeOf(text, affix), context);
    return texts.some((text) => affixes.some((affix) => fits(text, affix)));
  };
}

/** Go maps one character to one: those that JavaScript maps to several stay. */
function mapCase(toCase: (text: string) => string): Builtins[string] {
  return one((text) => {
    const mapped = toCase(text);
    if (/^[\x20-\x7e]*$/.test(text)) return mapped;
    return [...text].map((character) => {
      const other = toCase(character);
      return lengthOf(other) === 1 ? other : SIMPLE[other] ?? character;
    }).join("");
  });
}

/** The exception of lower case: "İ" becomes "i" and a dot, in Go "i" alone. */
const SIMPLE: Readonly<Record<string, string>> = { "i\u0307": "i" };

function count(text: string, search: string, context: BuiltinContext): number {
  return search === "" ? lengthOf(text) + 1 : occurrences(text, search, context);
}

export const STRINGS: Builtins = {
  "concat/2": concat,
  "contains/2": two((text, search) => text.includes(search)),
  "endswith/2": two((text, affix) => text.endsWith(affix)),
  "indexof/2": two(indexOf),
  "indexof_n/2": two(allIndexes),
  "lower/1": mapCase((text) => text.toLowerCase()),
  "replace/3": replace,
  "split/2": two(split),
  "startswith/2": two((text, affix) => text.startsWith(affix)),
  "strings.any_prefix_match/2": anyAffix(() => 0),
  "strings.any_suffix_match/2": anyAffix((text, affix) => text.length - affix.length),
  "strings.count/2": two(count),
  "strings.replace_n/2": replaceN,
  "strings.reverse/1": one((text) => [...text].reverse().join("")),
  "strings.split_n/3": splitN,
  "substring/3": substring,
  "trim/2": trim("both"),
  "trim_left/2": trim("left"),
  "trim_prefix/2": two((text, affix) => text.startsWith(affix) ? text.slice(affix.length) : text),
  "trim_right/2": trim("right"),
  "trim_space/1": one(trimBy((character) => SPACE.test(character), "both")),
  "trim_suffix/2": two((text, affix) =>
    text.endsWith(affix) ? text.slice(0, text.length - affix.length) : text
  ),
  "upper/1": mapCase((text) => text.toUpperCase()),
};
