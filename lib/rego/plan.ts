/**
 * Turns resolved rules into functions: one per literal, each calling the next.
 *
 * @module
 */

import type { BuiltinFunction } from "./builtin.ts";
import { callExpr, replaced, type Replacement } from "./calls.ts";
import type { Context, Expr, Mock, Next, Runner, Slots } from "./context.ts";
import { RegoError } from "./errors.ts";
import {
  type Block,
  type CallNode,
  type ComprehensionNode,
  type Frame,
  type Lit,
  mapChildren,
  type Node,
  type RefNode,
  type RuleNode,
  type Var,
  type WithNode,
} from "./ir.ts";
import type { Module } from "./ast.ts";
import type { Issues } from "./issues.ts";
import { everyItem, someItem } from "./iterate.ts";
import type { Place } from "./document.ts";
import { lookup, planStart, settleExpr, type Sink, stepEach } from "./refs.ts";
import { Growing, isGround, matchesOf, orderBody } from "./safety.ts";
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

type Bound = ReadonlySet<Var>;

/** Puts a literal before what follows it. */
type Emit = (next: Next) => Next;

/** Binds the variables of a pattern to the parts of a value; `false` if they differ. */
type Matcher = (c: Context, s: Slots, value: Value) => boolean;

/** What plans need to know. */
export interface PlanScope {
  readonly module: Pick<Module, "file" | "source">;
  readonly root: TreeNode;
  readonly issues: Issues;
  readonly builtin: (name: string) => BuiltinFunction;
}

const FOUND: Next = () => true;

function chain(emits: readonly Emit[], last: Next): Next {
  return emits.reduceRight((next, emit) => emit(next), last);
}

/** Plans the rules of one frame. */
export class Planner {
  readonly #scope: PlanScope;
  readonly #frame: Frame;

  constructor(scope: PlanScope, frame: Frame) {
    this.#scope = scope;
    this.#frame = frame;
  }

  /** One rule with its `else` chain. */
  rule(rule: RuleNode): Runner {
    const bound = new Set<Var>();
    const matchers = rule.args.map((arg) => this.#match(arg, bound));
    const emits = this.#block(rule.body, bound);
    const before = emits.length;
    const suffix = rule.suffix.map((node) => this.#head(node, bound, emits));
    const member = rule.member && this.#head(rule.member, bound, emits);
    const value = rule.value && this.#head(rule.value, bound, emits);
    const found = this.#temporary().slot;
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
      suffix,
      orElse,
    };
  }

  /** A query: `found` is called for every answer. */
  query(block: Block, found: Next): Next {
    return chain(this.#block(block, new Set()), found);
  }

  /** A term without variables. */
  term(node: Node): Expr {
    return this.#expr(node, new Set());
  }

  #temporary(): Var {
    return this.#frame.variable("", 0);
  }

  #unsafe(v: Var, negated: boolean): void {
    const name = v.name.startsWith("$") ? "_" : v.name;
    const hint = negated
      ? "; in a negation nothing binds it: move it to a rule of its own, or use `not x in xs`"
      : "";
    const { issues, module } = this.#scope;
    issues.add(module, v.at, "rego_unsafe_var_error", `var ${name} is unsafe${hint}`);
  }

  #tooLong(block: Block): Emit[] {
    const { issues, module } = this.#scope;
    issues.add(module, block[0]!.at, "rego_compile_error", "this body has too many expressions");
    return [];
  }

  /** The literals of a body, in an order that can run; `bound` grows. */
  #block(block: Block, bound: Set<Var>): Emit[] {
    const ordered = orderBody(block, new Growing(bound));
    if (!ordered) return this.#tooLong(block);
    const { lits, unsafe } = ordered;
    for (const [v, lit] of unsafe) this.#unsafe(v, lit.negated);
    return lits.flatMap((lit) => this.#literal(lit, bound));
  }

  /** A term of the head: its references run after the body. */
  #head(node: Node, bound: Set<Var>, emits: Emit[]): Expr {
    return this.#expr(this.#hoist(node, bound, emits), bound);
  }

  #literal(lit: Lit, bound: Set<Var>): Emit[] {
    const emits: Emit[] = [];
    const withs = lit.withs.map((modifier) => this.#with(modifier, bound, emits));
    const inner = lit.negated ? this.#negated(lit, bound) : this.#plain(lit, bound);
    if (withs.length > 0) {
      emits.push((next) => {
        const run = chain(inner, (c, s) => next(c.outer!, s));
        return (c, s) => {
          const context = replaced(c, s, withs);
          return context !== undefined && run(context, s);
        };
      });
      return emits;
    }
    return [...emits, ...inner];
  }

  /**
   * A negation: as OPA has it, references inside of calls and collections come
   * first and must have a value; those that stand alone or are compared need none.
   */
  #negated(lit: Lit, bound: Set<Var>): Emit[] {
    const emits: Emit[] = [];
    const isDocument = ({ op }: Node) => op === "input" || op === "data";
    const part = (node: Node): Node =>
      node.op === "ref" || isDocument(node)
        ? this.#lifted(node, bound, emits)
        : mapChildren(node, part);
    const operand = (node: Node) =>
      mapChildren(node, (child) => node.op === "ref" && isDocument(child) ? child : part(child));
    const isEqual = lit.kind === "test" && lit.node.op === "call" && lit.node.name === "equal";
    let denied = lit;
    if (lit.kind === "test") {
      denied = { ...lit, node: isEqual ? mapChildren(lit.node, operand) : operand(lit.node) };
    } else if (lit.kind === "eq") {
      denied = { ...lit, left: operand(lit.left), right: operand(lit.right) };
    }
    const test = chain(this.#plain(denied, bound), FOUND);
    return [...emits, (next) => (c, s) => test(c, s) ? false : next(c, s)];
  }

  #lifted(node: Node, bound: Set<Var>, emits: Emit[]): Node {
    const expr = this.#expr(node, bound);
    const v = this.#temporary();
    emits.push((next) => (c, s) => {
      const value = expr(c, s);
      if (value === undefined) return false;
      s[v.slot] = value;
      return next(c, s);
    });
    bound.add(v);
    return { op: "var", v, at: 0 };
  }

  #with({ target, value, replacement }: WithNode, bound: Set<Var>, emits: Emit[]): Replacement {
    let mock: Mock | null = null;
    if (replacement) {
      const { name, group } = replacement;
      mock = group
        ? { kind: "group", group }
        : { kind: "builtin", name, run: this.#scope.builtin(name) };
    }
    return { target, value: this.#head(value, bound, emits), mock };
  }

  #plain(lit: Lit, bound: Set<Var>): Emit[] {
    const emits: Emit[] = [];
    switch (lit.kind) {
      case "test":
        this.#test(lit.node, bound, emits);
        break;
      case "eq":
        this.#equation(lit, bound, emits);
        break;
      case "in":
        this.#someIn(lit, bound, emits);
        break;
      case "every":
        this.#every(lit, bound, emits);
    }
    return emits;
  }

  #test(node: Node, bound: Set<Var>, emits: Emit[]): void {
    const hoisted = this.#hoist(node, bound, emits);
    const expr = this.#expr(hoisted, bound);
    emits.push((next) => (c, s) => {
      const value = expr(c, s);
      return value !== undefined && value !== false && next(c, s);
    });
  }

  #equation(lit: Lit & { kind: "eq" }, bound: Set<Var>, emits: Emit[]): void {
    const left = this.#hoist(lit.left, bound, emits);
    const right = this.#hoist(lit.right, bound, emits);
    const matches = matchesOf(left, right, new Growing(bound)) ?? [];
    for (const { pattern, ground } of matches) {
      const expr = this.#expr(ground, bound);
      const match = this.#match(pattern, bound);
      emits.push((next) => (c, s) => {
        const value = expr(c, s);
        return value !== undefined && match(c, s, value) && next(c, s);
      });
    }
  }

  #someIn(lit: Lit & { kind: "in" }, bound: Set<Var>, emits: Emit[]): void {
    const domain = this.#head(lit.domain, bound, emits);
    const keyNode = lit.key && this.#hoist(lit.key, bound, emits);
    const valueNode = this.#hoist(lit.value, bound, emits);
    const key = keyNode && this.#match(keyNode, bound);
    const value = this.#match(valueNode, bound);
    emits.push((next) => (c, s) => {
      const items = domain(c, s);
      return items !== undefined &&
        someItem(
          c,
          items,
          (k, v) => (key === null || key(c, s, k)) && value(c, s, v) && next(c, s),
        );
    });
  }

  #every(lit: Lit & { kind: "every" }, bound: Set<Var>, emits: Emit[]): void {
    const domain = this.#head(lit.domain, bound, emits);
    const inside = new Set([...bound, lit.value]);
    if (lit.key) inside.add(lit.key);
    const body = chain(this.#block(lit.body, inside), FOUND);
    const keySlot = lit.key?.slot ?? this.#temporary().slot;
    const valueSlot = lit.value.slot;
    emits.push((next) => (c, s) => {
      const items = domain(c, s);
      return items !== undefined && everyItem(c, items, (k, v) => {
        s[keySlot] = k;
        s[valueSlot] = v;
        return body(c, s);
      }) && next(c, s);
    });
  }

  /** A matcher; the pattern's variables become bound. */
  #match(pattern: Node, bound: Set<Var>): Matcher {
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
    const expr = this.#expr(pattern, bound);
    return (c, s, value) => {
      const own = expr(c, s);
      return own !== undefined && equal(own, value);
    };
  }

  #matchArray(items: readonly Node[], bound: Set<Var>): Matcher {
    const matchers = items.map((item) => this.#match(item, bound));
    return (c, s, value) =>
      Array.isArray(value) && value.length === matchers.length &&
      matchers.every((match, i) => match(c, s, value[i]));
  }

  #matchObject(entries: readonly (readonly [Node, Node])[], bound: Set<Var>): Matcher {
    const matchers = entries.map(([key, value]) =>
      [this.#expr(key, bound), this.#match(value, bound)] as const
    );
    return (c, s, value) => {
      if (!isObject(value) || objectSize(value) !== matchers.length) return false;
      return matchers.every(([key, match]) => {
        const name = key(c, s);
        const member = name === undefined ? undefined : objectGet(value, name);
        return member !== undefined && match(c, s, member);
      });
    };
  }

  /**
   * Replaces each part that has several values (references with variables that
   * nothing binds yet, `walk`) by a variable that runs through them.
   */
  #hoist(node: Node, bound: Set<Var>, emits: Emit[]): Node {
    switch (node.op) {
      case "call": {
        const call = { ...node, args: node.args.map((arg) => this.#hoist(arg, bound, emits)) };
        return call.name === "walk" && !call.group ? this.#hoistWalk(call, bound, emits) : call;
      }
      case "ref":
        return this.#hoistRef(node, bound, emits);
      default:
        return mapChildren(node, (child) => this.#hoist(child, bound, emits));
    }
  }

  #hoistWalk(call: CallNode, bound: Set<Var>, emits: Emit[]): Node {
    const expr = this.#expr(call, bound);
    const v = this.#temporary();
    emits.push((next) => (c, s) => {
      const pairs = expr(c, s);
      return pairs !== undefined && someItem(c, pairs, (_, pair) => {
        s[v.slot] = pair;
        return next(c, s);
      });
    });
    bound.add(v);
    return { op: "var", v, at: call.at };
  }

  #hoistRef(node: RefNode, bound: Set<Var>, emits: Emit[]): Node {
    const root = this.#hoist(node.root, bound, emits);
    const path = node.path.map((part) => this.#hoist(part, bound, emits));
    const ref: RefNode = { ...node, root, path };
    if (path.every((part) => isGround(part, bound))) return ref;
    const v = this.#temporary();
    const run = this.#iterate(ref, bound);
    emits.push((next) =>
      run((c, s, place) => {
        const value = settleExpr(c, place);
        if (value === undefined) return false;
        s[v.slot] = value;
        return next(c, s);
      })
    );
    bound.add(v);
    return { op: "var", v, at: node.at };
  }

  /** A reference that runs through the values of its unbound variables. */
  #iterate(ref: RefNode, bound: Set<Var>): (sink: Sink) => Next {
    const { start, rest } = this.#start(ref, bound);
    const steps = rest.map((part) => this.#pathStep(part, bound));
    return (sink) => {
      const run = steps.reduceRight((next, step) => step(next), sink);
      return (c, s) => {
        const place = start(c, s);
        return place !== undefined && run(c, s, place);
      };
    };
  }

  #pathStep(part: Node, bound: Set<Var>): (sink: Sink) => Sink {
    if (isGround(part, bound)) {
      const expr = this.#expr(part, bound);
      return (sink) => (c, s, place) => {
        const key = expr(c, s);
        const child = key === undefined ? undefined : lookup(c, place, key);
        return child !== undefined && sink(c, s, child);
      };
    }
    const match = this.#match(part, bound);
    return (sink) => stepEach((c, s, key, child) => match(c, s, key) && sink(c, s, child));
  }

  #start(ref: RefNode, bound: Bound): {
    readonly start: (c: Context, s: Slots) => Place | undefined;
    readonly rest: readonly Node[];
  } {
    if (ref.root.op === "data") return planStart(this.#scope.root, ref.path);
    return { start: this.#expr(ref.root, bound), rest: ref.path };
  }

  /** A node whose variables are all bound. */
  #expr(node: Node, bound: Bound): Expr {
    switch (node.op) {
      case "const": {
        const { value } = node;
        return () => value;
      }
      case "var": {
        if (!bound.has(node.v)) this.#unsafe(node.v, false);
        const { slot } = node.v;
        return (_, s) => s[slot];
      }
      case "input":
        return (c) => c.input;
      case "data": {
        const { start } = planStart(this.#scope.root, []);
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
          node.group ?? this.#scope.builtin(node.name),
          node.args.map((arg) => this.#expr(arg, bound)),
        );
      case "comprehension":
        return this.#comprehension(node, bound);
    }
  }

  #reference(ref: RefNode, bound: Bound): Expr {
    const { start, rest } = this.#start(ref, bound);
    const keys = rest.map((part) => this.#expr(part, bound));
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

  #items(
    items: readonly Node[],
    bound: Bound,
    make: (values: Value[]) => Value,
  ): Expr {
    const exprs = items.map((item) => this.#expr(item, bound));
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

  #comprehension(node: ComprehensionNode, outside: Bound): Expr {
    const bound = new Set(outside);
    const emits = this.#block(node.body, bound);
    const key = this.#head(node.key, bound, emits);
    const value = node.value && this.#head(node.value, bound, emits);
    const { slot } = this.#temporary();
    const add = COLLECTORS[node.of];
    const body = chain(emits, (c, s) => {
      const k = key(c, s);
      const v = value ? value(c, s) : null;
      if (k !== undefined && v !== undefined) {
        c.run.spend(1);
        add(s[slot] as never, k, v);
      }
      return false;
    });
    const make = EMPTY[node.of];
    return (c, s) => {
      const made = make();
      s[slot] = made;
      body(c, s);
      return made;
    };
  }
}

const EMPTY = {
  array: (): Value => [],
  set: (): Value => new RegoSet(),
  object: (): Value => new RegoObject(),
};

const COLLECTORS = {
  array: (made: Value[], key: Value) => void made.push(key),
  set: (made: RegoSet, key: Value) => made.add(key),
  object: (made: RegoObject, key: Value, value: Value) => {
    const before = made.get(key);
    if (before !== undefined && !equal(before, value)) {
      throw new RegoError("eval_conflict_error", "object keys must be unique");
    }
    made.set(key, value);
  },
};

/** A composite of constants is made once. */
function folded(items: readonly Node[], whole: Expr, make: () => Value): Expr {
  if (!items.every((item) => item.op === "const")) return whole;
  const value = make();
  return () => value;
}
