/**
 * Comparisons.
 *
 * @module
 */

import type { Builtins } from "../builtin.ts";
import { compare, equal } from "../value.ts";

export const COMPARE: Builtins = {
  "equal": ([a, b]) => equal(a!, b!),
  "neq": ([a, b]) => !equal(a!, b!),
  "lt": ([a, b]) => compare(a!, b!) < 0,
  "lte": ([a, b]) => compare(a!, b!) <= 0,
  "gt": ([a, b]) => compare(a!, b!) > 0,
  "gte": ([a, b]) => compare(a!, b!) >= 0,
};
