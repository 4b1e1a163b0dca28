/**
 * JSON text.
 *
 * @module
 */

import {
  type BuiltinContext,
  type Builtins,
  isReadable,
  objectAt,
  operandError,
  textBuiltin,
} from "../builtin.ts";
import { jsonText, parseJsonText } from "../json.ts";
import { isString, objectGet, objectKeys, type ObjectValue, type Value } from "../value.ts";

function marshal([value]: readonly Value[], context: BuiltinContext): Value {
  return jsonText(value!, (units) => context.spend(units));
}

function stringOption(options: ObjectValue, name: string, otherwise: string): string {
  const value = objectGet(options, name);
  if (value === undefined) return otherwise;
  if (isString(value)) return value;
  throw operandError(2, `object with a string under "${name}"`, value);
}

const OPTIONS: readonly Value[] = ["indent", "prefix", "pretty"];

function marshalWithOptions(args: readonly Value[], context: BuiltinContext): Value {
  const options = objectAt(args, 1);
  const unknown = objectKeys(options).find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined) {
    throw operandError(2, "object with keys indent, prefix and pretty", unknown);
  }
  const indent = stringOption(options, "indent", "\t");
  const prefix = stringOption(options, "prefix", "");
  const pretty = objectGet(options, "pretty") ?? objectKeys(options).length > 0;
  if (typeof pretty !== "boolean") throw operandError(2, "object with a boolean", pretty);
  const spend = (units: number) => context.spend(units);
  if (!pretty) return jsonText(args[0]!, spend);
  return prefix + jsonText(args[0]!, spend, { prefix, indent });
}

export const JSON_TEXT: Builtins = {
  "json.is_valid/1": isReadable(parseJsonText),
  "json.marshal/1": marshal,
  "json.marshal_with_options/2": marshalWithOptions,
  "json.unmarshal/1": textBuiltin(parseJsonText),
};
