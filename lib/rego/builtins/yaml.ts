/**
 * YAML.
 *
 * @module
 */

import { loadAll } from "js-yaml";
import {
  type BuiltinContext,
  type Builtins,
  failure,
  isReadable,
  textBuiltin,
} from "../builtin.ts";
import { limitError, rethrowOverflow } from "../limits.ts";
import { Decimal, type Numeric, toDouble } from "../number.ts";
import { isNumber, RegoObject, type Value } from "../value.ts";
import { textOf } from "./octets.ts";
import { SCHEMA } from "./yaml_schema.ts";
import { checkCharacters, yamlText } from "./yaml_text.ts";

const MAX_LENGTH = 1_000_000;
const MAX_DEPTH = 200;
const MAX_ALIASES = 1_000;

/** Keys become strings, as in JSON. */
function keyOf(key: unknown): string {
  if (typeof key === "string") return textAt(key);
  if (typeof key === "boolean") return String(key);
  if (isNumber(key as Value)) return String(toDouble(key as Numeric));
  throw failure("yaml: unsupported key");
}

/** What the library reads, as a value: what JSON cannot hold is refused. */
function valueOf(parsed: unknown, context: BuiltinContext, depth: number): Value {
  context.spend(1);
  if (depth > MAX_DEPTH) throw limitError(`YAML nested deeper than ${MAX_DEPTH} levels`);
  if (parsed === null || typeof parsed === "boolean") return parsed;
  if (typeof parsed === "string") return textAt(parsed);
  if (typeof parsed === "number" && !Number.isFinite(parsed)) throw failure("yaml: not a number");
  if (typeof parsed === "number" || typeof parsed === "bigint" || parsed instanceof Decimal) {
    return parsed;
  }
  if (parsed instanceof Uint8Array) return textOf(parsed);
  if (Array.isArray(parsed)) return parsed.map((item) => valueOf(item, context, depth + 1));
  if (!(parsed instanceof Map)) throw failure("yaml: unsupported value");
  const object = new RegoObject();
  for (const [key, member] of parsed) object.set(keyOf(key), valueOf(member, context, depth + 1));
  return object;
}

/** What stands before the first content: blank lines, comments. */
const BEFORE = "^(?:[ \\t]*(?:#.*)?\\r?\\n)*";

/** What Go's library reads otherwise than this one. */
const OTHERWISE: readonly (readonly [text: RegExp, what: string])[] = [
  [/[\x85\u2028\u2029]/, "other line breaks than \\n and \\r"],
  [/\ue000/, "the character U+E000"],
  [/(?:^|[:?-][ \t]|[[{,])[ \t]*!!?(?=\s|$)/m, "the tag ! or !!"],
  [/^[^|>]*[|>][\s\S]*\n[ \t]+$/, "spaces on a last line"],
  [
    // With its indentation given, comments, or lines that are not indented.
    new RegExp(
      `${BEFORE}[ \\t]*(?:---\\s+)?[|>](?![-+]?[ \\t]*\\r?\\n(?:(?: .*)?\\r?\\n)*(?: .*)?$)`,
    ),
    "such a block as the whole document",
  ],
  [new RegExp(`${BEFORE}(?:\\t|\\.\\.\\.|[ \\t]+---)`), "a first line with a tab or a marker"],
  [
    /^\.\.\.[ \t\r]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\r?\n)*(?!---(?:\s|$))[ \t]*[^\s#]/m,
    "a document that begins without ---",
  ],
];

/** Where Go's library may read what this one refuses. */
const UNCERTAIN: readonly (readonly [message: RegExp, text: RegExp])[] = [
  [/deficient indentation|exceeded|abnormal|recursive alias|directive|unknown/, /(?:)/],
  [/tag (?:suffix|name|handle)/, /(?:)/],
  [/(?:)/, /[|>"'][-+\d]*#|^ *[|>]/m],
  // An indented first line, for which later ones are not indented enough.
  [/(?:)/, new RegExp(`${BEFORE}[ \\t]|^[ \\t]+---`)],
];

function parse(text: string): unknown {
  const options = { schema: SCHEMA, json: true, maxAliases: MAX_ALIASES, maxDepth: MAX_DEPTH };
  return loadAll(text, options)[0];
}

/** The first document: Go does not read those behind it, but for their beginning. */
function load(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    rethrowOverflow(error);
    const what = `yaml: ${error instanceof Error ? error.message.split("\n")[0] : "not YAML"}`;
    const first = firstDocument(text);
    const isUncertain = first !== text
      ? load(first) !== undefined
      : UNCERTAIN.some(([of, where]) => of.test(what) && where.test(text));
    throw isUncertain ? limitError(what) : failure(what);
  }
}

/** Stands behind a text that does not end with a line break. */
const MARK = "\ue000";
const BLOCK_END = `${MARK}\n`;

/** A text without the line break that only this library puts behind a block at the end. */
function textAt(text: string): string {
  return text.endsWith(BLOCK_END) ? text.slice(0, -BLOCK_END.length) : text;
}

/** Whether the text's last line belongs to a block (`|`, `>`): then all behind it does too. */
function endsInBlock(text: string): boolean {
  if (text.endsWith("\n") || !/[|>]/.test(text)) return false;
  try {
    return hasBlockEnd(parse(text + MARK));
  } catch (error) {
    rethrowOverflow(error);
    return false;
  }
}

function hasBlockEnd(parsed: unknown): boolean {
  if (typeof parsed === "string") return parsed.endsWith(BLOCK_END);
  if (Array.isArray(parsed)) return hasBlockEnd(parsed.at(-1));
  if (!(parsed instanceof Map)) return false;
  const [key, value] = [...parsed].at(-1) ?? [];
  return hasBlockEnd(key) || hasBlockEnd(value);
}

/** The first document, which is all that Go reads. */
function firstDocument(text: string): string {
  const start = /^(?:(?:[ \t]*(?:#.*)?|%.*)\r?\n)*(?:---(?=\s|$))?/.exec(text)![0].length;
  const length = text.slice(start).search(/^(?:---|\.\.\.)(?=\s|$)/m);
  return length <= 0 ? text : text.slice(0, start + length);
}

function unmarshal(text: string, context: BuiltinContext): Value {
  if (text.length > MAX_LENGTH) throw limitError(`YAML longer than ${MAX_LENGTH} characters`);
  context.spend(text.length);
  checkCharacters(text);
  const other = OTHERWISE.find(([pattern]) => pattern.test(text));
  if (other) throw limitError(`YAML with ${other[1]}`);
  if (text.split("\n").every((line) => /^\s*(?:#|$)/.test(line))) return null;
  return valueOf(load(endsInBlock(text) ? text + MARK : text), context, 0);
}

export const YAML: Builtins = {
  "yaml.is_valid/1": isReadable(unmarshal),
  "yaml.marshal/1": ([value], context) => yamlText(value!, (units) => context.spend(units)),
  "yaml.unmarshal/1": textBuiltin(unmarshal),
};
