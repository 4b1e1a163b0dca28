/**
 * Gives bodies their meaning: what each literal declares and asks.
 *
 * @module
 */

import type { Body, CallTerm, GroupLiteral, Literal, Term, TermLiteral, VarTerm } from "./ast.ts";
import { type Block, type Lit, mapChildren, type Node } from "./ir.ts";
import type { Names } from "./resolve_names.ts";
import { isEach, TermResolver } from "./resolve_terms.ts";
import { WithResolver } from "./resolve_withs.ts";
import { assignedTerm, declaredNames, eachVar, patternVars, Scope, usedVars } from "./scope.ts";
import { typeName } from "./value.ts";

/** Resolves the bodies of one module. */
export class BodyResolver {
  readonly #names: Names;
  readonly terms: TermResolver;
  readonly #withs: WithResolver;

  constructor(names: Names) {
    this.#names = names;
    this.terms = new TermResolver(names, (...of) => this.body(...of));
    this.#withs = new WithResolver(names, this.terms);
  }

  /** A body, and the terms (`heads`) that share its variables. */
  body(body: Body, scope: Scope, heads: readonly Term[]): Block {
    const declared = declaredNames(body);
    const note = (name: string, at: number) => {
      if (!declared.has(name) && !this.#isKnown(name, scope)) scope.declare(name, at);
    };
    usedVars(body, note, ({ value }) => this.#names.replacementOf(value) !== null);
    for (const head of heads) eachVar(head, note);
    return body.flatMap((literal) => this.#literal(literal, scope));
  }

  #isKnown(name: string, scope: Scope): boolean {
    return scope.find(name) !== undefined || this.#names.global(name) !== undefined;
  }

  #declare(name: string, at: number, how: "assigned" | "declared", scope: Scope): void {
    const before = scope.declared.get(name);
    if (before || scope.isArgument(name)) {
      const text = before && before !== "arg"
        ? `var ${name} ${before} above`
        : `arg ${name} redeclared`;
      return this.#names.fail(at, "rego_compile_error", text);
    }
    if (scope.owns(name) && !name.startsWith("$")) {
      return this.#names.fail(at, "rego_compile_error", `var ${name} referenced above`);
    }
    if (how === "assigned") this.#names.refuseShadow(name, at, "variables");
    scope.declare(name, at);
    scope.declared.set(name, how);
  }

  #literal(literal: Literal, scope: Scope): readonly Lit[] {
    switch (literal.type) {
      case "some":
        for (const { name } of literal.vars) {
          this.#declare(name, literal.at, "declared", scope);
          scope.unused.set(name, literal.at);
        }
        return [];
      case "someIn": {
        const withs = this.#withs.withs(literal.withs, scope);
        const domain = this.terms.term(literal.domain, scope);
        for (const pattern of [literal.key, literal.value]) {
          if (!pattern) continue;
          patternVars(pattern, (name, at) => {
            this.#names.refuseShadow(name, at, "items");
            this.#declare(name, literal.at, "declared", scope);
          });
        }
        const key = literal.key && this.terms.term(literal.key, scope);
        const value = this.terms.term(literal.value, scope);
        return [{ kind: "in", key, value, domain, negated: false, withs, at: literal.at }];
      }
      case "every": {
        const withs = this.#withs.withs(literal.withs, scope);
        const domain = this.terms.term(literal.domain, scope);
        const from = scope.frame.size;
        const inner = new Scope(scope.frame, scope);
        const declare = ({ name, at }: VarTerm) => {
          if (!name.startsWith("$")) inner.unused.set(name, literal.body[0]!.at);
          inner.declared.set(name, "declared");
          return inner.declare(name, at);
        };
        const key = literal.key && declare(literal.key);
        const value = declare(literal.value);
        const body = this.body(literal.body, inner, []);
        this.#names.checkUnused(inner);
        const locals = [from, scope.frame.size] as const;
        const { at } = literal;
        return [{ kind: "every", key, value, domain, body, locals, negated: false, withs, at }];
      }
      case "group":
        return [this.#group(literal, scope)];
      case "term": {
        const lit = this.#termLiteral(literal, scope);
        return lit.negated ? liftCalls(lit, scope) : [lit];
      }
    }
  }

  #group({ all, negated, operands, withs, at }: GroupLiteral, scope: Scope): Lit {
    const modifiers = this.#withs.withs(withs, scope);
    const from = scope.frame.size;
    const blocks = operands.map(({ body, explicit }) => {
      const [first] = body;
      if (!explicit && assignedTerm(first!)) {
        const message = "cannot assign vars inside implicit operand";
        this.#names.fail(first!.at, "rego_compile_error", message);
      }
      const inner = new Scope(scope.frame, scope);
      const block = this.body(body, inner, []);
      this.#names.checkUnused(inner);
      return block;
    });
    const locals = [from, scope.frame.size] as const;
    return { kind: "group", all, negated, blocks, locals, withs: modifiers, at };
  }

  #termLiteral(literal: TermLiteral, scope: Scope): Lit {
    const { term, negated, at } = literal;
    const base = { negated, at, withs: this.#withs.withs(literal.withs, scope) };
    if (term.type !== "call") return { kind: "test", node: this.terms.term(term, scope), ...base };
    if (term.infix && !isEach(term)) this.#names.refuseReplaced(term.name[0]!, scope, at);
    const assigned = assignedTerm(literal);
    if (assigned) return this.#assignment(assigned, term, base, scope);
    if (term.infix && term.name[0] === "eq") {
      const [left, right] = term.args.map((arg) => this.terms.term(arg, scope));
      return { kind: "eq", left: left!, right: right!, ...base };
    }
    const call = this.terms.call(term, scope, true);
    if (call.op !== "call" || call.args.length <= this.terms.arityOf(call)) {
      return { kind: "test", node: call, ...base };
    }
    const output = call.args.at(-1)!;
    const left = { ...call, args: call.args.slice(0, -1) };
    return { kind: "eq", left, right: output, isCall: true, ...base };
  }

  #assignment(
    pattern: Term,
    term: CallTerm,
    base: Pick<Lit, "negated" | "at" | "withs">,
    scope: Scope,
  ): Lit {
    const right = this.terms.term(term.args[1]!, scope);
    if (base.negated) {
      this.#names.fail(
        base.at,
        "rego_compile_error",
        "cannot assign vars inside negated expression",
      );
    }
    for (const part of unassignable(pattern)) {
      const what = part.type === "scalar" ? typeName(part.value) : part.type;
      this.#names.fail(part.at, "rego_compile_error", `cannot assign to ${what}`);
    }
    patternVars(pattern, (name, at) => this.#declare(name, at, "assigned", scope));
    return { kind: "eq", left: this.terms.term(pattern, scope), right, ...base };
  }
}

/**
 * A negation denies its outermost call alone: calls inside it are literals of
 * their own, which come first and must have a value.
 */
function liftCalls(lit: Lit, scope: Scope): readonly Lit[] {
  const lifted: Lit[] = [];
  const part = (node: Node): Node => {
    if (node.op !== "call") return mapChildren(node, part);
    const { at } = node;
    const left: Node = { op: "var", v: scope.declare(`$not${scope.frame.size}`, at), at };
    lifted.push({ kind: "eq", left, right: node, negated: false, withs: lit.withs, at: lit.at });
    return left;
  };
  if (lit.kind === "test") lifted.push({ ...lit, node: mapChildren(lit.node, part) });
  else if (lit.kind === "eq") {
    const left = lit.isCall ? mapChildren(lit.left, part) : part(lit.left);
    lifted.push({ ...lit, left, right: part(lit.right) });
  } else lifted.push(lit);
  return lifted;
}

/** The parts of a pattern that `:=` cannot declare. */
function unassignable(pattern: Term): readonly Term[] {
  switch (pattern.type) {
    case "var":
      return [];
    case "array":
      return pattern.items.flatMap(unassignable);
    case "object":
      return pattern.entries.flatMap(([, value]) => unassignable(value));
  }
  return [pattern];
}
