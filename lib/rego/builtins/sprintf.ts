/**
 * `sprintf`, as Go's `fmt` formats it.
 *
 * @module
 */

import { arrayAt, type BuiltinContext, type Builtins, stringAt } from "../builtin.ts";
import { limitError } from "../limits.ts";
import { integerText, numberText, toBigInt, toDouble } from "../number.ts";
import { isNumber, isString, termText, type Value } from "../value.ts";
import { PRINTABLE, quote } from "../quote.ts";
import { floatText } from "./go_float.ts";
import { bytesOf } from "./octets.ts";

/** What Go is given: a string, an integer or a double. */
type Operand = string | bigint | number;

/** One verb with its flags. */
interface Verb {
  readonly verb: string;
  readonly minus: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly sharp: boolean;
  readonly zero: boolean;
  /** `%#v`. */
  readonly syntax: boolean;
  /** `%+v`, which only large integers heed. */
  readonly full: boolean;
  readonly width: number;
  readonly precision: number | undefined;
}

const MAX_WIDTH = 10_000;

function operandOf(value: Value): Operand {
  if (isString(value)) return value;
  if (!isNumber(value)) return termText(value, false);
  const text = numberText(value);
  if (!/[.eE]/.test(text)) return toBigInt(value)!;
  const double = toDouble(value);
  return Number.isFinite(double) ? double : text;
}

function typeOf(operand: Operand): string {
  if (typeof operand === "string") return "string";
  if (typeof operand === "number") return "float64";
  return isBig(operand) ? "*big.Int" : "int64";
}

function isBig(value: bigint): boolean {
  return BigInt.asIntN(64, value) !== value;
}

function pad(text: string, { width, minus, zero }: Verb, isNumeric: boolean): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (minus) return text + " ".repeat(missing);
  if (!zero) return " ".repeat(missing) + text;
  const sign = isNumeric ? /^[+\- ]?(?:0[xXob])?/.exec(text)![0] : "";
  return sign.slice(0, 1).replace(/[^+\- ]/, "") + "0".repeat(missing) +
    text.slice(/^[+\- ]/.test(sign) ? 1 : 0);
}

function signed(isNegative: boolean, digits: string, { plus, space }: Verb): string {
  return (isNegative ? "-" : plus ? "+" : space ? " " : "") + digits;
}

const BASES: Readonly<Record<string, number>> = { b: 2, o: 8, O: 8, d: 10, v: 10, x: 16, X: 16 };

function formatInteger(value: bigint, verb: Verb): string | undefined {
  const isLarge = isBig(value);
  // Go's large integers format themselves; they have fewer verbs.
  if (!isLarge) {
    switch (verb.verb) {
      case "c":
        return pad(characterOf(value), verb, false);
      case "q":
        return pad(quote(characterOf(value), "'", verb.plus), verb, false);
      case "U":
        return pad(unicode(value, verb), { ...verb, zero: false }, false);
    }
  }
  const base = isLarge && verb.verb === "s" ? 10 : BASES[verb.verb];
  if (base === undefined) return undefined;
  if (verb.precision === 0 && value === 0n) return pad("", { ...verb, zero: false }, false);
  let digits = integerText(value < 0n ? -value : value, base).padStart(verb.precision ?? 0, "0");
  if (verb.verb === "X") digits = digits.toUpperCase();
  const zero = verb.zero && !verb.minus && verb.precision === undefined;
  if (zero) {
    const room = verb.width - (value < 0n || verb.plus || verb.space ? 1 : 0);
    digits = digits.padStart(room, "0");
  }
  const plus = verb.plus || (isLarge && verb.full);
  const text = signed(value < 0n, prefixOf(verb, digits) + digits, { ...verb, plus });
  return pad(text, { ...verb, zero: false }, true);
}

function prefixOf({ verb, sharp }: Verb, digits: string): string {
  if (verb === "O") return "0o";
  if (!sharp) return "";
  return { b: "0b", o: digits.startsWith("0") ? "" : "0", x: "0x", X: "0X" }[verb] ?? "";
}

function characterOf(value: bigint): string {
  const isValid = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn);
  return isValid ? String.fromCodePoint(Number(value)) : "\ufffd";
}

function unicode(value: bigint, { sharp, precision }: Verb): string {
  const hex = BigInt.asUintN(64, value).toString(16).toUpperCase();
  const text = `U+${hex.padStart(Math.max(4, precision ?? 0), "0")}`;
  const character = characterOf(value);
  return sharp && value >= 0n && value <= 0x10ffffn && PRINTABLE.test(character)
    ? `${text} '${character}'`
    : text;
}

function formatFloat(value: number, verb: Verb): string | undefined {
  const text = floatText(Math.abs(value), verb.verb, verb.precision, verb.sharp);
  if (text === undefined) return undefined;
  const isNegative = value < 0 || Object.is(value, -0);
  return pad(signed(isNegative, text, verb), verb, true);
}

function quoteString(text: string, { sharp, plus }: Verb): string {
  // deno-lint-ignore no-control-regex
  if (sharp && !/[`\x00-\x08\x0a-\x1f\x7f\ufeff]/.test(text)) return `\`${text}\``;
  return quote(text, '"', plus);
}

function hexOf(text: string, { verb, sharp, space, precision }: Verb): string {
  const octets = [...bytesOf(text)].slice(0, precision).map((octet) =>
    octet.toString(16).padStart(2, "0")
  );
  const prefix = sharp ? "0x" : "";
  const hex = space ? octets.map((octet) => prefix + octet).join(" ") : prefix + octets.join("");
  return octets.length === 0 ? "" : verb === "X" ? hex.toUpperCase() : hex;
}

function formatString(text: string, verb: Verb): string | undefined {
  const cut = verb.precision === undefined ? text : [...text].slice(0, verb.precision).join("");
  switch (verb.verb) {
    case "s":
      return pad(cut, verb, false);
    case "v":
      return pad(verb.syntax ? quoteString(cut, verb) : cut, verb, false);
    case "q":
      return pad(quoteString(cut, verb), verb, false);
    case "x":
    case "X":
      return pad(hexOf(text, verb), verb, false);
  }
  return undefined;
}

function format(operand: Operand, verb: Verb): string {
  if (verb.verb === "T") return formatString(typeOf(operand), { ...verb, verb: "s" })!;
  if (verb.verb === "p") return bad(operand, verb);
  const text = typeof operand === "string"
    ? formatString(operand, verb)
    : typeof operand === "bigint"
    ? formatInteger(operand, verb)
    : formatFloat(operand, verb);
  return text ?? bad(operand, verb);
}

const PLAIN: Verb = {
  verb: "v",
  minus: false,
  plus: false,
  space: false,
  sharp: false,
  zero: false,
  syntax: false,
  full: false,
  width: 0,
  precision: undefined,
};

/** `%!d(float64=1.5)`. */
function bad(operand: Operand, verb: Verb): string {
  if (typeOf(operand) === "*big.Int") {
    return `%!${verb.verb}(big.Int=${integerText(operand as bigint)})`;
  }
  return `%!${verb.verb}(${typeOf(operand)}=${format(operand, { ...verb, verb: "v" })})`;
}

/** Formats one text. */
class Formatter {
  readonly #format: readonly string[];
  readonly #operands: readonly Operand[];
  readonly #context: BuiltinContext;
  #at = 0;
  #next = 0;
  #isReordered = false;
  #isGoodIndex = true;
  /** Whether an index was just read: only a verb or `*` may follow. */
  #isAfterIndex = false;

  constructor(format: string, operands: readonly Operand[], context: BuiltinContext) {
    this.#format = [...format];
    this.#operands = operands;
    this.#context = context;
  }

  text(): string {
    let text = "";
    while (this.#at < this.#format.length) {
      const character = this.#format[this.#at++]!;
      text += character === "%" ? this.#directive() : character;
    }
    if (this.#isReordered || this.#next >= this.#operands.length) return text;
    const extra = this.#operands.slice(this.#next).map((operand) =>
      `${typeOf(operand)}=${format(operand, PLAIN)}`
    );
    return `${text}%!(EXTRA ${extra.join(", ")})`;
  }

  #peek(): string | undefined {
    return this.#format[this.#at];
  }

  #flags(): Set<string> {
    const flags = new Set<string>();
    while ("#0+- ".includes(this.#peek() ?? "?")) flags.add(this.#format[this.#at++]!);
    return flags;
  }

  #number(): number | undefined {
    let digits = "";
    while (/^\d$/.test(this.#peek() ?? "")) digits += this.#format[this.#at++];
    return digits === "" ? undefined : Number(digits);
  }

  /** `[n]`: the operand that comes next, from 1. */
  #index(): void {
    this.#isAfterIndex = this.#peek() === "[";
    if (!this.#isAfterIndex) return;
    this.#isReordered = true;
    const end = this.#format.indexOf("]", this.#at);
    const digits = end < 0 ? "" : this.#format.slice(this.#at + 1, end).join("");
    this.#at = end < 0 ? this.#at + 1 : end + 1;
    const index = /^\d{1,7}$/.test(digits) ? Number(digits) : 0;
    if (index < 1 || index > this.#operands.length) this.#isGoodIndex = false;
    else this.#next = index - 1;
  }

  /** A width or precision, from the format or for `*` from the operands. */
  #size(): number | "bad" | undefined {
    if (this.#peek() !== "*") {
      const size = this.#number();
      if (this.#isAfterIndex && size !== undefined) this.#isGoodIndex = false;
      return size;
    }
    this.#at++;
    this.#isAfterIndex = false;
    const operand = this.#operands[this.#next++];
    const isSize = typeof operand === "bigint" && operand >= -1_000_000n && operand <= 1_000_000n;
    return isSize ? Number(operand) : "bad";
  }

  #directive(): string {
    this.#isGoodIndex = true;
    const flags = this.#flags();
    this.#index();
    let prefix = "";
    let width = this.#size();
    if (width === "bad") prefix += "%!(BADWIDTH)";
    if (typeof width === "number" && width < 0) {
      flags.add("-");
      width = -width;
    }
    let precision: number | undefined;
    if (this.#peek() === "." && this.#at + 1 < this.#format.length) {
      this.#at++;
      if (this.#isAfterIndex) this.#isGoodIndex = false;
      this.#index();
      const size = this.#size() ?? 0;
      if (size === "bad" || size < 0) prefix += "%!(BADPREC)";
      else precision = size;
    }
    if (!this.#isAfterIndex) this.#index();
    return prefix + this.#verb(flags, width === "bad" ? 0 : width ?? 0, precision);
  }

  #verb(flags: ReadonlySet<string>, width: number, precision: number | undefined): string {
    const verb = this.#format[this.#at++];
    if (verb === undefined) return "%!(NOVERB)";
    if (width > MAX_WIDTH || (precision ?? 0) > MAX_WIDTH) {
      throw limitError(`sprintf with a width or precision above ${MAX_WIDTH}`);
    }
    this.#context.spend(1 + (width + (precision ?? 0)) / 16);
    if (verb === "%") return "%";
    if (!this.#isGoodIndex) return `%!${verb}(BADINDEX)`;
    const operand = this.#operands[this.#next++];
    if (operand === undefined) return `%!${verb}(MISSING)`;
    if (typeof operand === "string") this.#context.spend(operand.length / 4);
    const minus = flags.has("-");
    const isValue = verb === "v" || verb === "w";
    return format(operand, {
      verb,
      minus,
      plus: flags.has("+") && !isValue,
      space: flags.has(" "),
      sharp: flags.has("#") && !isValue,
      syntax: flags.has("#") && isValue,
      full: flags.has("+") && isValue,
      zero: flags.has("0") && !minus,
      width,
      precision,
    });
  }
}

/** The text with the values in the places of its verbs. */
export function formatText(
  text: string,
  values: readonly Value[],
  context: BuiltinContext,
): string {
  const operands = values.map(operandOf);
  const size = operands.reduce<number>(
    (sum, operand) => sum + (typeof operand === "string" ? operand.length : 20),
    text.length,
  );
  context.spend(operands.length + size / 8);
  return new Formatter(text, operands, context).text();
}

export const SPRINTF: Builtins = {
  "sprintf/2": (args, context) => formatText(stringAt(args, 0), arrayAt(args, 1), context),
};
