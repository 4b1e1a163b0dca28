/**
 * YAML.
 *
 * @module
 */

import { parseDocument, stringify } from "yaml";
import { type BuiltinContext, type Builtins, failure, stringAt } from "../builtin.ts";
import { jsonText, parseJsonText } from "../json.ts";
import { numberText, parseNumber } from "../number.ts";
import {
  isArray,
  isNumber,
  isObject,
  isSet,
  isString,
  objectEntries,
  RegoObject,
  type Value,
} from "../value.ts";

const MAX_LENGTH = 1_000_000;
const MAX_ALIASES = 1_000;

/** What the library reads, as a value: what JSON cannot hold is refused. */
function valueOf(parsed: unknown, context: BuiltinContext, depth: number): Value {
  context.spend(1);
  if (depth > 200) throw failure("yaml: nested too deeply");
  if (parsed === null || parsed === undefined) return null;
  switch (typeof parsed) {
    case "string":
    case "boolean":
      return parsed;
    case "bigint":
      return parseNumber(String(parsed))!;
    case "number":
      if (!Number.isFinite(parsed)) throw failure("yaml: number out of range");
      return parsed;
  }
  if (Array.isArray(parsed)) return parsed.map((item) => valueOf(item, context, depth + 1));
  if (!(parsed instanceof Map)) throw failure("yaml: unsupported value");
  const object = new RegoObject();
  for (const [key, member] of parsed) object.set(keyOf(key), valueOf(member, context, depth + 1));
  return object;
}

/** Keys become strings, as in JSON. */
function keyOf(key: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "number" || typeof key === "bigint" || typeof key === "boolean") {
    return String(key);
  }
  throw failure("yaml: unsupported key");
}

function read(text: string, context: BuiltinContext): Value {
  if (text.length > MAX_LENGTH) throw failure(`yaml: longer than ${MAX_LENGTH} characters`);
  context.spend(1 + text.length);
  const document = parseDocument(text, {
    version: "1.1",
    schema: "core",
    intAsBigInt: true,
    uniqueKeys: false,
    merge: true,
    stringKeys: false,
    logLevel: "silent",
  });
  const [problem] = document.errors;
  if (problem) throw failure(`yaml: ${problem.message.split("\n")[0]}`);
  return valueOf(document.toJS({ mapAsMap: true, maxAliasCount: MAX_ALIASES }), context, 0);
}

function unmarshal(args: readonly Value[], context: BuiltinContext): Value {
  try {
    return read(stringAt(args, 0), context);
  } catch (error) {
    if (error instanceof ReferenceError) throw failure("yaml: too many aliases");
    throw error;
  }
}

function isValid([text]: readonly Value[], context: BuiltinContext): Value {
  if (!isString(text)) return false;
  try {
    unmarshal([text], context);
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "RegoError") throw error;
    return false;
  }
}

/** A value for the library: keys sorted, numbers as they are written. */
function plain(value: Value): unknown {
  if (isNumber(value)) {
    const text = numberText(value);
    return /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
  }
  if (isArray(value)) return value.map(plain);
  if (isSet(value)) return value.sorted().map(plain);
  if (!isObject(value)) return value;
  return new Map(
    objectEntries(value).map((
      [key, member],
    ) => [isString(key) ? key : jsonText(key), plain(member)]),
  );
}

function marshal([value]: readonly Value[], context: BuiltinContext): Value {
  // As JSON first: that pays for values that hold others many times over.
  const json = parseJsonText(jsonText(value!, (units) => context.spend(units)));
  return stringify(plain(json), {
    version: "1.1",
    lineWidth: 0,
    indentSeq: false,
    aliasDuplicateObjects: false,
    defaultStringType: "PLAIN",
    defaultKeyType: "PLAIN",
  });
}

export const YAML: Builtins = {
  "yaml.is_valid": isValid,
  "yaml.marshal": marshal,
  "yaml.unmarshal": unmarshal,
};
