/**
 * Strict JSON text (SPEC 2.1): RFC 8259 with no duplicate keys, no lone
 * surrogates, and limits that hold before anything is allocated.
 *
 * Two readers with one verdict. {@linkcode scanJson} measures a text at the
 * speed of `indexOf`, so that the runtime's own `JSON.parse` can do the work;
 * {@linkcode parseJsonStrictly} reads character by character, knows every path
 * and keeps number literals, and is used where the first finds a problem and
 * for Python's JSON, whose numbers must not be rewritten.
 *
 * @module
 */

import { isWellFormed } from "./canonical.ts";
import type { Issue, ParseCode } from "../base/errors.ts";
import { ParseError } from "../base/errors.ts";
import { jsonPointer } from "./encoding.ts";

/** What {@linkcode scanJson} measures. */
export interface JsonShape {
  /** Object members in the text, duplicates counted. */
  readonly members: number;
  /** The deepest nesting of arrays and objects. */
  readonly depth: number;
  /** UTF-16 units of the longest string literal. */
  readonly longest: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The index of the quote that ends a string literal, or -1. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start);
  while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH) {
    let slashes = 1;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) break;
    end = text.indexOf('"', end + 1);
  }
  return end;
}

/**
 * Measures JSON text without building anything. Says nothing about whether the
 * text is valid: `JSON.parse` does that.
 */
export function scanJson(text: string): JsonShape {
  let members = 0;
  let depth = 0;
  let deepest = 0;
  let longest = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        const end = endOfString(text, i + 1);
        if (end < 0) return { members, depth: deepest, longest: text.length - i };
        if (end - i - 1 > longest) longest = end - i - 1;
        i = end;
        break;
      }
      case 0x3a: // :
        members++;
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > deepest) deepest = depth;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
    }
  }
  return { members, depth: deepest, longest };
}

/** A number as it was written, for callers that must not lose its literal. */
export class JsonNumber {
  /** The literal, as RFC 8259 allows it. */
  readonly literal: string;

  constructor(literal: string) {
    this.literal = literal;
  }
}

/** Limits and choices of {@linkcode parseJsonStrictly}. */
export interface StrictJsonOptions {
  /** What the text is, for messages: `The passport`. */
  readonly what: string;
  /** Allowed nesting of arrays and objects. */
  readonly depth: number;
  /** UTF-16 units allowed in one string. */
  readonly stringLength: number;
  /** Keep numbers as {@linkcode JsonNumber}. */
  readonly keepNumbers?: boolean;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;

class StrictReader {
  readonly #text: string;
  readonly #options: StrictJsonOptions;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string, options: StrictJsonOptions) {
    this.#text = text;
    this.#options = options;
  }

  read(): unknown {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#unexpected("the end of the text");
    return value;
  }

  #fail(code: ParseCode, message: string): never {
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    const column = this.#at - before.lastIndexOf("\n");
    const issue: Issue = {
      code,
      path: jsonPointer(this.#path),
      message: `${message} (line ${line}, column ${column})`,
    };
    throw new ParseError(this.#options.what, [issue]);
  }

  #unexpected(expected: string): never {
    const found = this.#at < this.#text.length
      ? JSON.stringify(this.#text[this.#at])
      : "the end of the text";
    this.#fail("JSON", `Expected ${expected}, found ${found}`);
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #value(): unknown {
    this.#space();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #nested<T>(read: () => T): T {
    if (this.#path.length >= this.#options.depth) {
      this.#fail("LIMIT", `Nested deeper than ${this.#options.depth} levels`);
    }
    return read();
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#unexpected("a JSON value");
    this.#at += word.length;
    return value;
  }

  #number(): number | JsonNumber {
    NUMBER.lastIndex = this.#at;
    const literal = NUMBER.exec(this.#text)?.[0];
    if (literal === undefined) this.#unexpected("a JSON value");
    this.#at += literal.length;
    if (this.#options.keepNumbers) return new JsonNumber(literal);
    const value = Number(literal);
    if (!Number.isFinite(value)) this.#fail("JSON", `Number out of range: ${literal}`);
    return value;
  }

  #string(): string {
    const end = endOfString(this.#text, this.#at + 1);
    if (end < 0) this.#fail("JSON", "Expected the end of this string");
    if (end - this.#at - 1 > this.#options.stringLength) {
      this.#fail("LIMIT", `String longer than ${this.#options.stringLength} characters`);
    }
    let value: string;
    try {
      value = JSON.parse(this.#text.slice(this.#at, end + 1));
    } catch {
      this.#fail("JSON", "Expected a string without control characters or unknown escapes");
    }
    if (!isWellFormed(value)) this.#fail("UTF8", "String holds a lone surrogate");
    this.#at = end + 1;
    return value;
  }

  #array(): unknown[] {
    const items: unknown[] = [];
    this.#at++;
    this.#space();
    if (this.#take("]")) return items;
    do {
      this.#path.push(items.length);
      items.push(this.#value());
      this.#path.pop();
      this.#space();
    } while (this.#take(","));
    if (!this.#take("]")) this.#unexpected('"," or "]"');
    return items;
  }

  #object(): Record<string, unknown> {
    const members: Record<string, unknown> = Object.create(null);
    this.#at++;
    this.#space();
    if (this.#take("}")) return members;
    do {
      this.#member(members);
      this.#space();
    } while (this.#take(","));
    if (!this.#take("}")) this.#unexpected('"," or "}"');
    return members;
  }

  #member(members: Record<string, unknown>): void {
    this.#space();
    if (this.#text.charCodeAt(this.#at) !== QUOTE) this.#unexpected("a member name");
    const name = this.#string();
    this.#path.push(name);
    if (Object.hasOwn(members, name)) {
      this.#fail("JSON_DUP", `Member name used twice: ${JSON.stringify(name)}`);
    }
    this.#space();
    if (!this.#take(":")) this.#unexpected('":"');
    members[name] = this.#value();
    this.#path.pop();
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

/**
 * Reads JSON text, refusing what SPEC 2.1 refuses. Objects have no prototype,
 * so a member named `__proto__` is a member like any other.
 *
 * @throws {ParseError} with one issue: `JSON`, `JSON_DUP`, `UTF8` or `LIMIT`.
 */
export function parseJsonStrictly(text: string, options: StrictJsonOptions): unknown {
  return new StrictReader(text, options).read();
}
