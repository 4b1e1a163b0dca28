/**
 * YAML, as Go's yaml.v3 reads and writes it for OPA.
 *
 * The package `yaml` reads the syntax; what scalars, tags, aliases and merge keys
 * mean is decided here.
 *
 * @module
 */

import { type Alias, Composer, isAlias, isMap, isScalar, isSeq, Parser } from "yaml";
import { BuiltinError } from "../errors.ts";
import { type BuiltinContext, type Builtins, failure } from "../builtin.ts";
import { jsonText, MAX_JSON_DEPTH } from "../json.ts";
import { fromBigInt, isInteger64, type Numeric, parseNumber, toDouble } from "../number.ts";
import {
  isArray,
  isNumber,
  isSet,
  isString,
  objectEntries,
  type ObjectValue,
  RegoObject,
  type Value,
} from "../value.ts";
import { decodeBase64, paidString, textOf, wellFormed } from "./encoding.ts";
