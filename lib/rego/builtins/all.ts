/**
 * All builtins by name.
 *
 * @module
 */

import type { BuiltinFunction, Builtins } from "../builtin.ts";
import { ARITY } from "../signatures.ts";
import { AGGREGATES } from "./aggregates.ts";
import { BITS } from "./bits.ts";
import { ARRAYS } from "./arrays.ts";
import { GRAPH } from "./graph.ts";
import { JSON_PATHS } from "./json_paths.ts";
import { JSON_TEXT } from "./json_text.ts";
import { OBJECTS } from "./objects.ts";
import { SEMVER } from "./semver.ts";
import { SETS } from "./sets.ts";
import { STRINGS } from "./strings.ts";
import { UUIDS } from "./uuid.ts";
import { REGEX } from "./regex.ts";
import { GLOB } from "./glob.ts";
import { ENCODING } from "./encoding.ts";
import { URLS } from "./urls.ts";
import { CRYPTO } from "./crypto.ts";
import { JWT } from "./jwt.ts";
import { UNITS } from "./units.ts";
import { CIDR } from "./cidr.ts";
import { SPRINTF } from "./sprintf.ts";
import { TIME } from "./time.ts";
import { TEMPLATES } from "./templates.ts";
import { YAML } from "./yaml.ts";
import { COMPARE } from "./compare.ts";
import { NUMBERS } from "./numbers.ts";
import { TYPES } from "./types.ts";

const TABLES: readonly Builtins[] = [
  AGGREGATES,
  YAML,
  TEMPLATES,
  TIME,
  SPRINTF,
  CIDR,
  UNITS,
  JWT,
  CRYPTO,
  URLS,
  ENCODING,
  GLOB,
  REGEX,
  UUIDS,
  STRINGS,
  ARRAYS,
  GRAPH,
  JSON_PATHS,
  JSON_TEXT,
  OBJECTS,
  SEMVER,
  SETS,
  BITS,
  COMPARE,
  NUMBERS,
  TYPES,
];

/** Every builtin that policies may call. */
export const BUILTINS: ReadonlyMap<string, BuiltinFunction> = new Map(
  [...ARITY.keys()].map((name) => {
    const table = TABLES.find((table) => Object.hasOwn(table, name));
    return [
      name,
      table?.[name] ?? (() => {
        throw new Error("MISSING " + name);
      }),
    ];
  }),
);
