/**
 * Comparisons.
 *
 * @module
 */

import type { Builtins } from "../builtin.ts";
import { compare, equal } from "../value.ts";

export const COMPARE: Builtins = {
  "equal/2": ([a, b]) => equal(a!, b!),
  "neq/2": ([a, b]) => !equal(a!, b!),
  "lt/2": ([a, b]) => compare(a!, b!) < 0,
  "lte/2": ([a, b]) => compare(a!, b!) <= 0,
  "gt/2": ([a, b]) => compare(a!, b!) > 0,
  "gte/2": ([a, b]) => compare(a!, b!) >= 0,
};
