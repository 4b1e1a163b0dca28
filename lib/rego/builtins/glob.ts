/**
 * Globs: `*`, `**`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, with delimiters.
 *
 * @module
 */

import {
  arrayAt,
  type BuiltinContext,
  type Builtins,
  failure,
  operandError,
  stringAt,
  textBuiltin,
} from "../builtin.ts";
import { limitError } from "../limits.ts";
import { isString, type Value } from "../value.ts";
import { matchesPattern } from "./regex.ts";

const MAX_PATTERN = 10_000;

function wrong(what: string): never {
  throw failure(`glob: ${what}`);
}

/** Without braces: those are counted as repetitions. */
function literal(character: string): string {
  return /^[^\0-\x7f]|\w$/.test(character)
    ? character
    : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** The characters as a class of a regular expression, or those that it leaves out. */
function classOf(characters: Iterable<string>, isNegated: boolean): string {
  const codes = Array.from(characters, literal);
  return codes.length === 0 ? "." : `[${isNegated ? "^" : ""}${codes.join("")}]`;
}

/** Writes a glob as a regular expression. */
class Translator {
  readonly #pattern: readonly string[];
  readonly #one: string;
  #at = 0;
  #depth = 0;

  constructor(pattern: string, delimiters: ReadonlySet<string>) {
    this.#pattern = [...pattern];
    this.#one = classOf(delimiters, true);
  }

  text(): string {
    let text = "^(?s:";
    while (this.#at < this.#pattern.length) text += this.#next(this.#pattern[this.#at++]!);
    if (this.#depth > 0) wrong("unterminated {");
    return `${text})$`;
  }

  #next(character: string): string {
    switch (character) {
      case "*":
        if (this.#pattern[this.#at] !== "*") return `${this.#one}*`;
        this.#at++;
        return ".*";
      case "?":
        return this.#one;
      case "[":
        return this.#set();
      case "{":
        this.#depth++;
        return "(?:";
      case "\\":
        return classOf([this.#pattern[this.#at++] ?? wrong("trailing backslash")], false);
    }
    if (this.#depth > 0 && character === ",") return "|";
    if (this.#depth === 0 || character !== "}") return classOf([character], false);
    this.#depth--;
    return ")";
  }

  /** `[…]`: one range of two characters, or characters. */
  #set(): string {
    const isNegated = this.#pattern[this.#at] === "!";
    if (isNegated) this.#at++;
    const [low, dash, high, close] = this.#pattern.slice(this.#at, this.#at + 4);
    if (low !== undefined && dash === "-") {
      if (close !== "]") wrong("expected close range character");
      if (high!.codePointAt(0)! < low.codePointAt(0)!) wrong("range hi character is less than lo");
      this.#at += 4;
      return `[${isNegated ? "^" : ""}${literal(low)}-${literal(high!)}]`;
    }
    const characters: string[] = [];
    for (;;) {
      let character = this.#pattern[this.#at++];
      if (character === "]") break;
      if (character === "\\") character = this.#pattern[this.#at++];
      characters.push(character ?? wrong("unterminated ["));
    }
    return characters.length === 0
      ? wrong("could not parse range")
      : classOf(characters, isNegated);
  }
}

function delimitersAt(args: readonly Value[], context: BuiltinContext): ReadonlySet<string> {
  if (args[1] === null) return new Set();
  const items = arrayAt(args, 1);
  context.spend(items.length);
  const given = items.map((item) => {
    if (isString(item) && item.length <= 2 && [...item].length === 1) return item;
    throw operandError(2, "array of single characters", item);
  });
  return new Set(given.length === 0 ? ["."] : given);
}

function match(args: readonly Value[], context: BuiltinContext): Value {
  const pattern = stringAt(args, 0);
  const delimiters = delimitersAt(args, context);
  const text = stringAt(args, 2);
  context.spend(pattern.length);
  if (pattern.length > MAX_PATTERN) {
    throw limitError(`a glob longer than ${MAX_PATTERN} characters`);
  }
  return matchesPattern(new Translator(pattern, delimiters).text(), text, context);
}

export const GLOB: Builtins = {
  "glob.match/3": match,
  "glob.quote_meta/1": textBuiltin((text) => text.replace(/[*?\\[\]{}]/g, "\\$&")),
};
