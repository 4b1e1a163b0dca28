/**
 * Gives the rules and queries of a module their meaning.
 *
 * @module
 */

import { type Body, type Module, partsOf, type Rule, type Term } from "./ast.ts";
import { type Block, Frame, type Node, type RuleNode, type Var } from "./ir.ts";
import { BodyResolver } from "./resolve_bodies.ts";
import { Names, type Surroundings } from "./resolve_names.ts";
import { eachVar, patternVars, Scope } from "./scope.ts";
import { groundLength } from "./tree.ts";

/** Resolves the rules and queries of one module. */
export class Resolver {
  readonly #names: Names;
  readonly #bodies: BodyResolver;

  constructor(module: Module, surroundings: Surroundings) {
    this.#names = new Names(module, surroundings);
    this.#bodies = new BodyResolver(this.#names);
  }

  /** One rule with its `else` chain. */
  rule(rule: Rule): RuleNode {
    this.#names.refuseShadow(rule.head.path[0].value as string, rule.at, "rules");
    const frame = new Frame();
    const scope = new Scope(frame, null);
    const args = (rule.head.args ?? []).map((arg) => this.#argument(arg, rule, scope));
    return this.#chain(rule, args, scope);
  }

  /** A query: its variables stay visible to the caller. */
  query(
    body: Body,
  ): { readonly block: Block; readonly frame: Frame; readonly names: ReadonlyMap<string, Var> } {
    const frame = new Frame();
    const scope = new Scope(frame, null);
    const block = this.#bodies.body(body, scope, []);
    this.#names.checkUnused(scope);
    return { block, frame, names: scope.named() };
  }

  #argument(arg: Term, { at }: Rule, scope: Scope): Node {
    if (hasCall(arg)) {
      this.#names.fail(arg.at, "rego_compile_error", "rule arguments cannot contain calls");
    }
    patternVars(arg, (name) => this.#names.refuseShadow(name, at, "args"), true);
    eachVar(arg, (name, at) => {
      if (scope.owns(name)) return;
      scope.declare(name, at);
      scope.declared.set(name, "arg");
    });
    return this.#bodies.terms.term(arg, scope);
  }

  #chain(rule: Rule, args: readonly Node[], outer: Scope): RuleNode {
    const { head } = rule;
    const scope = new Scope(outer.frame, outer);
    const suffix = head.path.slice(groundLength(head));
    const value = head.value;
    const heads = [...suffix, ...(head.member ? [head.member] : []), ...(value ? [value] : [])];
    const body = this.#bodies.body(rule.body, scope, heads);
    const node: RuleNode = {
      module: this.#names.module,
      at: rule.at,
      args,
      suffix: suffix.map((term) => this.#bodies.terms.term(term, scope)),
      member: head.member && this.#bodies.terms.term(head.member, scope),
      value: value && this.#bodies.terms.term(value, scope),
      body,
      orElse: null,
      frame: outer.frame,
    };
    this.#names.checkUnused(scope);
    return rule.orElse ? { ...node, orElse: this.#chain(rule.orElse, args, outer) } : node;
  }
}

function hasCall(term: Term): boolean {
  return term.type === "call" || partsOf(term).some(hasCall);
}
