/**
 * Finds rules that depend on themselves.
 *
 * @module
 */

import { type Block, children, type Node, type RuleNode } from "./ir.ts";
import type { Issues } from "./issues.ts";
import { nodesOf } from "./safety.ts";
import type { Group, TreeNode } from "./tree.ts";
import { keyOf } from "./value.ts";

/** A group with its resolved rules. */
export interface ResolvedGroup {
  readonly group: Group;
  readonly rules: readonly RuleNode[];
}

/** The groups that a rule may ask. */
class Dependencies {
  readonly groups = new Set<Group>();
  readonly #root: TreeNode;

  constructor(root: TreeNode) {
    this.#root = root;
  }

  rule(rule: RuleNode): void {
    for (const node of [...rule.args, ...rule.suffix, rule.member, rule.value]) {
      if (node) this.#node(node);
    }
    this.#block(rule.body);
    if (rule.orElse) this.rule(rule.orElse);
  }

  #block(block: Block): void {
    for (const lit of block) {
      for (const node of nodesOf(lit)) this.#node(node);
      for (const { target, value, replacement } of lit.withs) {
        this.#node(value);
        if (target.kind === "data") {
          this.#path(target.path.map((name) => ({ op: "const", value: name })));
        }
        if (replacement?.group) this.groups.add(replacement.group);
      }
      if (lit.kind === "every") this.#block(lit.body);
    }
  }

  #node(node: Node): void {
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
      for (const place of places) {
        if (place.group) this.groups.add(place.group);
        if (place.group && place.group.kind !== "object") continue;
        if (part.op !== "const") next.push(...place.children.values());
        else {
          const child = place.children.get(keyOf(part.value));
          if (child) next.push(child);
        }
      }
      places = next;
    }
    places.forEach((place) => this.#below(place));
  }

  #below(node: TreeNode): void {
    if (node.group && node.group.kind !== "function") this.groups.add(node.group);
    for (const child of node.children.values()) this.#below(child);
  }
}

/** Reports every group that can reach itself. */
export function refuseRecursion(
  root: TreeNode,
  resolved: readonly ResolvedGroup[],
  issues: Issues,
): void {
  const edges = new Map<Group, readonly Group[]>();
  for (const { group, rules } of resolved) {
    const dependencies = new Dependencies(root);
    rules.forEach((rule) => dependencies.rule(rule));
    edges.set(group, [...dependencies.groups]);
  }
  const done = new Set<Group>();
  for (const { group } of resolved) search(group, edges, done, issues);
}

/** Depth first without the call stack: chains of rules may be long. */
function search(
  start: Group,
  edges: ReadonlyMap<Group, readonly Group[]>,
  done: Set<Group>,
  issues: Issues,
): void {
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
    const next = edges.get(top.group)?.[top.next++];
    if (next === undefined) {
      done.add(top.group);
      open.delete(top.group);
      trail.pop();
    } else if (open.has(next)) {
      report(trail.map(({ group }) => group), next, issues);
    } else enter(next);
  }
}

function report(trail: readonly Group[], again: Group, issues: Issues): void {
  const cycle = [...trail.slice(trail.indexOf(again)), again];
  const { module, rule } = again.written[0] ?? again.fallback!;
  issues.add(
    module,
    rule.at,
    "rego_recursion_error",
    `rule ${again.name} is recursive: ${cycle.map(({ name }) => name).join(" -> ")}`,
  );
}
