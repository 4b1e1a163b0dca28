/**
 * Refuses what the types of a policy's own terms rule out, as OPA does: a test
 * that can never be true is a mistake, and under `not` it always holds.
 *
 * OPA knows more: types of arguments, of what iteration finds, of what the
 * collections that builtins take and give hold.
 *
 * @module
 */

import { BUILTIN_TYPES } from "./builtin_types.ts";
import { payCompile } from "./compile_budget.ts";
import type { Module } from "./ast.ts";
import {
  type Block,
  blocksOf,
  type CallNode,
  children,
  type ComprehensionNode,
  type Lit,
  type Node,
  type RefNode,
  type RuleNode,
  type Var,
} from "./ir.ts";
import type { Issues } from "./issues.ts";
import { isGround } from "./safety.ts";
import { type Group, pathText, type TreeNode } from "./tree.ts";
import {
  ANY,
  areDisjoint,
  closedType,
  itemType,
  type Kind,
  KINDS,
  memberType,
  openType,
  type Type,
  typeText,
  unionOf,
} from "./types.ts";
import { type Key, keyOf, typeName, type Value } from "./value.ts";

/** What is known before rules are checked. */
export interface Typed {
  readonly root: TreeNode;
  /** What the rules of groups, and calls of functions, have as their values. */
  readonly types: ReadonlyMap<Group, Type>;
}

/** What a group has as its value, given what its rules have. */
export function groupType({ kind }: Group, rules: readonly Type[]): Type {
  if (kind === "set" || kind === "object") return openType(KINDS[kind]);
  return rules.reduce(unionOf);
}

/** Checks the terms of one rule or query. */
export class TypeChecker {
  readonly #typed: Typed;
  readonly #module: Pick<Module, "file" | "source">;
  readonly #issues: Issues;
  readonly #vars = new Map<Var, Type>();
  /** Paths below `data` that `with` replaces around what is checked. */
  #replaced: readonly (readonly string[])[] = [];
  /**
   * Inside of `every`, `and`, `or` and `not { … }` OPA looks at closures, and at
   * references to rules and to variables from outside, and at nothing else.
   */
  #isInner = false;

  constructor(typed: Typed, module: Pick<Module, "file" | "source">, issues: Issues) {
    this.#typed = typed;
    this.#module = module;
    this.#issues = issues;
  }

  /** The type of the values of a rule with its `else` chain. */
  rule(rule: RuleNode): Type {
    rule.args.forEach((arg) => this.#unknown(arg));
    this.block(rule.body);
    for (const node of [...rule.suffix, rule.member]) if (node) this.#type(node);
    const own = rule.value ? this.#type(rule.value) : ANY;
    return rule.orElse ? unionOf(own, this.rule(rule.orElse)) : own;
  }

  block(block: Block): void {
    for (const lit of block) {
      const outside = this.#replaced;
      lit.withs.forEach(({ value }) => this.#type(value));
      const more = lit.withs.flatMap(({ target }) => target.kind === "data" ? [target.path] : []);
      if (more.length > 0) this.#replaced = [...outside, ...more];
      this.#literal(lit);
      this.#replaced = outside;
    }
  }

  #literal(lit: Lit): void {
    switch (lit.kind) {
      case "test":
        this.#test(lit.node, lit.at);
        break;
      case "eq":
        this.#equation(lit);
        break;
      case "in": {
        const items = itemType(this.#type(lit.domain));
        if (lit.key) this.#unknown(lit.key);
        this.#bind(lit.value, this.#isInner ? ANY : items);
        break;
      }
      case "every":
        this.#type(lit.domain);
        this.#vars.set(lit.value, ANY);
    }
    this.#within(true, () => blocksOf(lit).forEach((inner) => this.block(inner)));
  }

  #test(node: Node, at: number): void {
    const isEquality = node.op === "call" && node.name === "equal" && !this.#isInner;
    if (!isEquality) return void this.#type(node, at);
    const [left, right] = node.args.map((arg) => this.#type(arg));
    this.#compare(left!, right!, at);
  }

  #equation({ left, right, negated, at }: Lit & { kind: "eq" }): void {
    const [a, b] = [this.#type(left), this.#type(right)];
    if (!this.#isInner) this.#compare(a, b, at);
    if (negated) return;
    // What waits for a variable comes later than it stands.
    const isKnown = (node: Node) => !this.#isInner && isGround(node, this.#vars);
    const [typeOfLeft, typeOfRight] = [isKnown(left) ? a : ANY, isKnown(right) ? b : ANY];
    this.#bind(left, typeOfRight);
    this.#bind(right, typeOfLeft);
  }

  #compare(a: Type, b: Type, at: number): void {
    if (areDisjoint(a, b)) {
      this.#fail(at, `match error: ${typeText(a)} and ${typeText(b)}`);
    }
  }

  #fail(at: number, message: string): void {
    this.#issues.add(this.#module, at, "rego_type_error", message);
  }

  /** What a collection holds that is given to a call is known no more: OPA widens it. */
  #widen(node: Node): void {
    if (node.op !== "array" && node.op !== "set" && node.op !== "object") return;
    for (const part of children(node)) {
      if (part.op === "var") this.#vars.set(part.v, ANY);
      else this.#widen(part);
    }
  }

  #closure({ body, key, value }: ComprehensionNode): void {
    this.block(body);
    this.#type(key);
    if (value) this.#type(value);
  }

  #within(isInner: boolean, check: () => void): void {
    const outside = this.#isInner;
    this.#isInner = isInner;
    check();
    this.#isInner = outside;
  }

  /** Variables that a pattern binds have the types of the parts that they match. */
  #bind(pattern: Node, type: Type): void {
    payCompile(1);
    if (pattern.op === "var") {
      if (!this.#vars.has(pattern.v)) this.#vars.set(pattern.v, type);
    } else if (pattern.op === "array") {
      pattern.items.forEach((item, i) => this.#bind(item, memberType(type, i) ?? ANY));
    } else if (pattern.op === "object") {
      for (const [key, value] of pattern.entries) {
        this.#bind(value, memberType(type, constantOf(key)) ?? ANY);
      }
    }
  }

  /** Nothing is known of variables that are first met in `node`. */
  #unknown(node: Node): void {
    this.#bind(node, ANY);
    children(node).forEach((child) => this.#unknown(child));
  }

  /**
   * The type of a term; what is wrong inside of it is reported, for a call that is a
   * literal of its own at that literal.
   */
  #type(node: Node, at?: number): Type {
    payCompile(1);
    switch (node.op) {
      case "const":
        return openType(KINDS[typeName(node.value) as Kind]);
      case "var":
        return this.#vars.get(node.v) ?? ANY;
      case "input":
      case "data":
        return ANY;
      case "ref":
        return this.#reference(node);
      case "array":
        return closedType(
          "array",
          new Map(node.items.map((item, i) => [keyOf(i), this.#type(item)])),
        );
      case "set":
        node.items.forEach((item) => this.#type(item));
        return openType(KINDS.set);
      case "object":
        return this.#object(node.entries);
      case "call":
        return this.#call(node, at);
      case "comprehension":
        this.#within(false, () => this.#closure(node));
        return openType(KINDS[node.of]);
    }
  }

  #object(entries: readonly (readonly [Node, Node])[]): Type {
    const members = new Map<Key, Type>();
    let isKnown = true;
    for (const [key, value] of entries) {
      this.#type(key);
      const type = this.#type(value);
      if (key.op === "const") members.set(keyOf(key.value), type);
      else isKnown = false;
    }
    return isKnown ? closedType("object", members) : openType(KINDS.object);
  }

  #call({ name, group, args, at }: CallNode, literalAt = at): Type {
    const types = args.map((arg) => this.#type(arg));
    args.forEach((arg) => this.#widen(arg));
    if (this.#isInner) return ANY;
    if (group) return this.#typed.types.get(group) ?? ANY;
    const known = BUILTIN_TYPES.get(name);
    if (!known) return ANY;
    const wrong = known.operands.findIndex((wanted, i) =>
      types[i] && areDisjoint(types[i], wanted)
    );
    if (wrong >= 0) {
      const [got, wanted] = [typeText(types[wrong]!), typeText(known.operands[wrong]!)];
      const message = `invalid argument(s): operand ${wrong + 1} is ${got}, want ${wanted}`;
      this.#fail(literalAt, `${name}: ${message}`);
    }
    return known.result;
  }

  #reference(ref: RefNode): Type {
    for (const part of ref.path) {
      this.#type(part);
      this.#bind(part, ANY);
    }
    const { type: start, length } = ref.root.op === "data"
      ? this.#document(ref.path)
      : { type: this.#type(ref.root), length: 0 };
    let type = this.#isInner && ref.root.op !== "var" && length === 0 ? ANY : start;
    for (const [i, part] of ref.path.entries()) {
      if (i < length) continue;
      const member = memberType(type, constantOf(part));
      if (!member) {
        this.#fail(ref.at, `undefined ref: ${referenceText(ref, i + 1)}`);
        return ANY;
      }
      type = member;
    }
    return type;
  }

  /** The type of the rules that a path below `data` leads to, and how far it does. */
  #document(path: readonly Node[]): { readonly type: Type; readonly length: number } {
    const unknown = { type: ANY, length: path.length };
    if (this.#replaced.some((other) => mayMeet(other, path))) return unknown;
    let node: TreeNode | undefined = this.#typed.root;
    for (const [i, part] of path.entries()) {
      const key = constantOf(part);
      node = key === undefined ? undefined : node.children.get(keyOf(key));
      if (!node) return unknown;
      const { group } = node;
      if (!group) continue;
      const isWhole = group.kind === "complete" || i + 1 === path.length;
      return isWhole ? { type: this.#typed.types.get(group) ?? ANY, length: i + 1 } : unknown;
    }
    return unknown;
  }
}

function constantOf(node: Node): Value | undefined {
  return node.op === "const" ? node.value : undefined;
}

/** Whether one path may lead through where the other ends. */
function mayMeet(names: readonly string[], path: readonly Node[]): boolean {
  payCompile(1);
  return names.every((name, i) => {
    const part = path[i] && constantOf(path[i]);
    return part === undefined || part === name;
  });
}

/** The beginning of a reference as it was written. */
function referenceText({ root, path }: RefNode, length: number): string {
  const start = root.op === "data" ? "data" : root.op === "var" ? root.v.name : "…";
  const parts = path.slice(0, length).map(constantOf);
  return parts.includes(undefined) ? start : pathText(parts as Value[], start);
}
