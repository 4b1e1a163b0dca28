/**
 * Turns bodies into functions: one per literal, each calling the next.
 *
 * @module
 */

import { replaced, type Replacement } from "./calls.ts";
import { payCompile } from "./compile_budget.ts";
import type { Expr, Mock, Next } from "./context.ts";
import { RegoError } from "./errors.ts";
import {
  type Block,
  type ComprehensionNode,
  type Frame,
  type Lit,
  mapChildren,
  type Node,
  nodeCount,
  type Var,
  type WithNode,
} from "./ir.ts";
import { everyItem, someItem } from "./iterate.ts";
import { chain, type Emit, Hoister } from "./plan_hoist.ts";
import { type Bound, type PlanScope, TermPlanner } from "./plan_terms.ts";
import { Growing, matchesOf, nodesOf, orderBody } from "./safety.ts";
import { unsafeInLiteral } from "./unsafe_place.ts";
import { equal, RegoObject, RegoSet, type Value } from "./value.ts";

const FOUND: Next = () => true;

/** Nodes that are evaluated for nothing; so many more are a step. */
const FREE_NODES = 32;

/** Puts the payment for literals before them, if they are large; what is left to pay. */
function paying(emits: Emit[], weight: number): number {
  if (weight < FREE_NODES) return weight;
  const steps = Math.floor(weight / FREE_NODES);
  emits.push((next) => (c, s) => {
    c.run.ticks(steps);
    return next(c, s);
  });
  return 0;
}

/** How much there is to evaluate in a literal, the bodies inside it left out. */
function weightOf(lit: Lit): number {
  const nodes = [...nodesOf(lit), ...lit.withs.map(({ value }) => value)];
  return nodes.reduce((sum, node) => sum + nodeCount(node), 1);
}

/** What a closure finds bound, to which it adds. */
function copied(bound: Bound): Set<Var> {
  payCompile(bound.size);
  return new Set(bound);
}

/** Plans the bodies of one frame. */
export class BodyPlanner {
  readonly terms: TermPlanner;
  readonly #hoister: Hoister;
  /** Where the literal lies that is planned. */
  #at: number | undefined;

  constructor(scope: PlanScope, frame: Frame) {
    this.terms = new TermPlanner(scope, frame, (...of) => this.#comprehension(...of));
    this.#hoister = new Hoister(this.terms);
  }

  /** The literals of a body, in an order that can run; `bound` grows. */
  block(block: Block, bound: Set<Var>): Emit[] {
    const ordered = orderBody(block, new Growing(bound));
    if (!ordered) return this.#tooLong(block);
    const { lits, unsafe } = ordered;
    for (const [v, lit] of unsafe) {
      if (this.terms.scope.issues.isFull) break;
      const isPrinted = lit.kind === "test" && lit.node.op === "call" && lit.node.name === "print";
      if (isPrinted) this.terms.undeclared(v, v.at);
      else this.terms.unsafe(v, nodesOf(lit), unsafeInLiteral(lit, v), lit.negated);
    }
    const emits: Emit[] = [];
    let weight = 0;
    for (const lit of lits) {
      weight = paying(emits, weight + weightOf(lit));
      for (const emit of this.#literal(lit, bound)) emits.push(emit);
    }
    return emits;
  }

  #tooLong(block: Block): Emit[] {
    const { issues, module } = this.terms.scope;
    issues.add(module, block[0]!.at, "rego_compile_error", "this body has too many expressions");
    return [];
  }

  /**
   * A term of a head without the references that run through something: each is a
   * literal of its own, which may bind what the body needs.
   */
  lift(node: Node, block: Lit[]): Node {
    if (node.op !== "ref" || node.path.every((part) => part.op === "const")) {
      return mapChildren(node, (child) => this.lift(child, block));
    }
    const { at } = node;
    const left: Node = { op: "var", v: this.terms.temporary(), at };
    block.push({ kind: "eq", left, right: node, negated: false, withs: [], at });
    return left;
  }

  /** A term of the head: its references run after the body. */
  head(node: Node, bound: Set<Var>, emits: Emit[], at?: number): Expr {
    this.terms.checkBound(node, bound, at);
    paying(emits, nodeCount(node));
    return this.terms.expr(this.#hoister.hoist(node, bound, emits), bound);
  }

  #literal(lit: Lit, bound: Set<Var>): Emit[] {
    const around = this.#at;
    this.#at = lit.at;
    const emits = this.#planned(lit, bound);
    this.#at = around;
    return emits;
  }

  #planned(lit: Lit, bound: Set<Var>): Emit[] {
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
    const expr = this.terms.expr(node, bound);
    const v = this.terms.temporary();
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
        : { kind: "builtin", name, run: this.terms.scope.builtin(name) };
    }
    return { target, value: this.head(value, bound, emits), mock };
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
        break;
      case "group":
        emits.push(this.#group(lit, bound));
    }
    return emits;
  }

  #test(node: Node, bound: Set<Var>, emits: Emit[]): void {
    const hoisted = this.#hoister.hoist(node, bound, emits);
    const expr = this.terms.expr(hoisted, bound);
    emits.push((next) => (c, s) => {
      const value = expr(c, s);
      return value !== undefined && value !== false && next(c, s);
    });
  }

  #equation(lit: Lit & { kind: "eq" }, bound: Set<Var>, emits: Emit[]): void {
    const left = this.#hoister.hoist(lit.left, bound, emits);
    const right = this.#hoister.hoist(lit.right, bound, emits);
    const matches = matchesOf(left, right, new Growing(bound)) ?? [];
    for (const { pattern, ground } of matches) {
      const expr = this.terms.expr(ground, bound);
      const match = this.terms.match(pattern, bound);
      emits.push((next) => (c, s) => {
        const value = expr(c, s);
        return value !== undefined && match(c, s, value) && next(c, s);
      });
    }
  }

  #someIn(lit: Lit & { kind: "in" }, bound: Set<Var>, emits: Emit[]): void {
    const domain = this.head(lit.domain, bound, emits);
    const keyNode = lit.key && this.#hoister.hoist(lit.key, bound, emits);
    const valueNode = this.#hoister.hoist(lit.value, bound, emits);
    const key = keyNode && this.terms.match(keyNode, bound);
    const value = this.terms.match(valueNode, bound);
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
    const domain = this.head(lit.domain, bound, emits);
    const inside = copied(bound).add(lit.value);
    if (lit.key) inside.add(lit.key);
    const body = chain(this.block(lit.body, inside), FOUND);
    const keySlot = lit.key?.slot ?? this.terms.temporary().slot;
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

  #group({ all, blocks }: Lit & { kind: "group" }, bound: Bound): Emit {
    const tests = blocks.map((block) => chain(this.block(block, copied(bound)), FOUND));
    return (next) => (c, s) =>
      (all ? tests.every((test) => test(c, s)) : tests.some((test) => test(c, s))) && next(c, s);
  }

  #comprehension(node: ComprehensionNode, outside: Bound): Expr {
    const bound = copied(outside);
    const block = [...node.body];
    const lifted = [node.key, node.value].map((head) => head && this.lift(head, block));
    const emits = this.block(block, bound);
    const [key, value] = lifted.map((head) =>
      head && this.head(head, bound, emits, this.#at ?? node.at)
    );
    const { slot } = this.terms.temporary();
    const add = COLLECTORS[node.of];
    const body = chain(emits, (c, s) => {
      const k = key!(c, s);
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
