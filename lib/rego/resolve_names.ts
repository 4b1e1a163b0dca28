/**
 * What names mean outside of all bodies: imports, rules, documents, functions.
 *
 * @module
 */

import type { Module, Term } from "./ast.ts";
import { payCompile } from "./compile_budget.ts";
import type { CompileCode } from "./errors.ts";
import type { Node, RefNode, WithNode } from "./ir.ts";
import type { Issues } from "./issues.ts";
import { ARITY, DEPRECATED, refusal } from "./signatures.ts";
import { type Group, pathText, staticName, type TreeNode } from "./tree.ts";
import type { Scope } from "./scope.ts";
import { keyOf } from "./value.ts";

/** What the resolver needs to know about the other modules. */
export interface Surroundings {
  readonly root: TreeNode;
  readonly issues: Issues;
}

/** The names of one module. */
export class Names {
  readonly module: Module;
  readonly root: TreeNode;
  readonly #issues: Issues;
  readonly imports = new Map<string, readonly string[]>();
  readonly #globals: TreeNode | undefined;

  constructor(module: Module, { root, issues }: Surroundings) {
    this.module = module;
    this.root = root;
    this.#issues = issues;
    for (const { name, path } of module.imports) this.imports.set(name, path);
    this.#globals = root.find(module.path);
  }

  fail(at: number, code: CompileCode, message: string): void {
    this.#issues.add(this.module, at, code, message);
  }

  checkUnused(scope: Scope): void {
    for (const [name, at] of scope.unused) {
      this.fail(at, "rego_compile_error", `declared var ${name} unused`);
    }
  }

  /**
   * Nothing but a document is called `input` or `data`; v0 only asks that of
   * parameters. In OPA the items of `some … in` then still mean the document.
   */
  refuseShadow(name: string, at: number, what: "args" | "items" | "rules" | "variables"): void {
    if (name !== "input" && name !== "data") return;
    if (this.module.version === "v0" && (what === "rules" || what === "variables")) return;
    const other = what === "rules" ? "rule" : "variable";
    const message = `${
      what === "items" ? "variables" : what
    } must not shadow ${name} (use a different ${other} name)`;
    this.fail(at, "rego_compile_error", message);
  }

  /**
   * Nothing that a policy defines has the name of an operator's function where the
   * operator is used: OPA would call that, or say that it is none.
   */
  refuseReplaced(operator: string, scope: Scope, at: number): void {
    const [name = ""] = operator.split(".");
    if (!scope.find(name) && !this.functionPath([name])) return;
    const message = `${name} takes the place of an operator's function ${operator}: rename it`;
    this.fail(at, "rego_compile_error", message);
  }

  /** What a name means outside of all bodies. */
  global(name: string): Node | undefined {
    const imported = this.imports.get(name);
    if (imported) return this.#documentNode(imported);
    if (this.hasRule(name)) return this.#documentNode(["data", ...this.module.path, name]);
    if (name === "input" || name === "data") return { op: name };
    return undefined;
  }

  hasRule(name: string): boolean {
    const node = this.#globals?.children.get(name);
    return node !== undefined && holdsRule(node);
  }

  #documentNode(path: readonly string[]): Node {
    const root: Node = { op: path[0] as "input" | "data" };
    if (path.length === 1) return root;
    const parts = path.slice(1).map((value): Node => ({ op: "const", value }));
    return { op: "ref", root, path: parts, at: 0 };
  }

  function(name: readonly string[], at: number): { name: string; group: Group | null } {
    const path = this.functionPath(name);
    if (path) {
      const group = this.root.find(path)?.group;
      if (group?.kind === "function") return { name: group.name, group };
      this.fail(at, "rego_type_error", `undefined function ${pathText(path)}`);
      return { name: pathText(path), group: null };
    }
    const text = name.join(".");
    this.checkBuiltin(text, at);
    return { name: text, group: null };
  }

  checkBuiltin(name: string, at: number): void {
    const reason = refusal(name);
    if (reason) {
      this.fail(at, "rego_type_error", `${name} is not available in this engine: ${reason}`);
    } else if (!ARITY.has(name) && name !== "print") {
      this.fail(at, "rego_type_error", `undefined function ${name}`);
    } else if (this.module.version === "v1" && DEPRECATED.has(name)) {
      this.fail(
        at,
        "rego_type_error",
        `deprecated built-in function calls in expression: ${name}`,
      );
    }
  }

  /** The path below `data` that a function's name stands for; `undefined` for builtins. */
  functionPath(name: readonly string[]): readonly string[] | undefined {
    const [first = "", ...rest] = name;
    const imported = this.imports.get(first);
    if (imported) return [...imported.slice(1), ...rest];
    if (first === "data") return rest;
    return this.hasRule(first) ? [...this.module.path, ...name] : undefined;
  }

  replacementOf(value: Term): WithNode["replacement"] {
    const name = nameOf(value);
    if (!name) return null;
    const path = this.functionPath(name);
    if (path) {
      const group = this.root.find(path)?.group;
      return group?.kind === "function" ? { name: group.name, group } : null;
    }
    const text = name.join(".");
    return ARITY.has(text) || refusal(text) ? { name: text, group: null } : null;
  }

  /** A function is called, not looked at. */
  refuseFunction({ root, path, at }: RefNode): void {
    if (root.op !== "data") return;
    let node: TreeNode | undefined = this.root;
    for (const part of path) {
      node = part.op === "const" ? node.children.get(keyOf(part.value)) : undefined;
      if (!node) return;
      if (node.group?.kind !== "function") continue;
      const message = `function ${node.group.name} used as reference, not called`;
      return this.fail(at, "rego_type_error", message);
    }
  }
}

function holdsRule(node: TreeNode): boolean {
  payCompile(1);
  if (node.group) return true;
  if (node.isPackage) return false;
  return [...node.children.values()].some(holdsRule);
}

/** `a.b.c` as names, if the term is nothing else. */
export function nameOf(term: Term): string[] | undefined {
  if (term.type === "var") return [term.name];
  if (term.type !== "ref" || term.head.type !== "var") return undefined;
  const parts = term.path.map(staticName);
  return parts.includes(undefined) ? undefined : [term.head.name, ...parts as string[]];
}
