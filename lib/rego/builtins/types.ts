/**
 * Types of values.
 *
 * @module
 */

import { type BuiltinContext, type Builtins, operandError } from "../builtin.ts";
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

function toArray([value]: readonly Value[], context: BuiltinContext): Value {
  if (isArray(value)) return value;
  if (isSet(value)) {
    context.spend(value.size);
    return value.sorted();
  }
  throw operandError(1, "one of {array, set}", value!);
}

function toSet([value]: readonly Value[], context: BuiltinContext): Value {
  if (isSet(value)) return value;
  if (isArray(value)) {
    context.spend(value.length);
    return new RegoSet(value);
  }
  throw operandError(1, "one of {array, set}", value!);
}

export const TYPES: Builtins = {
  "is_array/1": is("array"),
  "is_boolean/1": is("boolean"),
  "is_null/1": is("null"),
  "is_number/1": is("number"),
  "is_object/1": is("object"),
  "is_set/1": is("set"),
  "is_string/1": is("string"),
  "type_name/1": ([value]) => typeName(value!),
  "cast_array/1": toArray,
  "cast_boolean/1": cast("boolean"),
  "cast_null/1": cast("null"),
  "cast_object/1": cast("object"),
  "cast_set/1": toSet,
  "cast_string/1": cast("string"),
};
