/**
 * Turns resolved rules and queries into what runs.
 *
 * @module
 */

import type { Expr, Next, Runner } from "./context.ts";
import { type Block, children, type Frame, type Node, type RuleNode, type Var } from "./ir.ts";
import { BodyPlanner } from "./plan_bodies.ts";
import { chain } from "./plan_hoist.ts";
import type { PlanScope } from "./plan_terms.ts";
import { type Flow, patternFlow } from "./safety.ts";
import type { Value } from "./value.ts";

/** Plans the rules of one frame. */
export class Planner {
  readonly #frame: Frame;
  readonly #bodies: BodyPlanner;

  constructor(scope: PlanScope, frame: Frame) {
    this.#frame = frame;
    this.#bodies = new BodyPlanner(scope, frame);
  }

  /** One rule with its `else` chain. */
  rule(rule: RuleNode): Runner {
    const bound = new Set<Var>();
    // What no argument binds, e.g. a key, stays undefined and matches nothing.
    rule.args.forEach((arg) => patternVars(arg, bound));
    const params: Flow = { needs: new Set(), binds: new Set() };
    rule.args.forEach((arg) => patternFlow(arg, params));
    params.binds.forEach((v) => bound.delete(v));
    const matchers = rule.args.map((arg) => this.#bodies.terms.match(arg, bound));
    const block = [...rule.body];
    const lift = (node: Node) => this.#bodies.lift(node, block);
    const heads = [rule.member, rule.value, ...rule.suffix].map((node) => node && lift(node));
    const emits = this.#bodies.block(block, bound);
    const before = emits.length;
    const [member = null, value = null, ...suffix] = heads.map((node) =>
      node && this.#bodies.head(node, bound, emits)
    );
    const found = this.#bodies.terms.temporary().slot;
    const body = chain(emits, (c, s) => (s[found] as unknown as Next)(c, s));
    const isConstant = rule.value?.op === "const" && emits.length === before;
    const orElse = rule.orElse && this.rule(rule.orElse);
    return {
      size: this.#frame.size,
      bind: matchers.length === 0 ? null : (c, s, args) => {
        for (let i = 0; i < matchers.length; i++) if (!matchers[i]!(c, s, args[i]!)) return false;
        return true;
      },
      run: (c, s, next) => {
        s[found] = next as unknown as Value;
        body(c, s);
      },
      constant: isConstant ? (rule.value as { value: Value }).value : undefined,
      value,
      member,
      suffix: suffix as Expr[],
      orElse,
    };
  }

  /** A query: `found` is called for every answer. */
  query(block: Block, found: Next): Next {
    return chain(this.#bodies.block(block, new Set()), found);
  }

  /** A term without variables. */
  term(node: Node): Expr {
    return this.#bodies.terms.expr(node, new Set());
  }
}

/** Adds the variables of a pattern, those of its keys too. */
function patternVars(node: Node, vars: Set<Var>): void {
  if (node.op === "var") vars.add(node.v);
  else if (node.op !== "ref" && node.op !== "call") {
    for (const child of children(node)) patternVars(child, vars);
  }
}
