/**
 * Gives terms their meaning: variables their slots, globals their paths, calls
 * their functions.
 *
 * @module
 */

import type { Body, CallTerm, Term, VarTerm, With } from "./ast.ts";
import { payCompile } from "./compile_budget.ts";
import type { Block, CallNode, Node, RefNode } from "./ir.ts";
import type { Names } from "./resolve_names.ts";
import { Scope } from "./scope.ts";
import { ARITY } from "./signatures.ts";

/** How variables begin that nobody wrote: they run through the values of a term. */
const EACH = "$each";

/** Whether an equation was made for such a variable. */
export function isEach({ args: [left] }: CallTerm): boolean {
  return left?.type === "var" && left.name.startsWith(EACH);
}

/** Resolves the body of a closure, and the terms (`heads`) that share its variables. */
export type ResolveBody = (body: Body, scope: Scope, heads: readonly Term[]) => Block;

/** Resolves the terms of one module. */
export class TermResolver {
  readonly #names: Names;
  readonly #body: ResolveBody;

  constructor(names: Names, body: ResolveBody) {
    this.#names = names;
    this.#body = body;
  }

  term(term: Term, scope: Scope): Node {
    payCompile(1);
    switch (term.type) {
      case "scalar":
        return { op: "const", value: term.value };
      case "var":
        return this.#variable(term.name, term.at, scope);
      case "ref": {
        const root = this.term(term.head, scope);
        const path = term.path.map((part) => this.term(part, scope));
        const ref: RefNode = root.op === "ref"
          ? { op: "ref", root: root.root, path: [...root.path, ...path], at: term.at }
          : { op: "ref", root, path, at: term.at };
        this.#names.refuseFunction(ref);
        return ref;
      }
      case "array":
      case "set":
        return { op: term.type, items: term.items.map((item) => this.term(item, scope)) };
      case "object":
        return {
          op: "object",
          entries: term.entries.map(([k, v]) => [this.term(k, scope), this.term(v, scope)]),
        };
      case "call":
        return this.call(term, scope, false);
      case "comprehension": {
        const from = scope.frame.size;
        const inner = new Scope(scope.frame, scope);
        const heads = term.value ? [term.key, term.value] : [term.key];
        const body = this.#body(term.body, inner, heads);
        const key = this.term(term.key, inner);
        const value = term.value && this.term(term.value, inner);
        this.#names.checkUnused(inner);
        const locals = [from, scope.frame.size] as const;
        return { op: "comprehension", of: term.of, key, value, body, locals, at: term.at };
      }
      case "template": {
        const items = term.parts.map((part): Node =>
          typeof part === "string"
            ? { op: "const", value: part }
            : this.#each(part.term, scope, part.withs)
        );
        const args: Node[] = [{ op: "array", items }];
        return { op: "call", name: "internal.template_string", group: null, args, at: term.at };
      }
    }
  }

  /** `{x | x = term}`: every value of a term, none if it is undefined. */
  #each(term: Term, scope: Scope, withs: readonly With[] = []): Node {
    const from = scope.frame.size;
    const inner = new Scope(scope.frame, scope);
    const { at } = term;
    const x: VarTerm = { type: "var", name: `${EACH}${scope.frame.size}`, at };
    const is: CallTerm = { type: "call", name: ["eq"], args: [x, term], infix: true, at };
    const body = this.#body([{ type: "term", negated: false, term: is, withs, at }], inner, [x]);
    const key = this.term(x, inner);
    const locals = [from, scope.frame.size] as const;
    const each: Node = { op: "comprehension", of: "set", key, value: null, body, locals, at };
    return term.type === "var" ? each : { ...each, quotedAt: at };
  }

  #variable(name: string, at: number, scope: Scope): Node {
    const found = scope.find(name);
    if (found) return { op: "var", v: found, at };
    const known = this.#names.global(name);
    if (known?.op === "ref") {
      payCompile(known.path.length);
      const ref = { ...known, at };
      this.#names.refuseFunction(ref);
      return ref;
    }
    if (known) return known;
    // Nothing binds it: the safety check says so.
    return { op: "var", v: scope.declare(name, at), at };
  }

  /** `allowOutput`: one operand more than the arity takes the result. */
  call(term: CallTerm, scope: Scope, allowOutput: boolean): Node {
    const { name, at } = term;
    const [first = ""] = name;
    if (!term.infix && scope.find(first)) {
      this.#names.fail(at, "rego_type_error", `undefined function ${name.join(".")}`);
    }
    if (term.infix) this.#names.refuseReplaced(first, scope, at);
    const target = term.infix ? { name: first, group: null } : this.#names.function(name, at);
    const printed = target.name === "print" && !target.group;
    if (printed && !allowOutput) {
      this.#names.fail(at, "rego_type_error", "print(…) used as value");
    }
    const args = term.args.map((arg) => printed ? this.#each(arg, scope) : this.term(arg, scope));
    if (!target.group && target.name === "eq") {
      return this.call({ ...term, name: ["equal"], infix: true }, scope, allowOutput);
    }
    const call: CallNode = { op: "call", ...target, args, at };
    this.#checkArity(call, allowOutput);
    return call;
  }

  #checkArity(call: CallNode, allowOutput: boolean): void {
    const arity = this.arityOf(call);
    const given = call.args.length;
    if (arity === Infinity || given === arity || (allowOutput && given === arity + 1)) return;
    this.#names.fail(
      call.at,
      "rego_type_error",
      `${call.name}: arity mismatch: got ${given} operands, want ${arity}`,
    );
  }

  arityOf(call: CallNode): number {
    if (call.group) return call.group.arity;
    if (call.name === "print") return Infinity;
    return ARITY.get(call.name) ?? Infinity;
  }
}
