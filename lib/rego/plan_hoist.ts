/**
 * Plans the parts of a term that have several values.
 *
 * @module
 */

import type { Next } from "./context.ts";
import { type CallNode, mapChildren, type Node, type RefNode, type Var } from "./ir.ts";
import { someItem } from "./iterate.ts";
import type { TermPlanner } from "./plan_terms.ts";
import { lookup, settleExpr, type Sink, stepEach } from "./refs.ts";
import { isGround } from "./safety.ts";

/** Puts a literal before what follows it. */
export type Emit = (next: Next) => Next;

/** All steps, one before the other. */
export function chain(emits: readonly Emit[], last: Next): Next {
  return emits.reduceRight((next, emit) => emit(next), last);
}

/** Makes steps of references and of `walk`. */
export class Hoister {
  readonly #terms: TermPlanner;

  constructor(terms: TermPlanner) {
    this.#terms = terms;
  }

  /**
   * Replaces each part that has several values (references with variables that
   * nothing binds yet, `walk`) by a variable that runs through them.
   */
  hoist(node: Node, bound: Set<Var>, emits: Emit[]): Node {
    switch (node.op) {
      case "call": {
        const call = { ...node, args: node.args.map((arg) => this.hoist(arg, bound, emits)) };
        return call.name === "walk" && !call.group ? this.#hoistWalk(call, bound, emits) : call;
      }
      case "ref":
        return this.#hoistRef(node, bound, emits);
      default:
        return mapChildren(node, (child) => this.hoist(child, bound, emits));
    }
  }

  #hoistWalk(call: CallNode, bound: Set<Var>, emits: Emit[]): Node {
    const expr = this.#terms.expr(call, bound);
    const v = this.#terms.temporary();
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
    const root = this.hoist(node.root, bound, emits);
    const path = node.path.map((part) => this.hoist(part, bound, emits));
    const ref: RefNode = { ...node, root, path };
    if (path.every((part) => isGround(part, bound))) return ref;
    const v = this.#terms.temporary();
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
    const { start, rest } = this.#terms.start(ref, bound);
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
      const expr = this.#terms.expr(part, bound);
      return (sink) => (c, s, place) => {
        const key = expr(c, s);
        const child = key === undefined ? undefined : lookup(c, place, key);
        return child !== undefined && sink(c, s, child);
      };
    }
    const match = this.#terms.match(part, bound);
    return (sink) => stepEach((c, s, key, child) => match(c, s, key) && sink(c, s, child));
  }
}
