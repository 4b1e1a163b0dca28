/**
 * Values as YAML text, laid out as Go's library does it.
 *
 * @module
 */

import { utf8 } from "../../bytes/encoding.ts";
import { failure } from "../builtin.ts";
import { jsonText, parseJsonText } from "../json.ts";
import { numberText, toDouble } from "../number.ts";
import { pay } from "../pay.ts";
import { floatText } from "./go_float.ts";
import { isArray, isNumber, isObject, objectEntries, type Value } from "../value.ts";

/** Plain text that would be read as something else. */
const RESOLVED =
  /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|)$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$|^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$|^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$|^\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d(?::\d\d(?:\.\d*)?)?(?:[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?))?)?$/;
const SPECIAL_START = /^[-?:](?:\s|$)|^[,[\]{}#&*!|>'"%@`]|^---|^\.\.\./;
const UNPRINTABLE =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]|[\u{10000}-\u{10ffff}]/u;

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\x85": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function doubleQuoted(text: string): string {
  // Where the first is a byte order mark Go's library takes all for one.
  const isMarked = text.startsWith("\ufeff");
  const escaped = [...text].map((character) => {
    const known = ESCAPES[character];
    if (known) return known;
    if (!isMarked && !UNPRINTABLE.test(character)) return character;
    const code = character.codePointAt(0)!.toString(16).toUpperCase();
    return code.length <= 2
      ? `\\x${code.padStart(2, "0")}`
      : code.length <= 4
      ? `\\u${code.padStart(4, "0")}`
      : `\\U${code.padStart(8, "0")}`;
  });
  return `"${escaped.join("")}"`;
}

function stringText(text: string, indent: string): string {
  if (RESOLVED.test(text) || UNPRINTABLE.test(text) || text.includes("\t")) {
    return doubleQuoted(text);
  }
  if (text.includes("\n")) return block(text, indent);
  const isPlain = !SPECIAL_START.test(text) &&
    !/^ | $|: |:$| #|[\x85\u2028\u2029]/.test(text);
  if (isPlain) return text;
  return `'${text.replaceAll("'", "''").replace(/[\x85\u2028\u2029](?=.)/gs, `$&${indent}`)}'`;
}

function block(text: string, indent: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end--;
  const body = text.slice(0, end);
  const breaks = text.length - end;
  const chomping = breaks === 0 ? "-" : breaks === 1 ? "" : "+";
  const hint = /^[ \n]/.test(text) ? "2" : "";
  const lines = (breaks > 1 ? text.slice(0, -1) : body).split("\n");
  return `|${hint}${chomping}\n${lines.map((line) => line === "" ? "" : indent + line).join("\n")}`;
}

/** Whether a key must stand on lines of its own. */
function isLong(key: string): boolean {
  return /[\n\x85\u2028\u2029]/.test(key) || utf8(key).length > 128;
}

/** The text of a value that begins on the line of its key or dash. */
function inline(value: Value, indent: string): string {
  if (typeof value === "string") return stringText(value, indent);
  if (isNumber(value)) return yamlNumber(numberText(value), toDouble(value));
  if (isArray(value)) return "[]";
  return isObject(value) ? "{}" : String(value);
}

function is64Bits(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value;
}

/** Go has doubles where a number is no 64-bit integer. */
function yamlNumber(text: string, double: number): string {
  if (/^-?\d+$/.test(text) && is64Bits(BigInt(text))) return text;
  return (double < 0 ? "-" : "") + floatText(Math.abs(double), "g", undefined, false);
}

function isEmpty(value: Value): boolean {
  if (isArray(value)) return value.length === 0;
  return !isObject(value) || objectEntries(value).length === 0;
}

const DIGIT = /^\p{Nd}$/u;
const LETTER = /^\p{L}$/u;

/** Go's library orders keys as people do: numbers in them by size, letters last. */
function compareKeys(a: string, b: string): number {
  pay((a.length + b.length) / 16);
  const [x, y] = [[...a], [...b]];
  const at = x.findIndex((one, i) => one !== y[i]);
  if (at < 0 || at >= y.length) return x.length - y.length;
  const [p, q] = [x[at]!, y[at]!];
  const [isLetter, isOther] = [LETTER.test(p), LETTER.test(q)];
  const isAfterDigit = at > 0 && DIGIT.test(x[at - 1]!);
  if (isLetter && isOther) return p.codePointAt(0)! - q.codePointAt(0)!;
  if (isLetter || isOther) return isLetter === isAfterDigit ? -1 : 1;
  let start = at;
  if (p === "0" || q === "0") { while (start > 0 && DIGIT.test(x[start - 1]!)) start--; }
  const isLed = x.slice(start, at).some((digit) => digit !== "0") ? "1" : "";
  const [m, n] = [x, y].map((of) => isLed + /^\p{Nd}*/u.exec(of.slice(at).join(""))![0]);
  return Number(m) - Number(n) || m!.length - n!.length || p.codePointAt(0)! - q.codePointAt(0)!;
}

/** Lines of a value; `first` is what stands before its first line. */
function lines(value: Value, indent: string, out: string[], first: string): void {
  pay(1 + indent.length / 16);
  if (isEmpty(value)) {
    out.push(first + inline(value, indent || "  "));
    return;
  }
  let lead = first;
  if (isArray(value)) {
    for (const item of value) {
      lines(item, `${indent}  `, out, `${lead}- `);
      lead = indent;
    }
    return;
  }
  const entries = [...objectEntries(value as Parameters<typeof objectEntries>[0])].sort((a, b) =>
    compareKeys(a[0] as string, b[0] as string)
  );
  for (const [key, member] of entries) {
    const name = stringText(key as string, `${indent}  `);
    const start = `${lead}${name}:`;
    if (isLong(key as string)) {
      out.push(`${lead}? ${name}`);
      lead = indent;
      lines(member, `${indent}  `, out, `${indent}: `);
      continue;
    }
    lead = indent;
    if (isEmpty(member)) out.push(`${start} ${inline(member, `${indent}  `)}`);
    else {
      out.push(start);
      lines(member, `${indent}  `, out, `${indent}  `);
    }
  }
}

const CONTROL =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Refuses text with characters that YAML has not. */
export function checkCharacters(text: string): void {
  if (CONTROL.test(text)) throw failure("yaml: control characters are not allowed");
}

/** The YAML text of a value. */
export function yamlText(value: Value, spend: (units: number) => void): string {
  // As JSON first: that pays for values that hold others many times over.
  const text = jsonText(value, spend);
  checkCharacters(text);
  const json = parseJsonText(text);
  const out: string[] = [];
  lines(json, "", out, "");
  return `${out.join("\n")}\n`;
}
