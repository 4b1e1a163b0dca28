/**
 * What the lint knows of single terms: which way values move, what sets a
 * variable.
 *
 * @module
 */

import type { CallTerm, Literal, Term, VarTerm } from "./ast.ts";

/** Bits: 1 where growth helps, 2 where it hurts. */
export type Polarity = 0 | 1 | 2 | 3;

/** What helps the rule that is asked. */
export const HELPS: Polarity = 1;
/** What hurts it. */
export const HURTS: Polarity = 2;
/** What may do either. */
const BOTH: Polarity = 3;

/** How the place where a term stands depends on it. */
export interface Use {
  /** On its having a value at all, e.g. that an iteration finds something. */
  readonly exists: Polarity;
  /** On its value growing: a set by a member, a number, false to true. */
  readonly value: Polarity;
  /** Whether only being neither false nor undefined counts. */
  readonly truth: boolean;
}

/** Builtins whose value grows with each operand. */
export const GROWING: ReadonlySet<string> = new Set([
  ...["and", "or", "plus", "count", "intersection", "union", "array.concat", "array.slice"],
  ...["array.reverse", "sort", "object.keys", "cast_array", "cast_set"],
]);

/** Under a negation. */
export function flip(polarity: Polarity): Polarity {
  return ((polarity & 1) << 1 | polarity >> 1) as Polarity;
}

function join(a: Polarity, b: Polarity): Polarity {
  return (a | b) as Polarity;
}

/** Where nothing is known of the way, but that it counts. */
export function either(polarity: Polarity): Polarity {
  return polarity === 0 ? 0 : BOTH;
}

/** `0`, `[]`, `{}`, `set()`. */
export function isEmpty(term: Term): boolean {
  if (term.type === "scalar") return term.value === 0;
  if (term.type === "array" || term.type === "set") return term.items.length === 0;
  if (term.type === "object") return term.entries.length === 0;
  return term.type === "call" && term.name.join(".") === "set" && term.args.length === 0;
}

/** A boolean literal. */
export function isScalar(term: Term | undefined, value: boolean): boolean {
  return term?.type === "scalar" && term.value === value;
}

/** What a rule's body is needed for, by the value that it gives. */
export function neededBy(use: Use, value: Term | null): Polarity {
  if (value?.type !== "scalar") return use.exists;
  const gives = value.value === false
    ? flip(use.value)
    : value.value === true || use.truth
    ? use.value
    : either(use.value);
  return use.truth ? gives : join(use.exists, gives);
}

/** A variable, and the term that it is set to by `name`. */
export interface SetVariable {
  readonly name: string;
  readonly variable: VarTerm;
  readonly term: Term;
}

/** The variable that `x := term` or `x = term` may set. */
export function bindingOf({ name: names, args, infix }: CallTerm): SetVariable | undefined {
  const name = names.join(".");
  const [left, right] = args;
  if (!infix || (name !== "assign" && name !== "eq")) return undefined;
  if (left?.type === "var") return { name, variable: left, term: right! };
  if (name === "eq" && right?.type === "var") return { name, variable: right, term: left! };
  return undefined;
}

/** The bindings of one literal. */
export function bindingsOf(literal: Literal): readonly SetVariable[] {
  if (literal.type !== "term" || literal.negated || literal.term.type !== "call") return [];
  const bound = bindingOf(literal.term);
  return bound ? [bound] : [];
}
