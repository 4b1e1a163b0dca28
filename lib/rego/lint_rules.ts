/**
 * The rules of a set of policies by name, and what names in them mean: enough
 * for the lint, which needs no compiled program.
 *
 * @module
 */

import type { Module, RefTerm, Rule, Term, VarTerm } from "./ast.ts";

/** A rule and the module that it stands in. */
export interface RuleSite {
  readonly module: Module;
  readonly rule: Rule;
}

/** All rules of one name. */
export interface RuleGroup {
  /** Below `data`. */
  readonly path: readonly string[];
  readonly sites: readonly RuleSite[];
}

/** What a name means: a place in a document, or a rule and the parts below it. */
export type Meaning =
  | { readonly kind: "input"; readonly path: readonly string[]; readonly rest: readonly Term[] }
  | { readonly kind: "rule"; readonly group: RuleGroup; readonly rest: readonly Term[] };

function keyOf(path: readonly string[]): string {
  return path.join("\0");
}

/** The strings that a path begins with. */
function namesOf(path: readonly Term[]): string[] {
  const names: string[] = [];
  for (const part of path) {
    if (part.type !== "scalar" || typeof part.value !== "string") break;
    names.push(part.value);
  }
  return names;
}

/** Whether an object is a part of the tree: the value of a scalar is none. */
function isSyntax(node: object): boolean {
  return (node as { type?: unknown }).type !== "scalar";
}

/** Rules by name. */
export class RuleIndex {
  readonly #groups = new Map<string, { path: readonly string[]; sites: RuleSite[] }>();

  constructor(modules: readonly Module[]) {
    for (const module of modules) {
      for (const rule of module.rules) this.#add(module, rule);
    }
  }

  #add(module: Module, rule: Rule): void {
    const path = [...module.path, ...namesOf(rule.head.path)];
    const key = keyOf(path);
    const group = this.#groups.get(key) ?? { path, sites: [] };
    group.sites.push({ module, rule });
    this.#groups.set(key, group);
  }

  /** All groups, in the order of the source. */
  get groups(): Iterable<RuleGroup> {
    return this.#groups.values();
  }

  /** The rule at a path below `data` or above it, and how many names lead to it. */
  #at(path: readonly string[]): readonly [RuleGroup, number] | undefined {
    for (let length = 1; length <= path.length; length++) {
      const group = this.#groups.get(keyOf(path.slice(0, length)));
      if (group) return [group, length];
    }
    return undefined;
  }

  /** The full path of a name in a module: from `input` or `data`. */
  #absolute(module: Module, name: string): readonly string[] {
    if (name === "input" || name === "data") return [name];
    const imported = module.imports.find((each) => each.name === name);
    return imported ? imported.path : ["data", ...module.path, name];
  }

  /** What a variable or reference means that is no local variable. */
  meaningOf(module: Module, term: VarTerm | RefTerm): Meaning | undefined {
    const head = term.type === "var" ? term : term.head;
    const path = term.type === "var" ? [] : term.path;
    if (head.type !== "var") return undefined;
    const names = namesOf(path);
    const [root, ...start] = this.#absolute(module, head.name);
    const full = [...start, ...names];
    if (root === "input") return { kind: "input", path: full, rest: path.slice(names.length) };
    const found = this.#at(full);
    if (!found) return undefined;
    return { kind: "rule", group: found[0], rest: path.slice(found[1] - start.length) };
  }

  /** The rules that a rule's text names; a local variable of a rule's name counts too. */
  mentionedBy(module: Module, rule: Rule): ReadonlySet<RuleGroup> {
    const found = new Set<RuleGroup>();
    const waiting: unknown[] = [rule];
    while (waiting.length > 0) {
      const node = waiting.pop();
      if (typeof node !== "object" || node === null || !isSyntax(node)) continue;
      const group = this.#named(module, node);
      if (group) found.add(group);
      waiting.push(...Object.values(node));
    }
    return found;
  }

  #named(module: Module, node: object): RuleGroup | undefined {
    const term = node as Term;
    if (term.type === "call") return this.functionOf(module, term.name);
    if (term.type !== "var" && term.type !== "ref") return undefined;
    const meaning = this.meaningOf(module, term);
    return meaning?.kind === "rule" ? meaning.group : undefined;
  }

  /** The function that a call names, if a policy defines it. */
  functionOf(module: Module, name: readonly string[]): RuleGroup | undefined {
    const [root, ...start] = this.#absolute(module, name[0]!);
    if (root !== "data") return undefined;
    return this.#groups.get(keyOf([...start, ...name.slice(1)]));
  }
}
