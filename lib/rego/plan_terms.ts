/**
 * Turns terms whose variables are bound into functions, and patterns into matchers.
 *
 * @module
 */

import type { Module } from "./ast.ts";
import type { BuiltinFunction } from "./builtin.ts";
import { callExpr } from "./calls.ts";
import { payCompile } from "./compile_budget.ts";
import type { Context, Expr, Slots } from "./context.ts";
import type { CompileCode } from "./errors.ts";
import type { Place } from "./document.ts";
import type { ComprehensionNode, Frame, Node, RefNode, Var } from "./ir.ts";
import type { Issues } from "./issues.ts";
import { lookup, planStart, settleExpr } from "./refs.ts";
import { flowOf, isGround } from "./safety.ts";
import { quotedAt, unsafeAt } from "./unsafe_place.ts";
import type { TreeNode } from "./tree.ts";
import {
  equal,
  isObject,
  objectGet,
  objectSize,
  RegoObject,
  RegoSet,
  type Value,
} from "./value.ts";

/** Variables that have a value. */
export type Bound = ReadonlySet<Var>;

/** Binds the variables of a pattern to the parts of a value; `false` if they differ. */
export type Matcher = (c: Context, s: Slots, value: Value) => boolean;

/** What plans need to know. */
export interface PlanScope {
  readonly module: Pick<Module, "file" | "source">;
  readonly root: TreeNode;
  readonly issues: Issues;
  readonly builtin: (name: string) => BuiltinFunction;
}

/** Plans a comprehension, given what is bound outside of it. */
export type PlanClosure = (node: ComprehensionNode, outside: Bound) => Expr;

/** Plans the terms of one frame. */
export class TermPlanner {
  readonly scope: PlanScope;
  readonly #frame: Frame;
  readonly #closure: PlanClosure;

  constructor(scope: PlanScope, frame: Frame, closure: PlanClosure) {
    this.scope = scope;
    this.#frame = frame;
    this.#closure = closure;
  }

  temporary(): Var {
    return this.#frame.variable("", 0);
  }

  /** Nothing binds a variable that `nodes` use. */
  unsafe(v: Var, nodes: readonly Node[], at: number, negated = false): void {
    if (v.name.startsWith("$each")) return;
    const quoted = nodes.map((node) => quotedAt(node, v)).find((at) => at !== undefined);
    if (quoted !== undefined) return this.undeclared(v, quoted);
    const hint = negated
      ? "; in a negation nothing binds it: move it to a rule of its own, or use `not x in xs`"
      : "";
    this.#refuse(at, "rego_unsafe_var_error", `var ${sourceName(v)} is unsafe${hint}`);
  }

  undeclared(v: Var, at: number): void {
    this.#refuse(at, "rego_compile_error", `var ${sourceName(v)} is undeclared`);
  }

  #refuse(at: number, code: CompileCode, message: string): void {
    this.scope.issues.add(this.scope.module, at, code, message);
  }

  /** Refuses a term of a head whose variables nothing binds. */
  checkBound(node: Node, bound: Bound, at?: number): void {
    const flow = { needs: new Set<Var>(), binds: new Set<Var>() };
    flowOf(node, flow);
    for (const v of flow.needs) {
      if (!bound.has(v)) this.unsafe(v, [node], unsafeAt(node, v, at) ?? at ?? v.at);
    }
  }

  /** A node whose variables are all bound. */
  expr(node: Node, bound: Bound): Expr {
    payCompile(1);
    switch (node.op) {
      case "const": {
        const { value } = node;
        return () => value;
      }
      case "var": {
        if (!bound.has(node.v)) this.unsafe(node.v, [], node.at);
        const { slot } = node.v;
        return (_, s) => s[slot];
      }
      case "input":
        return (c) => c.input;
      case "data": {
        const { start } = planStart(this.scope.root, []);
        return (c, s) => settleExpr(c, start(c, s)!);
      }
      case "ref":
        return this.#reference(node, bound);
      case "array":
        return this.#items(node.items, bound, (values) => values);
      case "set":
        return this.#items(node.items, bound, (values) => new RegoSet(values));
      case "object":
        return this.#object(node.entries, bound);
      case "call":
        return callExpr(
          node.name,
          node.group ?? this.scope.builtin(node.name),
          node.args.map((arg) => this.expr(arg, bound)),
        );
      case "comprehension":
        return this.#closure(node, bound);
    }
  }

  #reference(ref: RefNode, bound: Bound): Expr {
    const { start, rest } = this.start(ref, bound);
    const keys = rest.map((part) => this.expr(part, bound));
    return (c, s) => {
      let place = start(c, s);
      for (let i = 0; i < keys.length && place !== undefined; i++) {
        const key = keys[i]!(c, s);
        if (key === undefined) return undefined;
        place = lookup(c, place, key);
      }
      return place === undefined ? undefined : settleExpr(c, place);
    };
  }

  start(ref: RefNode, bound: Bound): {
    readonly start: (c: Context, s: Slots) => Place | undefined;
    readonly rest: readonly Node[];
  } {
    if (ref.root.op === "data") return planStart(this.scope.root, ref.path);
    return { start: this.expr(ref.root, bound), rest: ref.path };
  }

  #items(
    items: readonly Node[],
    bound: Bound,
    make: (values: Value[]) => Value,
  ): Expr {
    const exprs = items.map((item) => this.expr(item, bound));
    const whole: Expr = (c, s) => {
      const values: Value[] = [];
      for (const expr of exprs) {
        const value = expr(c, s);
        if (value === undefined) return undefined;
        values.push(value);
      }
      c.run.make(values.length);
      return make(values);
    };
    return folded(items, whole, () => make(items.map((item) => (item as { value: Value }).value)));
  }

  #object(entries: readonly (readonly [Node, Node])[], bound: Bound): Expr {
    return this.#items(entries.flat(), bound, (values) => {
      const object = new RegoObject();
      for (let i = 0; i < values.length; i += 2) object.set(values[i]!, values[i + 1]!);
      return object;
    });
  }

  /** A matcher; the pattern's variables become bound. */
  match(pattern: Node, bound: Set<Var>): Matcher {
    payCompile(1);
    if (pattern.op === "var" && !bound.has(pattern.v)) {
      bound.add(pattern.v);
      const { slot } = pattern.v;
      return (_, s, value) => {
        s[slot] = value;
        return true;
      };
    }
    if (!isGround(pattern, bound)) {
      if (pattern.op === "array") return this.#matchArray(pattern.items, bound);
      if (pattern.op === "object") return this.#matchObject(pattern.entries, bound);
    }
    const expr = this.expr(pattern, bound);
    return (c, s, value) => {
      const own = expr(c, s);
      return own !== undefined && equal(own, value);
    };
  }

  #matchArray(items: readonly Node[], bound: Set<Var>): Matcher {
    const matchers = items.map((item) => this.match(item, bound));
    return (c, s, value) =>
      Array.isArray(value) && value.length === matchers.length &&
      matchers.every((match, i) => match(c, s, value[i]));
  }

  #matchObject(entries: readonly (readonly [Node, Node])[], bound: Set<Var>): Matcher {
    const matchers = entries.map(([key, value]) =>
      [this.expr(key, bound), this.match(value, bound)] as const
    );
    return (c, s, value) => {
      if (!isObject(value)) return false;
      const size = objectSize(value);
      c.run.ticks(size >> 2);
      if (size !== matchers.length) return false;
      return matchers.every(([key, match]) => {
        const name = key(c, s);
        const member = name === undefined ? undefined : objectGet(value, name);
        return member !== undefined && match(c, s, member);
      });
    };
  }
}

/** A variable as it was written. */
function sourceName({ name }: Var): string {
  return name.startsWith("$") ? "_" : name;
}

/** A composite of constants is made once. */
function folded(items: readonly Node[], whole: Expr, make: () => Value): Expr {
  if (!items.every((item) => item.op === "const")) return whole;
  const value = make();
  return () => value;
}
