/**
 * What a module means once its names are known: variables are slots of a frame,
 * globals are paths below `data`, operators are calls.
 *
 * @module
 */

import type { Module } from "./ast.ts";
import type { Group } from "./tree.ts";
import type { Value } from "./value.ts";

/** A variable of one rule. */
export interface Var {
  readonly name: string;
  readonly slot: number;
  readonly at: number;
}

export type Node =
  | { readonly op: "const"; readonly value: Value }
  | { readonly op: "var"; readonly v: Var; readonly at: number }
  | { readonly op: "input" }
  | { readonly op: "data" }
  | RefNode
  | { readonly op: "array"; readonly items: readonly Node[] }
  | { readonly op: "set"; readonly items: readonly Node[] }
  | { readonly op: "object"; readonly entries: readonly (readonly [Node, Node])[] }
  | CallNode
  | ComprehensionNode;

/** `root[path…]`. */
export interface RefNode {
  readonly op: "ref";
  readonly root: Node;
  readonly path: readonly Node[];
  readonly at: number;
}

/** A call of a builtin (`group` is null) or of a function. */
export interface CallNode {
  readonly op: "call";
  readonly name: string;
  readonly group: Group | null;
  readonly args: readonly Node[];
  readonly at: number;
}

export interface ComprehensionNode {
  readonly op: "comprehension";
  readonly of: "array" | "set" | "object";
  readonly key: Node;
  readonly value: Node | null;
  readonly body: Block;
  readonly locals: Range;
  /** Where the term lies that is part of a template, if it is no variable. */
  readonly quotedAt?: number;
  readonly at: number;
}

/** The slots of a closure's own variables: from the first to before the last. */
export type Range = readonly [from: number, to: number];

/** What a `with` replaces. */
export type Target =
  | { readonly kind: "input" | "data"; readonly path: readonly string[] }
  | { readonly kind: "function"; readonly name: string; readonly arity: number };

export interface WithNode {
  readonly target: Target;
  /** The replacement of a document, or of a function by a value. */
  readonly value: Node;
  /** The function that replaces a function. */
  readonly replacement: { readonly name: string; readonly group: Group | null } | null;
}

interface LitBase {
  readonly negated: boolean;
  readonly withs: readonly WithNode[];
  readonly at: number;
}

export type Lit =
  | (LitBase & { readonly kind: "test"; readonly node: Node })
  | (LitBase & {
    readonly kind: "eq";
    readonly left: Node;
    readonly right: Node;
    /** Whether `left` is a call that was written with `right` as its last operand. */
    readonly isCall?: boolean;
  })
  | (LitBase & {
    readonly kind: "in";
    readonly key: Node | null;
    readonly value: Node;
    readonly domain: Node;
  })
  | (LitBase & {
    readonly kind: "every";
    readonly key: Var | null;
    readonly value: Var;
    readonly domain: Node;
    readonly body: Block;
    readonly locals: Range;
  })
  | (LitBase & {
    readonly kind: "group";
    /** Whether all blocks must have an answer, or any of them. */
    readonly all: boolean;
    readonly blocks: readonly Block[];
    readonly locals: Range;
  });

/** A body in the order of the source. */
export type Block = readonly Lit[];

/** One rule, resolved. */
export interface RuleNode {
  readonly module: Module;
  readonly at: number;
  readonly args: readonly Node[];
  /** Keys below the group's path that are only known when the rule runs. */
  readonly suffix: readonly Node[];
  readonly member: Node | null;
  readonly value: Node | null;
  readonly body: Block;
  readonly orElse: RuleNode | null;
  /** Slots of a frame; shared along an `else` chain. */
  readonly frame: Frame;
}

/** Hands out the slots of one frame. */
export class Frame {
  size = 0;

  variable(name: string, at: number): Var {
    return { name, slot: this.size++, at };
  }
}

/** The bodies inside a literal. */
export function blocksOf(lit: Lit): readonly Block[] {
  if (lit.kind === "group") return lit.blocks;
  return lit.kind === "every" ? [lit.body] : [];
}

/** Visits the direct parts of a node, closures left out. */
export function children(node: Node): readonly Node[] {
  switch (node.op) {
    case "ref":
      return [node.root, ...node.path];
    case "array":
    case "set":
      return node.items;
    case "object":
      return node.entries.flat();
    case "call":
      return node.args;
    default:
      return [];
  }
}

/** How many nodes a node consists of, closures counted as one. */
export function nodeCount(node: Node): number {
  return children(node).reduce((sum, child) => sum + nodeCount(child), 1);
}

/** The node with other direct parts, closures left as they are. */
export function mapChildren(node: Node, map: (child: Node) => Node): Node {
  switch (node.op) {
    case "ref":
      return { ...node, root: map(node.root), path: node.path.map(map) };
    case "array":
    case "set":
      return { op: node.op, items: node.items.map(map) };
    case "object":
      return { op: "object", entries: node.entries.map(([k, v]) => [map(k), map(v)]) };
    case "call":
      return { ...node, args: node.args.map(map) };
    default:
      return node;
  }
}
