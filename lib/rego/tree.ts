/**
 * The tree of rules below `data`: where each rule's document lies.
 *
 * @module
 */

import type { Head, Module, Rule, ScalarTerm, Term } from "./ast.ts";
import { payCompile } from "./compile_budget.ts";
import type { Issues } from "./issues.ts";
import { type Key, keyOf, termText, type Value } from "./value.ts";

/** Scalars, almost always strings: `data.a["b"][1]` is `["a", "b", 1]`. */
export type Path = readonly Value[];

/** What a group of rules makes. */
export type GroupKind = "complete" | "set" | "object" | "function";

/** A rule as it was written, with its module. */
export interface Written {
  readonly module: Module;
  readonly rule: Rule;
}

/** All rules of one path. Functions have an arity. */
export class Group {
  readonly id: number;
  readonly path: Path;
  readonly kind: GroupKind;
  readonly arity: number;
  readonly written: Written[] = [];
  fallback: Written | null = null;

  constructor(id: number, path: Path, kind: GroupKind, arity: number) {
    this.id = id;
    this.path = path;
    this.kind = kind;
    this.arity = arity;
  }

  /** `data.a.b`. */
  get name(): string {
    return pathText(this.path);
  }
}

/** One place below `data`. */
export class TreeNode {
  readonly path: Path;
  readonly children = new Map<Key, TreeNode>();
  group: Group | null = null;
  /** Whether a module's package ends here. */
  isPackage = false;

  constructor(path: Path) {
    this.path = path;
  }

  child(name: Value): TreeNode {
    let node = this.children.get(keyOf(name));
    if (!node) {
      payCompile(this.path.length);
      this.children.set(keyOf(name), node = new TreeNode([...this.path, name]));
    }
    return node;
  }

  /** The node at `path` below this one, if there is one. */
  find(path: Path): TreeNode | undefined {
    // deno-lint-ignore no-this-alias -- walks down
    let node: TreeNode | undefined = this;
    for (const name of path) node = node?.children.get(keyOf(name));
    return node;
  }
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `data.a["b-c"]`. */
export function pathText(path: Path, root = "data"): string {
  const part = (name: Value) =>
    typeof name === "string" && NAME.test(name) ? `.${name}` : `[${termText(name)}]`;
  return root + path.map(part).join("");
}

/** How many parts of a head's path are constant; the others are keys known at run time. */
export function groundLength(head: Head): number {
  const dynamic = head.path.findIndex((term) => term.type !== "scalar");
  return dynamic < 0 ? head.path.length : dynamic;
}

/** The name that a part of a path is, if it is one. */
export function staticName(term: Term): string | undefined {
  return term.type === "scalar" && typeof term.value === "string" ? term.value : undefined;
}

function kindOf(head: Head): GroupKind {
  if (head.args) return "function";
  if (groundLength(head) < head.path.length) return "object";
  return head.member ? "set" : "complete";
}

/** Places every rule of every module; conflicts become issues. */
export function plantTree(
  modules: readonly Module[],
  issues: Issues,
): { readonly root: TreeNode; readonly groups: readonly Group[] } {
  const root = new TreeNode([]);
  const groups: Group[] = [];
  for (const module of modules) {
    let node = root;
    for (const name of module.path) node = node.child(name);
    node.isPackage = true;
  }
  for (const module of modules) {
    for (const rule of module.rules) plant(root, groups, module, rule, issues);
  }
  checkOverlaps(root, issues);
  return { root, groups };
}

function plant(
  root: TreeNode,
  groups: Group[],
  module: Module,
  rule: Rule,
  issues: Issues,
): void {
  const { head } = rule;
  const names = head.path.slice(0, groundLength(head)).map((term) => (term as ScalarTerm).value);
  let node = root;
  payCompile(module.path.length + names.length);
  for (const name of [...module.path, ...names]) node = node.child(name);
  const kind = kindOf(head);
  const arity = head.args?.length ?? 0;
  if (!node.group) groups.push(node.group = new Group(groups.length, node.path, kind, arity));
  const group = node.group;
  if (group.kind !== kind || group.arity !== arity || !isLike(group.written[0]?.rule, rule)) {
    const first = group.written[0] ?? group.fallback!;
    const message = `conflicting rules ${group.name} found`;
    issues.add(first.module, first.rule.at, "rego_type_error", message);
  } else if (!rule.isDefault) {
    group.written.push({ module, rule });
  } else if (group.fallback) {
    issues.add(module, rule.at, "rego_type_error", `multiple default rules ${group.name} found`);
  } else {
    group.fallback = { module, rule };
  }
}

/** Whether rules with as many keys of their own both make sets there, or both do not. */
function isLike(first: Rule | undefined, { head }: Rule): boolean {
  return !first || first.head.path.length !== head.path.length ||
    !first.head.member === !head.member;
}

/** A rule whose value is known as a whole can have nothing below it. */
function checkOverlaps(node: TreeNode, issues: Issues): void {
  for (const child of node.children.values()) checkOverlaps(child, issues);
  const { group } = node;
  if (!group || issues.isFull) return;
  const written = group.written[0] ?? group.fallback!;
  if (node.isPackage) {
    const name = termText(node.path.at(-1)!);
    issues.add(
      written.module,
      written.rule.at,
      "rego_type_error",
      `package ${pathText(node.path).slice(5)} conflicts with rule ${name}`,
    );
  } else if (group.kind !== "object" && node.children.size > 0) {
    const below = [...node.children.values()].map((child) => pathText(child.path));
    issues.add(
      written.module,
      written.rule.at,
      "rego_type_error",
      `rule ${group.name} conflicts with [${below.join(" ")}]`,
    );
  }
}
