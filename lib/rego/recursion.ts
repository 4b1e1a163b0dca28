/**
 * Finds rules that depend on themselves.
 *
 * @module
 */

import { payCompile } from "./compile_budget.ts";
import {
  type Block,
  blocksOf,
  children,
  type Lit,
  type Node,
  type RuleNode,
  type Var,
} from "./ir.ts";
import type { Issues } from "./issues.ts";
import { nodesOf } from "./safety.ts";
import type { Group, TreeNode } from "./tree.ts";
import { keyOf, type Value } from "./value.ts";

/** A group with its resolved rules. */
export interface ResolvedGroup {
  readonly group: Group;
  readonly rules: readonly RuleNode[];
}

/** The groups that a rule may ask. */
class Dependencies {
  readonly groups = new Set<Group>();
  /** Variables that can only be one of some constants. */
  readonly #constants = new Map<Var, readonly Value[]>();
  readonly #root: TreeNode;

  constructor(root: TreeNode) {
    this.#root = root;
  }

  rule(rule: RuleNode): void {
    this.#block(rule.body);
    for (const node of [...rule.args, ...rule.suffix, rule.member, rule.value]) {
      if (node) this.#node(node);
    }
    if (rule.orElse) this.rule(rule.orElse);
  }

  #block(block: Block): void {
    for (const lit of block) this.#noteConstants(lit);
    for (const lit of block) {
      for (const node of nodesOf(lit)) this.#node(node);
      for (const { target, value, replacement } of lit.withs) {
        this.#node(value);
        if (target.kind === "data") {
          this.#path(target.path.map((name) => ({ op: "const", value: name })));
        }
        if (replacement?.group) this.groups.add(replacement.group);
      }
      blocksOf(lit).forEach((inner) => this.#block(inner));
    }
  }

  /** `x := "a"`, `some x in ["a", "b"]`. */
  #noteConstants(lit: Lit): void {
    if (lit.kind === "eq" && lit.left.op === "var" && lit.right.op === "const") {
      this.#constants.set(lit.left.v, [lit.right.value]);
    }
    if (lit.kind !== "in" || lit.value.op !== "var") return;
    if (lit.domain.op !== "array" && lit.domain.op !== "set") return;
    const items = lit.domain.items.map((item) => item.op === "const" ? item.value : undefined);
    if (!items.includes(undefined)) this.#constants.set(lit.value.v, items as Value[]);
  }

  /** What a part of a path can be; `undefined`: anything. */
  #valuesOf(part: Node): readonly Value[] | undefined {
    if (part.op === "const") return [part.value];
    return part.op === "var" ? this.#constants.get(part.v) : undefined;
  }

  #node(node: Node): void {
    payCompile(1);
    if (node.op === "call" && node.group) this.groups.add(node.group);
    if (node.op === "data") this.#below(this.#root);
    if (node.op === "comprehension") {
      this.#node(node.key);
      if (node.value) this.#node(node.value);
      this.#block(node.body);
    }
    if (node.op === "ref" && node.root.op === "data") {
      this.#path(node.path);
      for (const part of node.path) this.#node(part);
    } else {
      for (const child of children(node)) this.#node(child);
    }
  }

  #path(path: readonly Node[]): void {
    let places = [this.#root];
    for (const part of path) {
      const next: TreeNode[] = [];
      payCompile(1 + places.length);
      for (const place of places) {
        if (place.group) this.groups.add(place.group);
        if (place.group && place.group.kind !== "object") continue;
        const values = this.#valuesOf(part);
        if (!values) { for (const child of place.children.values()) next.push(child); }
        for (const value of values ?? []) {
          const child = place.children.get(keyOf(value));
          if (child) next.push(child);
        }
      }
      places = next;
    }
    places.forEach((place) => this.#below(place));
  }

  #below(node: TreeNode): void {
    payCompile(1);
    if (node.group && node.group.kind !== "function") this.groups.add(node.group);
    for (const child of node.children.values()) this.#below(child);
  }
}

/**
 * Reports groups that can reach themselves. Returns all groups, each after those
 * that it may ask.
 */
export function refuseRecursion(
  root: TreeNode,
  resolved: readonly ResolvedGroup[],
  issues: Issues,
): Iterable<Group> {
  const edges = new Map<Group, readonly Group[]>();
  for (const { group, rules } of resolved) {
    const dependencies = new Dependencies(root);
    rules.forEach((rule) => dependencies.rule(rule));
    edges.set(group, [...dependencies.groups]);
  }
  const done = new Set<Group>();
  for (const { group } of resolved) {
    if (issues.isFull) break;
    const cycle = cycleFrom(group, edges, done);
    if (cycle) report(cycle, issues);
  }
  return done;
}

/**
 * The first way from a group back to one on it. Depth first without the call
 * stack: chains of rules may be long.
 */
function cycleFrom(
  start: Group,
  edges: ReadonlyMap<Group, readonly Group[]>,
  done: Set<Group>,
): readonly Group[] | undefined {
  const trail: { readonly group: Group; next: number }[] = [];
  const open = new Set<Group>();
  const enter = (group: Group) => {
    if (done.has(group)) return;
    trail.push({ group, next: 0 });
    open.add(group);
  };
  enter(start);
  while (trail.length > 0) {
    const top = trail.at(-1)!;
    payCompile(1);
    const next = edges.get(top.group)?.[top.next++];
    if (next === undefined) {
      done.add(top.group);
      open.delete(top.group);
      trail.pop();
    } else if (open.has(next)) {
      const groups = trail.map(({ group }) => group);
      groups.forEach((group) => done.add(group));
      return groups.slice(groups.indexOf(next));
    } else enter(next);
  }
  return undefined;
}

/** As many rules of a cycle as are named. */
const MAX_NAMED = 20;

function report(cycle: readonly Group[], issues: Issues): void {
  const [first] = cycle;
  const { module, rule } = first!.written[0] ?? first!.fallback!;
  const names = cycle.slice(0, MAX_NAMED).map(({ name }) => name);
  if (cycle.length > MAX_NAMED) names.push(`(${cycle.length - MAX_NAMED} more)`);
  issues.add(
    module,
    rule.at,
    "rego_recursion_error",
    `rule ${first!.name} is recursive: ${[...names, first!.name].join(" -> ")}`,
  );
}
