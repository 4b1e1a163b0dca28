/**
 * JSON text as Go writes and reads it.
 *
 * @module
 */

import { scanJson } from "../bytes/json_text.ts";
import { BuiltinError } from "./errors.ts";
import { limitError, rethrowOverflow } from "./limits.ts";
import { numberText, type Numeric, parseNumber } from "./number.ts";
import { isNumber, objectEntries, RegoObject, RegoSet, type Value } from "./value.ts";

/** Nesting that {@linkcode parseJsonText} accepts. */
const MAX_JSON_DEPTH = 500;
/** Nesting that Go accepts. */
const MAX_GO_DEPTH = 10_000;

/** How text is laid out on lines. */
export interface JsonLayout {
  /** What each line begins with. */
  readonly prefix: string;
  /** What stands for one level. */
  readonly indent: string;
}

const SPECIAL = /[<>&\u2028\u2029]|\\(?:[^u]|ud[89a-f]..)/g;

/** Halves of surrogate pairs stand for bytes that are no UTF-8. */
function escaped(character: string): string {
  if (character[0] === "\\") return character[1] === "u" ? "\\ufffd" : character;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A string literal as Go writes it. */
function jsonString(text: string): string {
  return JSON.stringify(text).replace(SPECIAL, escaped);
}

class Writer {
  readonly #spend: (units: number) => void;
  readonly #layout: JsonLayout | undefined;

  constructor(spend: (units: number) => void, layout: JsonLayout | undefined) {
    this.#spend = spend;
    this.#layout = layout;
  }

  text(value: Value, depth: number): string {
    if (typeof value === "string") {
      this.#spend(1 + value.length / 16);
      return jsonString(value);
    }
    this.#spend(1);
    if (isNumber(value)) return numberText(value);
    if (typeof value !== "object" || value === null) return String(value);
    if (value instanceof RegoSet) return this.#list(value.sorted(), depth);
    return Array.isArray(value)
      ? this.#list(value, depth)
      : this.#object(objectEntries(value as RegoObject), depth);
  }

  #list(items: readonly Value[], depth: number): string {
    return this.#block("[", items.map((item) => this.text(item, depth + 1)), "]", depth);
  }

  #object(entries: readonly (readonly [Value, Value])[], depth: number): string {
    const colon = this.#layout ? ": " : ":";
    let members = entries;
    if (entries.some(([key]) => typeof key !== "string")) {
      members = new RegoObject(entries.map(([key, value]) => [this.#key(key), value])).sorted();
    }
    const parts = members.map(([key, value]) =>
      jsonString(key as string) + colon + this.text(value, depth + 1)
    );
    return this.#block("{", parts, "}", depth);
  }

  #key(key: Value): string {
    return typeof key === "string" ? key : new Writer(this.#spend, undefined).text(key, 0);
  }

  #block(open: string, parts: readonly string[], close: string, depth: number): string {
    if (!this.#layout || parts.length === 0) return open + parts.join(",") + close;
    const { prefix, indent } = this.#layout;
    this.#spend(parts.length * (1 + (prefix.length + indent.length * (depth + 1)) / 16));
    const line = `\n${prefix}${indent.repeat(depth)}`;
    return `${open}${line}${indent}${parts.join(`,${line}${indent}`)}${line}${close}`;
  }
}

/**
 * The value as JSON: sets are sorted arrays, a key that is no string is its JSON
 * text. A value may hold another many times over, so that its text is much larger
 * than it is: `spend` pays for the text while it grows.
 */
export function jsonText(
  value: Value,
  spend: (units: number) => void = () => {},
  layout?: JsonLayout,
): string {
  return new Writer(spend, layout).text(value, 0);
}

const TOKEN =
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|$)/y;
const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
const HALF = /\\u[dD][89a-fA-F]/;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function invalid(what: string): BuiltinError {
  return new BuiltinError("eval_builtin_error", `invalid JSON: ${what}`);
}

/** One token: punctuation and words as they are, "" at the end. */
interface Token {
  readonly mark: string;
  readonly value?: Value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Value {
    const value = this.#value(this.#next(), 0);
    if (this.#next().mark !== "") throw invalid("text after the value");
    return value;
  }

  #next(): Token {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (!match) throw invalid(`unexpected character at ${this.#at}`);
    this.#at = TOKEN.lastIndex;
    const [, mark, string, number, word] = match;
    if (string !== undefined) return { mark: '"', value: stringOf(string) };
    if (number !== undefined) return { mark: "#", value: numberOf(number) };
    if (word !== undefined) return { mark: "#", value: WORDS.get(word)! };
    return { mark: mark ?? "" };
  }

  #value(token: Token, depth: number): Value {
    if (token.value !== undefined) return token.value;
    if (depth >= MAX_JSON_DEPTH) throw this.#tooDeep();
    if (token.mark === "[") return this.#array(depth + 1);
    if (token.mark === "{") return this.#object(depth + 1);
    throw invalid(token.mark === "" ? "unexpected end" : `unexpected ${token.mark}`);
  }

  #tooDeep(): Error {
    return scanJson(this.#text).depth > MAX_GO_DEPTH
      ? invalid("nested too deeply")
      : limitError(`JSON nested deeper than ${MAX_JSON_DEPTH} levels`);
  }

  #array(depth: number): Value {
    const items: Value[] = [];
    let token = this.#next();
    if (token.mark === "]") return items;
    for (;;) {
      items.push(this.#value(token, depth));
      if (!this.#more("]")) return items;
      token = this.#next();
    }
  }

  #object(depth: number): Value {
    const object = new RegoObject();
    let key = this.#next();
    if (key.mark === "}") return object;
    for (;;) {
      if (key.mark !== '"') throw invalid("expected a member name");
      if (this.#next().mark !== ":") throw invalid("expected a colon");
      object.set(key.value!, this.#value(this.#next(), depth));
      if (!this.#more("}")) return object;
      key = this.#next();
    }
  }

  #more(close: string): boolean {
    const { mark } = this.#next();
    if (mark !== close && mark !== ",") throw invalid(`expected , or ${close}`);
    return mark === ",";
  }
}

function stringOf(literal: string): string {
  try {
    const text: string = JSON.parse(literal);
    return HALF.test(literal) ? text.replace(LONE, "\ufffd") : text;
  } catch (error) {
    rethrowOverflow(error);
    throw invalid("bad string literal");
  }
}

function numberOf(literal: string): Numeric {
  const value = parseNumber(literal);
  if (value === undefined) throw limitError("a number of too many digits");
  return value;
}

/**
 * The value of a JSON text, numbers as they are written. Of equal names the last
 * counts; halves of surrogate pairs become U+FFFD.
 *
 * @throws {BuiltinError}
 * @throws {RegoError} for what OPA would read and this engine does not.
 */
export function parseJsonText(text: string): Value {
  return new Reader(text).read();
}
