/**
 * YAML.
 *
 * @module
 */

import {
  binaryTag,
  defineScalarTag,
  loadAll,
  mergeTag,
  NOT_RESOLVED,
  realMapTag,
  Schema,
  seqTag,
  strTag,
} from "js-yaml";
import {
  type BuiltinContext,
  type Builtins,
  failure,
  isReadable,
  textBuiltin,
} from "../builtin.ts";
import { Decimal, fromBigInt, type Numeric, toDouble } from "../number.ts";
import { isNumber, RegoObject, type Value } from "../value.ts";
import { textOf } from "./octets.ts";
import { checkCharacters, yamlText } from "./yaml_text.ts";

const MAX_LENGTH = 1_000_000;
const MAX_DEPTH = 200;
const MAX_ALIASES = 1_000;

/** A plain scalar that is an integer, as Go reads it: other bases, underscores. */
export function yamlInteger(source: string): Numeric | undefined {
  const match = /^([-+]?)(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/.exec(source);
  if (!match) return undefined;
  const digits = match[2]!.replaceAll("_", "").replace(/^0(?=[0-7]+$)/, "0o");
  let value: bigint;
  try {
    value = BigInt(digits);
  } catch {
    return undefined;
  }
  const isNegative = match[1] === "-";
  // Beyond 64 bits Go has doubles.
  if (value >= 2n ** 64n || (isNegative && value > 2n ** 63n)) {
    return isNegative ? -Number(value) : Number(value);
  }
  return fromBigInt(isNegative ? -value : value);
}

/** A plain scalar that is a number with a fraction or an exponent. */
export function yamlFloat(source: string): Numeric | undefined {
  if (!/^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(source)) {
    return undefined;
  }
  const value = Number(source.replaceAll("_", ""));
  return Number.isFinite(value) ? value : undefined;
}

function scalar<T>(name: string, read: (source: string) => T | undefined) {
  return defineScalarTag<T>(`tag:yaml.org,2002:${name}`, {
    implicit: true,
    resolve: (source) => {
      const value = read(source);
      return value === undefined ? NOT_RESOLVED : value;
    },
    identify: () => false,
  });
}

const SPECIAL = /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/;

const SCHEMA = new Schema([
  strTag,
  seqTag,
  realMapTag,
  mergeTag,
  binaryTag,
  // Tags that nobody knows change nothing.
  ...["!", "tag:yaml.org,2002:"].flatMap((tagName) => [
    { ...realMapTag, tagName, matchByTagPrefix: true },
    { ...seqTag, tagName, matchByTagPrefix: true },
  ]),
  defineScalarTag("!", {
    matchByTagPrefix: true,
    resolve: (source) => source,
    identify: () => false,
  }),
  scalar("null", (source) => /^(?:~|null|Null|NULL|)$/.test(source) ? null : undefined),
  scalar(
    "bool",
    (source) =>
      /^(?:true|True|TRUE)$/.test(source)
        ? true
        : /^(?:false|False|FALSE)$/.test(source)
        ? false
        : undefined,
  ),
  scalar("int", yamlInteger),
  scalar("float", (source) => SPECIAL.test(source) ? NaN : yamlFloat(source)),
]);

/** Keys become strings, as in JSON. */
function keyOf(key: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "boolean") return String(key);
  if (isNumber(key as Value)) return String(toDouble(key as Numeric));
  throw failure("yaml: unsupported key");
}

/** What the library reads, as a value: what JSON cannot hold is refused. */
function valueOf(parsed: unknown, context: BuiltinContext, depth: number): Value {
  context.spend(1);
  if (depth > MAX_DEPTH) throw failure("yaml: nested too deeply");
  if (parsed === null || typeof parsed === "boolean" || typeof parsed === "string") return parsed;
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

function unmarshal(text: string, context: BuiltinContext): Value {
  if (text.length > MAX_LENGTH) throw failure(`yaml: longer than ${MAX_LENGTH} characters`);
  context.spend(text.length);
  checkCharacters(text);
  if (/^(?:\s*(?:#.*)?(?:\n|$))*$/.test(text)) return null;
  let parsed: unknown;
  try {
    [parsed] = loadAll(text, { schema: SCHEMA, json: true, maxAliases: MAX_ALIASES });
  } catch (error) {
    throw failure(`yaml: ${error instanceof Error ? error.message.split("\n")[0] : "not YAML"}`);
  }
  return valueOf(parsed, context, 0);
}

export const YAML: Builtins = {
  "yaml.is_valid/1": isReadable(unmarshal),
  "yaml.marshal/1": ([value], context) => yamlText(value!, (units) => context.spend(units)),
  "yaml.unmarshal/1": textBuiltin(unmarshal),
};
