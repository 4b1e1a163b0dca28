/**
 * Safety: in which order the literals of a body can run so that every variable
 * is bound before it is needed.
 *
 * @module
 */

import { payCompile } from "./compile_budget.ts";
import {
  type Block,
  blocksOf,
  children,
  type ComprehensionNode,
  type Lit,
  type Node,
  type Var,
} from "./ir.ts";
import { keyOf } from "./value.ts";

/** What running a literal needs, and which variables it binds. */
export interface Flow {
  readonly needs: Set<Var>;
  readonly binds: Set<Var>;
}

/** Takes variables. */
interface Taker {
  add(v: Var): unknown;
}

/** Where what a node needs and binds goes. */
interface FlowTaker {
  readonly needs: Taker;
  readonly binds: Taker;
}

/** What the modifiers of a literal need: bound before it runs, not by itself. */
function modifierNeeds(lit: Lit): ReadonlySet<Var> {
  const flow: Flow = { needs: new Set(), binds: new Set() };
  for (const { value } of lit.withs) flowOf(value, flow);
  for (const v of flow.binds) flow.needs.add(v);
  return flow.needs;
}

/** Variables that are bound. */
export interface Bound {
  has(v: Var): boolean;
}

/** Variables that become bound besides those that are. */
export class Growing implements Bound {
  readonly #before: Bound;
  /** Those that became bound. */
  readonly added = new Set<Var>();

  constructor(before: Bound) {
    this.#before = before;
  }

  has(v: Var): boolean {
    return this.added.has(v) || this.#before.has(v);
  }

  add(v: Var): void {
    if (!this.#before.has(v)) this.added.add(v);
  }
}

function isWithin(vars: ReadonlySet<Var>, bound: Bound): boolean {
  for (const v of vars) if (!bound.has(v)) return false;
  return true;
}

/** Adds what `node` needs and what its references bind. */
export function flowOf(node: Node, flow: FlowTaker): void {
  payCompile(1);
  switch (node.op) {
    case "var":
      flow.needs.add(node.v);
      return;
    case "ref":
      flowOf(node.root, flow);
      for (const part of node.path) patternFlow(part, flow);
      return;
    case "comprehension":
      for (const v of freeVars(node)) flow.needs.add(v);
      payCompile(freeVars(node).size);
      return;
    default:
      for (const child of children(node)) flowOf(child, flow);
  }
}

/** Variables of a pattern are bound by it; the references inside it run first. */
export function patternFlow(node: Node, flow: FlowTaker): void {
  payCompile(1);
  switch (node.op) {
    case "var":
      flow.binds.add(node.v);
      return;
    case "array":
      for (const item of node.items) patternFlow(item, flow);
      return;
    case "object":
      for (const [key, value] of node.entries) {
        flowOf(key, flow);
        patternFlow(value, flow);
      }
      return;
    default:
      flowOf(node, flow);
  }
}

function everyNode(node: Node, visit: (v: Var) => void): void {
  payCompile(1);
  if (node.op === "var") visit(node.v);
  if (node.op === "comprehension") {
    everyNode(node.key, visit);
    if (node.value) everyNode(node.value, visit);
    everyLit(node.body, visit);
  }
  for (const child of children(node)) everyNode(child, visit);
}

function everyLit(block: Block, visit: (v: Var) => void): void {
  for (const lit of block) {
    for (const { value } of lit.withs) everyNode(value, visit);
    for (const node of nodesOf(lit)) everyNode(node, visit);
    for (const inner of blocksOf(lit)) everyLit(inner, visit);
  }
}

/** The nodes of a literal itself. */
export function nodesOf(lit: Lit): readonly Node[] {
  switch (lit.kind) {
    case "test":
      return [lit.node];
    case "eq":
      return [lit.left, lit.right];
    case "in":
      return lit.key ? [lit.key, lit.value, lit.domain] : [lit.value, lit.domain];
    case "every":
      return [lit.domain];
    case "group":
      return [];
  }
}

type Closure = ComprehensionNode | Extract<Lit, { kind: "every" | "group" }>;

const freeOf = new WeakMap<Closure, ReadonlySet<Var>>();

/** The variables from outside that a closure uses. */
export function freeVars(closure: Closure): ReadonlySet<Var> {
  const known = freeOf.get(closure);
  if (known) return known;
  const [from, to] = closure.locals;
  const free = new Set<Var>();
  const visit = (v: Var) => {
    if (v.slot < from || v.slot >= to) free.add(v);
  };
  if ("op" in closure) everyNode(closure, visit);
  else for (const block of blocksOf(closure)) everyLit(block, visit);
  freeOf.set(closure, free);
  return free;
}

/** Two sides that must be equal: `pattern` is matched against the value of `ground`. */
export interface Match {
  readonly pattern: Node;
  readonly ground: Node;
}

/** Whether every variable that the node needs is bound. */
export function isGround(node: Node, bound: Bound): boolean {
  const flow: Flow = { needs: new Set(), binds: new Set() };
  flowOf(node, flow);
  return isWithin(flow.needs, bound) && isWithin(flow.binds, bound);
}

/**
 * How `left = right` can run: matches in order, or `undefined` if no order binds
 * every variable. `bound` grows.
 */
export function matchesOf(left: Node, right: Node, bound: Bound & Taker): Match[] | undefined {
  const matches: Match[] = [];
  let waiting: (readonly [Node, Node])[] = [[left, right]];
  while (waiting.length > 0) {
    const next: (readonly [Node, Node])[] = [];
    let progress = false;
    for (const [a, b] of waiting) {
      const match = matchOf(a, b, bound);
      const parts = match ? undefined : partsOf(a, b);
      progress ||= match !== undefined || parts !== undefined;
      if (match) {
        patternFlow(match.pattern, { needs: new Set(), binds: bound });
        matches.push(match);
      } else if (parts) next.push(...parts);
      else next.push([a, b]);
    }
    if (!progress) return undefined;
    waiting = next;
  }
  return matches;
}

function matchOf(a: Node, b: Node, bound: Bound): Match | undefined {
  if (isGround(b, bound) && isPattern(a, b, bound)) return { pattern: a, ground: b };
  if (isGround(a, bound) && isPattern(b, a, bound)) return { pattern: b, ground: a };
  return undefined;
}

/** Whether a match against `ground` binds all that is missing. */
function isPattern(node: Node, ground: Node, bound: Bound): boolean {
  const flow: Flow = { needs: new Set(), binds: new Set() };
  patternFlow(node, flow);
  if (!isWithin(flow.needs, bound)) return false;
  return mayMatch(node, ground) || isWithin(flow.binds, bound);
}

/** Whether a value of `ground` may have the shape of a pattern: else nothing is bound. */
function mayMatch(pattern: Node, ground: Node): boolean {
  if (pattern.op !== "array" && pattern.op !== "object") return true;
  switch (ground.op) {
    case "const":
    case "array":
    case "object":
    case "set":
      return false;
    default:
      return true;
  }
}

/** The same for two keys that are the same constant or variable. */
function identity(key: Node): unknown {
  if (key.op === "const") return keyOf(key.value);
  return key.op === "var" ? key.v : key;
}

/** The pairs that two literals of one shape consist of. */
function partsOf(a: Node, b: Node): (readonly [Node, Node])[] | undefined {
  if (a.op === "array" && b.op === "array" && a.items.length === b.items.length) {
    return a.items.map((item, i) => [item, b.items[i]!] as const);
  }
  if (a.op !== "object" || b.op !== "object" || a.entries.length !== b.entries.length) {
    return undefined;
  }
  const values = new Map<unknown, Node>();
  for (const [key, value] of b.entries) values.set(identity(key), value);
  const parts: (readonly [Node, Node])[] = [];
  for (const [key, value] of a.entries) {
    const other = values.get(identity(key));
    if (!other) return undefined;
    parts.push([value, other]);
  }
  return parts;
}

/** What a literal needs and binds, given what is bound. */
function literalFlow(lit: Lit, bound: Bound): Flow {
  const flow: Flow = { needs: new Set(), binds: new Set() };
  switch (lit.kind) {
    case "test":
      flowOf(lit.node, flow);
      break;
    case "in":
      flowOf(lit.domain, flow);
      if (lit.key) patternFlow(lit.key, flow);
      patternFlow(lit.value, flow);
      break;
    case "every":
    case "group":
      for (const node of nodesOf(lit)) flowOf(node, flow);
      for (const v of freeVars(lit)) flow.needs.add(v);
      payCompile(freeVars(lit).size);
      break;
    case "eq":
      equationFlow(lit, bound, flow);
  }
  if (lit.negated) { for (const v of flow.binds) flow.needs.add(v), flow.binds.delete(v); }
  for (const v of modifierNeeds(lit)) flow.needs.add(v), flow.binds.delete(v);
  return flow;
}

function equationFlow(lit: Lit & { kind: "eq" }, bound: Bound, flow: Flow): void {
  const sides: Flow = { needs: new Set(), binds: flow.binds };
  flowOf(lit.left, sides);
  flowOf(lit.right, sides);
  const after = new Growing(bound);
  for (const v of flow.binds) after.add(v);
  if (matchesOf(lit.left, lit.right, after)) { for (const v of after.added) flow.binds.add(v); }
  for (const v of sides.needs) if (!flow.binds.has(v)) flow.needs.add(v);
}

/** A body in an order that can run, or what keeps it from running. */
export interface Ordered {
  readonly lits: readonly Lit[];
  /** Variables that nothing binds, each with a literal that needs it. */
  readonly unsafe: readonly (readonly [Var, Lit])[];
}

/** Variables that may be looked at while one body is put in order. */
const MAX_LOOKS = 200_000;

/** Orders a body; `bound` grows by what it binds. `undefined`: that takes too long. */
export function orderBody(block: Block, bound: Bound & Taker): Ordered | undefined {
  const lits: Lit[] = [];
  const users = new Map<Var, Lit[]>();
  const waiting = new Set(block);
  // Iteration comes to what is added meanwhile: literals that wait look again.
  const look = new Set(block);
  let looks = 0;
  for (const lit of look) {
    look.delete(lit);
    const { needs, binds } = literalFlow(lit, bound);
    if ((looks += 1 + needs.size + binds.size) > MAX_LOOKS) return undefined;
    const missing = [...needs].filter((v) => !bound.has(v) && !binds.has(v));
    if (missing.length === 0) {
      lits.push(lit);
      waiting.delete(lit);
      for (const v of binds) {
        bound.add(v);
        for (const user of users.get(v) ?? []) if (waiting.has(user)) look.add(user);
        users.delete(v);
      }
    } else {
      for (const v of [...missing, ...binds]) {
        const known = users.get(v);
        if (known) known.push(lit);
        else users.set(v, [lit]);
      }
    }
  }
  return { lits, unsafe: unsafeOf([...waiting], bound) };
}

function unsafeOf(rest: readonly Lit[], bound: Bound): (readonly [Var, Lit])[] {
  const unsafe: (readonly [Var, Lit])[] = [];
  for (const lit of rest) {
    const { needs, binds } = literalFlow(lit, bound);
    for (const v of needs) if (!bound.has(v) && !binds.has(v)) unsafe.push([v, lit]);
  }
  return unsafe;
}
