/**
 * All builtins by name.
 *
 * @module
 */

import type { BuiltinFunction, Builtins } from "../builtin.ts";
import { AGGREGATES } from "./aggregates.ts";
import { ARRAYS } from "./arrays.ts";
import { BITS } from "./bits.ts";
import { CIDR } from "./cidr.ts";
import { COMPARE } from "./compare.ts";
import { CRYPTO } from "./crypto.ts";
import { ENCODING } from "./encoding.ts";
import { GLOB } from "./glob.ts";
import { GRAPH } from "./graph.ts";
import { JSON_PATHS } from "./json_paths.ts";
import { JSON_TEXT } from "./json_text.ts";
import { JWT } from "./jwt.ts";
import { NUMBERS } from "./numbers.ts";
import { OBJECTS } from "./objects.ts";
import { PRINT } from "./print.ts";
import { REGEX } from "./regex.ts";
import { SEMVER } from "./semver.ts";
import { SETS } from "./sets.ts";
import { SPRINTF } from "./sprintf.ts";
import { STRINGS } from "./strings.ts";
import { TEMPLATES } from "./templates.ts";
import { TIME } from "./time.ts";
import { TYPES } from "./types.ts";
import { UNITS } from "./units.ts";
import { URLS } from "./urls.ts";
import { UUIDS } from "./uuid.ts";
import { YAML } from "./yaml.ts";

const TABLES: readonly Builtins[] = [
  AGGREGATES,
  ARRAYS,
  BITS,
  CIDR,
  COMPARE,
  CRYPTO,
  ENCODING,
  GLOB,
  GRAPH,
  JSON_PATHS,
  JSON_TEXT,
  JWT,
  NUMBERS,
  OBJECTS,
  PRINT,
  REGEX,
  SEMVER,
  SETS,
  SPRINTF,
  STRINGS,
  TEMPLATES,
  TIME,
  TYPES,
  UNITS,
  URLS,
  UUIDS,
  YAML,
];

const ENTRIES = TABLES.flatMap((table) => Object.entries(table)).map(([key, run]) => {
  const [name, arity] = key.split("/") as [string, string?];
  return { name, arity, run };
});

/** Every builtin that policies may call. */
export const BUILTINS: ReadonlyMap<string, BuiltinFunction> = new Map(
  ENTRIES.map(({ name, run }) => [name, run]),
);

/** The number of operands of every builtin that policies may call; `print` takes any. */
export const ARITY: ReadonlyMap<string, number> = new Map(
  ENTRIES.filter(({ arity }) => arity).map(({ name, arity }) => [name, Number(arity)]),
);
