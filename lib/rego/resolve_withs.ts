/**
 * Gives `with` modifiers their meaning: which document or function is replaced.
 *
 * @module
 */

import type { Term, With } from "./ast.ts";
import type { Node, Target, WithNode } from "./ir.ts";
import { nameOf, type Names } from "./resolve_names.ts";
import type { TermResolver } from "./resolve_terms.ts";
import type { Scope } from "./scope.ts";
import { ARITY, refusal } from "./signatures.ts";

const TRUE: Node = { op: "const", value: true };

/** Resolves the modifiers of one module. */
export class WithResolver {
  readonly #names: Names;
  readonly #terms: TermResolver;

  constructor(names: Names, terms: TermResolver) {
    this.#names = names;
    this.#terms = terms;
  }

  withs(withs: readonly With[], scope: Scope): readonly WithNode[] {
    return withs.map((modifier) => this.#with(modifier, scope));
  }

  #with(modifier: With, scope: Scope): WithNode {
    const target = this.#target(modifier);
    const value = modifier.value;
    if (target.kind !== "function") {
      return { target, value: this.#terms.term(value, scope), replacement: null };
    }
    const replacement = this.#replacement(value, scope, modifier.at);
    if (target.name === "walk") {
      const message = "with keyword replacing built-in function: target must not be a relation";
      this.#names.fail(modifier.target.at, "rego_compile_error", message);
    } else if (replacement && arityOf(replacement) !== target.arity) {
      this.#names.fail(modifier.at, "rego_type_error", `${target.name}: arity mismatch`);
    }
    return { target, value: replacement ? TRUE : this.#terms.term(value, scope), replacement };
  }

  #target({ target }: With): Target {
    const { at } = target;
    const name = nameOf(target);
    if (!name) {
      this.#names.fail(
        at,
        "rego_type_error",
        "with keyword target must be a document or a function",
      );
      return { kind: "input", path: [] };
    }
    const imported = this.#names.imports.get(name[0]!);
    const full = imported ? [...imported, ...name.slice(1)] : name;
    const local = this.#names.hasRule(full[0]!)
      ? ["data", ...this.#names.module.path, ...full]
      : full;
    const [first, ...path] = local;
    if (first === "input") return { kind: "input", path };
    if (first === "data") return this.#dataTarget(path, at);
    const text = full.join(".");
    const arity = ARITY.get(text);
    if (arity === undefined && refusal(text)) this.#names.checkBuiltin(text, at);
    else if (arity === undefined) {
      this.#names.fail(
        at,
        "rego_type_error",
        "with keyword target must reference existing input, data, or a function",
      );
    }
    return { kind: "function", name: text, arity: arity ?? 0 };
  }

  #dataTarget(path: readonly string[], at: number): Target {
    const group = this.#names.root.find(path)?.group;
    if (group?.kind === "function") {
      return { kind: "function", name: group.name, arity: group.arity };
    }
    for (let length = 1; length < path.length; length++) {
      if (this.#names.root.find(path.slice(0, length))?.group) {
        this.#names.fail(
          at,
          "rego_compile_error",
          "with keyword cannot partially replace virtual document(s)",
        );
      }
    }
    return { kind: "data", path };
  }

  /** The function that `value` names, if it names one. */
  #replacement(value: Term, scope: Scope, at: number): WithNode["replacement"] {
    const replacement = this.#names.replacementOf(value);
    if (!replacement || scope.find(nameOf(value)![0]!)) return null;
    if (!replacement.group) this.#names.checkBuiltin(replacement.name, at);
    return replacement;
  }
}

function arityOf({ name, group }: NonNullable<WithNode["replacement"]>): number {
  return group ? group.arity : ARITY.get(name) ?? 0;
}
