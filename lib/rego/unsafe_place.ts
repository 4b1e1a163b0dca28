/**
 * Where OPA reports variables that nothing binds.
 *
 * @module
 */

import { payCompile } from "./compile_budget.ts";
import { children, type Lit, type Node, type Var } from "./ir.ts";
import { freeVars, nodesOf } from "./safety.ts";

/** Where a term of a template lies that uses a variable and is more than that. */
export function quotedAt(node: Node, v: Var): number | undefined {
  payCompile(1);
  if (node.op === "comprehension") return freeVars(node).has(v) ? node.quotedAt : undefined;
  return firstDefined(children(node), (child) => quotedAt(child, v));
}

function firstDefined<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Where OPA reports a variable that nothing binds: at the innermost call around
 * it, else at `at` (its literal); in a head at the reference or at itself.
 */
export function unsafeAt(node: Node, v: Var, at?: number): number | undefined {
  payCompile(1);
  if (node.op === "var") return node.v === v ? at ?? node.at : undefined;
  if (node.op === "comprehension") return freeVars(node).has(v) ? at ?? node.at : undefined;
  const inside = node.op === "call" ? node.at : node.op === "ref" ? at ?? node.at : at;
  return firstDefined(children(node), (child) => unsafeAt(child, v, inside));
}

/** Where OPA reports a variable of a literal that nothing binds. */
export function unsafeInLiteral(lit: Lit, v: Var): number {
  // The call that is the literal itself lies where the literal does.
  const nodes = lit.kind === "test" && lit.node.op === "call" ? lit.node.args : nodesOf(lit);
  const at = lit.kind === "every" ? undefined : lit.at;
  return firstDefined(nodes, (node) => unsafeAt(node, v, at)) ?? lit.at;
}
