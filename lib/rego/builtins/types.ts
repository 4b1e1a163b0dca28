/**
 * Types of values.
 *
 * @module
 */

import { type Builtins, operandError } from "../builtin.ts";
import { isArray, isSet, RegoSet, typeName, type Value } from "../value.ts";

// `is_string(1)` is undefined in old versions of OPA and false in this one.
function is(name: string): Builtins[string] {
  return ([value]) => typeName(value!) === name;
}

function cast(name: string): Builtins[string] {
  return ([value]) => {
    if (typeName(value!) !== name) throw operandError(1, name, value!);
    return value!;
  };
}

function toArray([value]: readonly Value[]): Value {
  if (isArray(value)) return value;
  if (isSet(value)) return value.sorted();
  throw operandError(1, "one of {array, set}", value!);
}

function toSet([value]: readonly Value[]): Value {
  if (isSet(value)) return value;
  if (isArray(value)) return new RegoSet(value);
  throw operandError(1, "one of {array, set}", value!);
}

export const TYPES: Builtins = {
  "is_array": is("array"),
  "is_boolean": is("boolean"),
  "is_null": is("null"),
  "is_number": is("number"),
  "is_object": is("object"),
  "is_set": is("set"),
  "is_string": is("string"),
  "type_name": ([value]) => typeName(value!),
  "cast_array": toArray,
  "cast_boolean": cast("boolean"),
  "cast_null": cast("null"),
  "cast_object": cast("object"),
  "cast_set": toSet,
  "cast_string": cast("string"),
};
