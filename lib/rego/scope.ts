/**
 * Which variables a body declares, and where.
 *
 * @module
 */

import { type Body, type Literal, partsOf, type Term, type With } from "./ast.ts";
import { payCompile } from "./compile_budget.ts";
import type { Frame, Var } from "./ir.ts";

/** The names of one body, inside those of the bodies around it. */
export class Scope {
  readonly frame: Frame;
  readonly #parent: Scope | null;
  readonly #names = new Map<string, Var>();
  /** Names declared here by `:=`, `some` or as parameters, with how. */
  readonly declared = new Map<string, "assigned" | "declared" | "arg">();
  /** Declared here by `some`, not used yet. */
  readonly unused = new Map<string, number>();

  constructor(frame: Frame, parent: Scope | null) {
    this.frame = frame;
    this.#parent = parent;
  }

  /** A new variable of this body. */
  declare(name: string, at: number): Var {
    const variable = this.frame.variable(name, at);
    this.#names.set(name, variable);
    return variable;
  }

  /** Whether the body itself, not one around it, has this name. */
  owns(name: string): boolean {
    return this.#names.has(name);
  }

  /** The body's own variables, wildcards left out. */
  named(): ReadonlyMap<string, Var> {
    return new Map([...this.#names].filter(([name]) => !name.startsWith("$")));
  }

  /** Whether `name` is a parameter of the function whose body this is; closures may shadow it. */
  isArgument(name: string): boolean {
    return this.declared.get(name) === "arg" || this.#parent?.declared.get(name) === "arg";
  }

  find(name: string): Var | undefined {
    payCompile(1);
    const own = this.#names.get(name);
    if (own) {
      this.unused.delete(name);
      return own;
    }
    return this.#parent?.find(name);
  }
}

/** Calls `visit` for every variable of a term, those inside closures left out. */
export function eachVar(term: Term, visit: (name: string, at: number) => void): void {
  payCompile(1);
  if (term.type === "var") visit(term.name, term.at);
  else for (const part of partsOf(term)) eachVar(part, visit);
}

/**
 * The variables that a pattern declares: not those inside references and calls, and
 * the keys of objects only `withKeys`.
 */
export function patternVars(
  term: Term,
  visit: (name: string, at: number) => void,
  withKeys = false,
): void {
  switch (term.type) {
    case "var":
      return visit(term.name, term.at);
    case "array":
    case "set":
      for (const item of term.items) patternVars(item, visit, withKeys);
      return;
    case "object":
      for (const [key, value] of term.entries) {
        if (withKeys) patternVars(key, visit, withKeys);
        patternVars(value, visit, withKeys);
      }
      return;
  }
}

/** The left side if the literal is `left := right`. */
export function assignedTerm(literal: Literal): Term | undefined {
  if (literal.type !== "term" || literal.term.type !== "call") return undefined;
  const { term } = literal;
  return term.infix && term.name[0] === "assign" ? term.args[0] : undefined;
}

/** Every name that a body declares with `some` or `:=`. */
export function declaredNames(body: Body): Set<string> {
  const names = new Set<string>();
  const add = (name: string) => names.add(name);
  for (const literal of body) {
    if (literal.type === "some") literal.vars.forEach((v) => names.add(v.name));
    if (literal.type === "someIn") {
      if (literal.key) patternVars(literal.key, add);
      patternVars(literal.value, add);
    }
    const assigned = assignedTerm(literal);
    if (assigned) patternVars(assigned, add);
  }
  return names;
}

/**
 * Every variable that a body uses itself, closures left out, and the values of
 * the modifiers that `names` a function.
 */
export function usedVars(
  body: Body,
  visit: (name: string, at: number) => void,
  names: (modifier: With) => boolean,
): void {
  for (const literal of body) {
    if (literal.type === "term") eachVar(literal.term, visit);
    if (literal.type === "every") eachVar(literal.domain, visit);
    if (literal.type === "someIn") eachVar(literal.domain, visit);
    if (literal.type === "group") {
      for (const { body, explicit } of literal.operands) {
        if (!explicit) usedVars(body, visit, names);
      }
    }
    for (const modifier of literal.withs) {
      if (!names(modifier)) eachVar(modifier.value, visit);
    }
  }
}
