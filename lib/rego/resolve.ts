/**
 * Gives the rules and queries of a module their meaning.
 *
 * @module
 */

import type { Body, Module, Rule, Term } from "./ast.ts";
import { type Block, Frame, type Node, type RuleNode, type Var } from "./ir.ts";
import { BodyResolver } from "./resolve_bodies.ts";
import { Names, type Surroundings } from "./resolve_names.ts";
import { eachVar, Scope } from "./scope.ts";
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
    this.#refuseRuleName(rule);
    const frame = new Frame();
    const scope = new Scope(frame, null);
    const args = (rule.head.args ?? []).map((arg) => {
      this.#declareArgument(arg, scope);
      return this.#bodies.terms.term(arg, scope);
    });
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

  #declareArgument(arg: Term, scope: Scope): void {
    eachVar(arg, (name, at) => {
      if (scope.owns(name)) return;
      this.#names.refuseShadow(name, at);
      scope.declare(name, at);
      scope.declared.set(name, "arg");
    });
  }

  #refuseRuleName({ head, at }: Rule): void {
    const name = head.path[0].value;
    if (this.#names.module.version === "v1" && (name === "input" || name === "data")) {
      const message = `rules must not shadow ${name} (use a different rule name)`;
      this.#names.fail(at, "rego_compile_error", message);
    }
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
