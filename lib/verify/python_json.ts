/**
 * JSON as Python writes it and numbers as pydantic reads them: what the
 * signature of a passport of the Python package covers. It is not RFC 8785.
 *
 * @module
 */

import { JsonNumber } from "../bytes/json_text.ts";

/**
 * A value that Python can write. A `number` is a Python float; an int is a
 * {@linkcode JsonNumber}, so that none of its digits are lost.
 */
export type PythonJson =
  | null
  | boolean
  | string
  | number
  | JsonNumber
  | readonly PythonJson[]
  | { readonly [name: string]: PythonJson };

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\f": "\\f",
  "\b": "\\b",
};

/** The longest decimal int that Python reads (`sys.get_int_max_str_digits`). */
const INT_DIGITS = 4300;

const INT_LITERAL = /^-?[0-9]+$/;
const INT_TEXT = /^([+-]?)([0-9]+(?:_[0-9]+)*)(?:\.0+)?$/;
const FLOAT_TEXT = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i;
const INFINITY_TEXT = /^([+-]?)inf(?:inity)?$/i;
const NAN_TEXT = /^[+-]?nan$/i;
const MISPLACED_UNDERSCORE = /^_|__|_$/;
// Unicode White_Space, which is neither \s of JavaScript nor of Python.
const SPACE_BEFORE = /^\p{White_Space}+/u;
const SPACE = /\p{White_Space}/u;

/** The repr of a Python float: `1.0`, `1e-07`, `-0.0`, `Infinity` as JSON has it. */
export function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  // Without an argument, toExponential gives the shortest digits that read back.
  const [mantissa, power] = Math.abs(value).toExponential().split("e");
  const digits = mantissa!.replace(".", "");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const tail = digits.length > 1 ? "." + digits.slice(1) : "";
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${digits[0]}${tail}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return sign + "0." + "0".repeat(-exponent - 1) + digits;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

function escapeUnit(unit: string): string {
  return SHORT_ESCAPES[unit] ??
    "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0");
}

function writeString(text: string): string {
  // Without the u flag this visits UTF-16 units: surrogate pairs, as in Python.
  return '"' + text.replace(/[^ !#-[\]-~]/g, escapeUnit) + '"';
}

/** Moves surrogates above U+FFFF's other units, so that units sort like code points. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Compares strings by code point, as Python sorts keys; negative, zero or positive. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function writeNumber(number: JsonNumber): string {
  const { literal } = number;
  if (!INT_LITERAL.test(literal)) return pythonFloat(Number(literal));
  return literal === "-0" ? "0" : literal;
}

function write(value: PythonJson, parts: string[]): void {
  if (typeof value === "string") parts.push(writeString(value));
  else if (typeof value === "number") parts.push(pythonFloat(value));
  else if (typeof value !== "object" || value === null) {
    parts.push(String(value));
  } else if (value instanceof JsonNumber) parts.push(writeNumber(value));
  else if (Array.isArray(value)) {
    value.forEach((item: PythonJson, i) => {
      parts.push(i === 0 ? "[" : ",");
      write(item, parts);
    });
    parts.push(value.length === 0 ? "[]" : "]");
  } else writeMembers(value as { readonly [name: string]: PythonJson }, parts);
}

function writeMembers(
  members: { readonly [name: string]: PythonJson },
  parts: string[],
): void {
  const names = Object.keys(members).sort(compareCodePoints);
  names.forEach((name, i) => {
    parts.push(i === 0 ? "{" : ",", writeString(name), ":");
    write(members[name]!, parts);
  });
  parts.push(names.length === 0 ? "{}" : "}");
}

/**
 * The text of `json.dumps(value, sort_keys=True, separators=(",", ":"))`:
 * ASCII only, keys sorted by code point.
 *
 * @throws {RangeError} if the value is nested so deep that the stack ends.
 */
export function writePythonJson(value: PythonJson): string {
  const parts: string[] = [];
  write(value, parts);
  return parts.join("");
}

/** `text` without Unicode white space around it, in linear time. */
function strip(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE.test(text[end - 1]!)) end--;
  return text.slice(0, end).replace(SPACE_BEFORE, "");
}

/** Decimal digits of an int without `+`, leading zeros and `-0`. */
function normalInt(sign: string, digits: string): string | undefined {
  if (digits.length > INT_DIGITS) return undefined;
  const short = digits.replace(/^0+(?=.)/, "");
  return sign === "-" && short !== "0" ? "-" + short : short;
}

function intOfFloat(value: number): string | undefined {
  // pydantic converts through a 64-bit int and refuses both of its ends.
  if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 63) return undefined;
  return BigInt(value).toString();
}

/**
 * What pydantic's lax mode makes of a JSON value in an `int` field: its
 * decimal digits, or `undefined` if pydantic refuses it. A `number` above 2^53
 * is refused too, since its digits were lost when it was parsed.
 */
export function pythonInt(value: unknown): string | undefined {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "bigint") {
    return normalInt(value < 0n ? "-" : "", String(value).replace("-", ""));
  }
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? intOfFloat(value) : undefined;
  }
  if (value instanceof JsonNumber) {
    const { literal } = value;
    if (!INT_LITERAL.test(literal)) return intOfFloat(Number(literal));
    return normalInt(literal[0]!, literal.replace("-", ""));
  }
  if (typeof value !== "string") return undefined;
  const match = INT_TEXT.exec(strip(value));
  return match ? normalInt(match[1]!, match[2]!.replaceAll("_", "")) : undefined;
}

function floatOfText(text: string): number | undefined {
  const infinity = INFINITY_TEXT.exec(text);
  if (infinity) return infinity[1] === "-" ? -Infinity : Infinity;
  if (NAN_TEXT.test(text)) return NaN;
  if (MISPLACED_UNDERSCORE.test(text)) return undefined;
  const plain = text.replaceAll("_", "");
  return FLOAT_TEXT.test(plain) ? Number(plain) : undefined;
}

/**
 * What pydantic's lax mode makes of a JSON value in a `float` field, or
 * `undefined` if pydantic refuses it. May be infinite or NaN, as in Python.
 */
export function pythonFloatOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean" || typeof value === "bigint") {
    return Number(value);
  }
  if (typeof value === "string") return floatOfText(strip(value));
  if (!(value instanceof JsonNumber)) return undefined;
  if (!INT_LITERAL.test(value.literal)) return Number(value.literal);
  const digits = pythonInt(value);
  return digits === undefined ? undefined : Number(digits);
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * The bytes that Python's `base64.b64decode` makes of a text: characters
 * outside the alphabet are skipped and what follows the padding is ignored.
 * `undefined` where Python raises: text beyond ASCII, or wrong padding.
 */
export function fromPythonBase64(
  text: string,
): Uint8Array<ArrayBuffer> | undefined {
  // deno-lint-ignore no-control-regex
  if (/[^\u0000-\u007f]/.test(text)) return undefined;
  const bytes: number[] = [];
  let position = 0;
  let pads = 0;
  let carry = 0;
  for (const character of text) {
    if (character === "=") {
      if (position >= 2 && position + ++pads >= 4) return new Uint8Array(bytes);
      continue;
    }
    const value = BASE64.indexOf(character);
    if (value < 0) continue;
    pads = 0;
    carry = ((carry << 6) | value) & 0xffff;
    if (position > 0) bytes.push((carry >> (6 - 2 * position)) & 255);
    position = (position + 1) % 4;
  }
  return position === 0 ? new Uint8Array(bytes) : undefined;
}

function endOfLiteral(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i;
}

/**
 * The member names of the object at `path`, in the order of the text. A
 * JavaScript object loses that order for names like `"10"`.
 *
 * @param text JSON that was parsed before; says nothing useful about other text.
 */
export function memberOrder(text: string, path: readonly string[]): string[] {
  const found: string[] = [];
  const open: (string | undefined)[] = [];
  const colon = /[ \t\n\r]*:/y;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === "{" || character === "[") open.push(undefined);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = endOfLiteral(text, i);
      colon.lastIndex = end + 1;
      if (open.length <= path.length + 1 && colon.test(text)) {
        const name = JSON.parse(text.slice(i, end + 1)) as string;
        open[open.length - 1] = name;
        if (
          open.length === path.length + 1 &&
          path.every((part, depth) => open[depth] === part)
        ) found.push(name);
      }
      i = end;
    }
  }
  return found;
}
