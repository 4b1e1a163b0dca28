/**
 * All builtins by name.
 *
 * @module
 */

import type { BuiltinFunction, Builtins } from "../builtin.ts";
import { ARITY } from "../signatures.ts";

const TABLES: readonly Builtins[] = [];

const NONE: BuiltinFunction = () => undefined;

/** Every builtin that policies may call. */
export const BUILTINS: ReadonlyMap<string, BuiltinFunction> = new Map(
  [...ARITY.keys()].map((name) => {
    const table = TABLES.find((table) => Object.hasOwn(table, name));
    return [name, table?.[name] ?? NONE];
  }),
);
