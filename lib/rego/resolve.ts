/**
 * Gives every name its meaning: variables their slots, globals their paths,
 * calls their functions.
 *
 * @module
 */

import type {
  Body,
  CallTerm,
  Literal,
  Module,
  Rule,
  Term,
  TermLiteral,
  VarTerm,
  With,
} from "./ast.ts";
import type { CompileCode } from "./errors.ts";
import {
  type Block,
  type CallNode,
  Frame,
  type Lit,
  mapChildren,
  type Node,
  type RefNode,
  type RuleNode,
  type Target,
  type Var,
  type WithNode,
} from "./ir.ts";
import type { Issues } from "./issues.ts";
import { assignedTerm, declaredNames, eachVar, patternVars, Scope, usedVars } from "./scope.ts";
import { ARITY, DEPRECATED, refusal } from "./signatures.ts";
import { groundLength, type Group, pathText, staticName, type TreeNode } from "./tree.ts";
import { keyOf } from "./value.ts";

/** What the resolver needs to know about the other modules. */
export interface Surroundings {
  readonly root: TreeNode;
  readonly issues: Issues;
}

const TRUE: Node = { op: "const", value: true };

/** The path below `data` or `input` of a node that is one, with constant names only. */
export function documentPath(
  node: Node,
): { readonly root: "input" | "data"; readonly path: readonly string[] } | undefined {
  if (node.op === "input" || node.op === "data") return { root: node.op, path: [] };
  if (node.op !== "ref" || (node.root.op !== "input" && node.root.op !== "data")) return undefined;
  const path: string[] = [];
  for (const part of node.path) {
    if (part.op !== "const" || typeof part.value !== "string") return undefined;
    path.push(part.value);
  }
  return { root: node.root.op, path };
}

/** Resolves the rules and queries of one module. */
export class Resolver {
  readonly #module: Module;
  readonly #root: TreeNode;
  readonly #issues: Issues;
  readonly #imports = new Map<string, readonly string[]>();
  readonly #globals: TreeNode | undefined;

  constructor(module: Module, { root, issues }: Surroundings) {
    this.#module = module;
    this.#root = root;
    this.#issues = issues;
    for (const { name, path } of module.imports) this.#imports.set(name, path);
    this.#globals = root.find(module.path);
  }

  /** One rule with its `else` chain. */
  rule(rule: Rule): RuleNode {
    this.#refuseRuleName(rule);
    const frame = new Frame();
    const scope = new Scope(frame, null);
    const args = (rule.head.args ?? []).map((arg) => {
      this.#declareArgument(arg, scope);
      return this.#term(arg, scope);
    });
    return this.#chain(rule, args, scope);
  }

  /** A query: its variables stay visible to the caller. */
  query(
    body: Body,
  ): { readonly block: Block; readonly frame: Frame; readonly names: ReadonlyMap<string, Var> } {
    const frame = new Frame();
    const scope = new Scope(frame, null);
    const block = this.#body(body, scope, []);
    this.#checkUnused(scope);
    return { block, frame, names: scope.named() };
  }

  #fail(at: number, code: CompileCode, message: string): void {
    this.#issues.add(this.#module, at, code, message);
  }

  #declareArgument(arg: Term, scope: Scope): void {
    eachVar(arg, (name, at) => {
      if (scope.owns(name)) return;
      this.#refuseShadow(name, at);
      scope.declare(name, at);
      scope.declared.set(name, "arg");
    });
  }

  #refuseRuleName({ head, at }: Rule): void {
    const name = head.path[0].value;
    if (this.#module.version === "v1" && (name === "input" || name === "data")) {
      const message = `rules must not shadow ${name} (use a different rule name)`;
      this.#fail(at, "rego_compile_error", message);
    }
  }

  #refuseShadow(name: string, at: number): void {
    if (this.#module.version === "v1" && (name === "input" || name === "data")) {
      this.#fail(
        at,
        "rego_compile_error",
        `variables must not shadow ${name} (use a different variable name)`,
      );
    }
  }

  #chain(rule: Rule, args: readonly Node[], outer: Scope): RuleNode {
    const { head } = rule;
    const scope = new Scope(outer.frame, outer);
    const suffix = head.path.slice(groundLength(head));
    const value = head.value;
    const heads = [...suffix, ...(head.member ? [head.member] : []), ...(value ? [value] : [])];
    const body = this.#body(rule.body, scope, heads);
    const node: RuleNode = {
      module: this.#module,
      at: rule.at,
      args,
      suffix: suffix.map((term) => this.#term(term, scope)),
      member: head.member && this.#term(head.member, scope),
      value: value && this.#term(value, scope),
      body,
      orElse: null,
      frame: outer.frame,
    };
    this.#checkUnused(scope);
    return rule.orElse ? { ...node, orElse: this.#chain(rule.orElse, args, outer) } : node;
  }

  /** A body, and the terms (`heads`) that share its variables. */
  #body(body: Body, scope: Scope, heads: readonly Term[]): Block {
    const declared = declaredNames(body);
    const note = (name: string, at: number) => {
      if (!declared.has(name) && !this.#isKnown(name, scope)) scope.declare(name, at);
    };
    usedVars(body, note, ({ value }) => this.#replacementOf(value) !== null);
    for (const head of heads) eachVar(head, note);
    const block = body.flatMap((literal) => this.#literal(literal, scope));
    return block;
  }

  #checkUnused(scope: Scope): void {
    for (const [name, at] of scope.unused) {
      this.#fail(at, "rego_compile_error", `declared var ${name} unused`);
    }
  }

  #isKnown(name: string, scope: Scope): boolean {
    return scope.find(name) !== undefined || this.#global(name) !== undefined;
  }

  /** What a name means outside of all bodies. */
  #global(name: string): Node | undefined {
    const imported = this.#imports.get(name);
    if (imported) return this.#documentNode(imported);
    if (this.#hasRule(name)) return this.#documentNode(["data", ...this.#module.path, name]);
    if (name === "input" || name === "data") return { op: name };
    return undefined;
  }

  #hasRule(name: string): boolean {
    const node = this.#globals?.children.get(name);
    return node !== undefined && holdsRule(node);
  }

  #documentNode(path: readonly string[]): Node {
    const root: Node = { op: path[0] as "input" | "data" };
    if (path.length === 1) return root;
    const parts = path.slice(1).map((value): Node => ({ op: "const", value }));
    return { op: "ref", root, path: parts, at: 0 };
  }

  #declare(name: string, at: number, how: "assigned" | "declared", scope: Scope): void {
    const before = scope.declared.get(name);
    if (before || scope.isArgument(name)) {
      const text = before && before !== "arg"
        ? `var ${name} ${before} above`
        : `arg ${name} redeclared`;
      return this.#fail(at, "rego_compile_error", text);
    }
    if (scope.owns(name) && !name.startsWith("$")) {
      return this.#fail(at, "rego_compile_error", `var ${name} referenced above`);
    }
    this.#refuseShadow(name, at);
    scope.declare(name, at);
    scope.declared.set(name, how);
  }

  #literal(literal: Literal, scope: Scope): readonly Lit[] {
    switch (literal.type) {
      case "some":
        for (const { name, at } of literal.vars) {
          this.#declare(name, at, "declared", scope);
          scope.unused.set(name, at);
        }
        return [];
      case "someIn": {
        const withs = this.#withs(literal.withs, scope);
        const domain = this.#term(literal.domain, scope);
        for (const pattern of [literal.key, literal.value]) {
          if (pattern) patternVars(pattern, (n, at) => this.#declare(n, at, "declared", scope));
        }
        const key = literal.key && this.#term(literal.key, scope);
        const value = this.#term(literal.value, scope);
        return [{ kind: "in", key, value, domain, negated: false, withs, at: literal.at }];
      }
      case "every": {
        const withs = this.#withs(literal.withs, scope);
        const domain = this.#term(literal.domain, scope);
        const from = scope.frame.size;
        const inner = new Scope(scope.frame, scope);
        const declare = ({ name, at }: VarTerm) => {
          if (!name.startsWith("$")) inner.unused.set(name, at);
          return inner.declare(name, at);
        };
        const key = literal.key && declare(literal.key);
        const value = declare(literal.value);
        const own = new Scope(scope.frame, inner);
        const body = this.#body(literal.body, own, []);
        this.#checkUnused(own);
        this.#checkUnused(inner);
        const locals = [from, scope.frame.size] as const;
        const { at } = literal;
        return [{ kind: "every", key, value, domain, body, locals, negated: false, withs, at }];
      }
      case "term": {
        const lit = this.#termLiteral(literal, scope);
        return lit.negated ? liftCalls(lit, scope) : [lit];
      }
    }
  }

  #termLiteral(literal: TermLiteral, scope: Scope): Lit {
    const { term, negated, at } = literal;
    const base = { negated, at, withs: this.#withs(literal.withs, scope) };
    if (term.type !== "call") return { kind: "test", node: this.#term(term, scope), ...base };
    const assigned = assignedTerm(literal);
    if (assigned) return this.#assignment(assigned, term, base, scope);
    if (term.infix && term.name[0] === "eq") {
      const [left, right] = term.args.map((arg) => this.#term(arg, scope));
      return { kind: "eq", left: left!, right: right!, ...base };
    }
    const call = this.#call(term, scope, true);
    if (call.op !== "call" || call.args.length <= this.#arityOf(call)) {
      return { kind: "test", node: call, ...base };
    }
    const output = call.args.at(-1)!;
    const left = { ...call, args: call.args.slice(0, -1) };
    return { kind: "eq", left, right: output, isCall: true, ...base };
  }

  #assignment(
    pattern: Term,
    term: CallTerm,
    base: Pick<Lit, "negated" | "at" | "withs">,
    scope: Scope,
  ): Lit {
    const right = this.#term(term.args[1]!, scope);
    if (base.negated) {
      this.#fail(term.at, "rego_compile_error", "cannot assign vars inside negated expression");
    }
    if (!isAssignable(pattern)) {
      this.#fail(term.at, "rego_compile_error", `cannot assign to ${pattern.type}`);
    }
    patternVars(pattern, (name, at) => this.#declare(name, at, "assigned", scope));
    return { kind: "eq", left: this.#term(pattern, scope), right, ...base };
  }

  #arityOf(call: CallNode): number {
    if (call.group) return call.group.arity;
    if (call.name === "print") return Infinity;
    return ARITY.get(call.name) ?? Infinity;
  }

  #term(term: Term, scope: Scope): Node {
    switch (term.type) {
      case "scalar":
        return { op: "const", value: term.value };
      case "var":
        return this.#variable(term.name, term.at, scope);
      case "ref": {
        const root = this.#term(term.head, scope);
        const path = term.path.map((part) => this.#term(part, scope));
        const ref: RefNode = root.op === "ref"
          ? { op: "ref", root: root.root, path: [...root.path, ...path], at: term.at }
          : { op: "ref", root, path, at: term.at };
        this.#refuseFunction(ref);
        return ref;
      }
      case "array":
      case "set":
        return { op: term.type, items: term.items.map((item) => this.#term(item, scope)) };
      case "object":
        return {
          op: "object",
          entries: term.entries.map(([k, v]) => [this.#term(k, scope), this.#term(v, scope)]),
        };
      case "call":
        return this.#call(term, scope, false);
      case "comprehension": {
        const from = scope.frame.size;
        const inner = new Scope(scope.frame, scope);
        const heads = term.value ? [term.key, term.value] : [term.key];
        const body = this.#body(term.body, inner, heads);
        const key = this.#term(term.key, inner);
        const value = term.value && this.#term(term.value, inner);
        this.#checkUnused(inner);
        const locals = [from, scope.frame.size] as const;
        return { op: "comprehension", of: term.of, key, value, body, locals, at: term.at };
      }
      case "template": {
        const items = term.parts.map((part): Node =>
          typeof part === "string"
            ? { op: "const", value: part }
            : this.#each(part.term, scope, part.withs)
        );
        const args: Node[] = [{ op: "array", items }];
        return { op: "call", name: "internal.template_string", group: null, args, at: term.at };
      }
    }
  }

  /** A function is called, not looked at. */
  #refuseFunction({ root, path, at }: RefNode): void {
    if (root.op !== "data") return;
    let node: TreeNode | undefined = this.#root;
    for (const part of path) {
      node = part.op === "const" ? node.children.get(keyOf(part.value)) : undefined;
      if (!node) return;
      if (node.group?.kind !== "function") continue;
      const message = `function ${node.group.name} used as reference, not called`;
      return this.#fail(at, "rego_type_error", message);
    }
  }

  /** `{x | x = term}`: every value of a term, none if it is undefined. */
  #each(term: Term, scope: Scope, withs: readonly With[] = []): Node {
    const from = scope.frame.size;
    const inner = new Scope(scope.frame, scope);
    const { at } = term;
    const x: VarTerm = { type: "var", name: `$each${scope.frame.size}`, at };
    const is: CallTerm = { type: "call", name: ["eq"], args: [x, term], infix: true, at };
    const body = this.#body([{ type: "term", negated: false, term: is, withs, at }], inner, [x]);
    const key = this.#term(x, inner);
    const locals = [from, scope.frame.size] as const;
    return { op: "comprehension", of: "set", key, value: null, body, locals, at: term.at };
  }

  #variable(name: string, at: number, scope: Scope): Node {
    const found = scope.find(name);
    if (found) return { op: "var", v: found, at };
    const known = this.#global(name);
    if (known?.op === "ref") {
      const ref = { ...known, at };
      this.#refuseFunction(ref);
      return ref;
    }
    if (known) return known;
    // Nothing binds it: the safety check says so.
    return { op: "var", v: scope.declare(name, at), at };
  }

  /** `allowOutput`: one operand more than the arity takes the result. */
  #call(term: CallTerm, scope: Scope, allowOutput: boolean): Node {
    const { name, at } = term;
    const [first = ""] = name;
    if (!term.infix && scope.find(first)) {
      this.#fail(at, "rego_type_error", `undefined function ${name.join(".")}`);
    }
    const target = term.infix ? { name: first, group: null } : this.#function(name, at);
    const printed = target.name === "print" && !target.group;
    if (printed && !allowOutput) {
      this.#fail(at, "rego_type_error", "print(…) used as value");
    }
    const args = term.args.map((arg) => printed ? this.#each(arg, scope) : this.#term(arg, scope));
    if (!target.group && target.name === "eq") {
      return this.#call({ ...term, name: ["equal"], infix: true }, scope, allowOutput);
    }
    const call: CallNode = { op: "call", ...target, args, at };
    this.#checkArity(call, allowOutput);
    return call;
  }

  #checkArity(call: CallNode, allowOutput: boolean): void {
    const arity = this.#arityOf(call);
    const given = call.args.length;
    if (arity === Infinity || given === arity || (allowOutput && given === arity + 1)) return;
    this.#fail(
      call.at,
      "rego_type_error",
      `${call.name}: arity mismatch: got ${given} operands, want ${arity}`,
    );
  }

  #function(name: readonly string[], at: number): { name: string; group: Group | null } {
    const path = this.#functionPath(name);
    if (path) {
      const group = this.#root.find(path)?.group;
      if (group?.kind === "function") return { name: group.name, group };
      this.#fail(at, "rego_type_error", `undefined function ${pathText(path)}`);
      return { name: pathText(path), group: null };
    }
    const text = name.join(".");
    this.#checkBuiltin(text, at);
    return { name: text, group: null };
  }

  #checkBuiltin(name: string, at: number): void {
    const reason = refusal(name);
    if (reason) {
      this.#fail(at, "rego_type_error", `${name} is not available in this engine: ${reason}`);
    } else if (!ARITY.has(name) && name !== "print") {
      this.#fail(at, "rego_type_error", `undefined function ${name}`);
    } else if (this.#module.version === "v1" && DEPRECATED.has(name)) {
      this.#fail(
        at,
        "rego_type_error",
        `deprecated built-in function calls in expression: ${name}`,
      );
    }
  }

  /** The path below `data` that a function's name stands for; `undefined` for builtins. */
  #functionPath(name: readonly string[]): readonly string[] | undefined {
    const [first = "", ...rest] = name;
    const imported = this.#imports.get(first);
    if (imported) return [...imported.slice(1), ...rest];
    if (first === "data") return rest;
    return this.#hasRule(first) ? [...this.#module.path, ...name] : undefined;
  }

  #withs(withs: readonly With[], scope: Scope): readonly WithNode[] {
    return withs.map((modifier) => this.#with(modifier, scope));
  }

  #with(modifier: With, scope: Scope): WithNode {
    const target = this.#target(modifier);
    const value = modifier.value;
    if (target.kind !== "function") {
      return { target, value: this.#term(value, scope), replacement: null };
    }
    const replacement = this.#replacement(value, scope, modifier.at);
    return { target, value: replacement ? TRUE : this.#term(value, scope), replacement };
  }

  #target({ target, at }: With): Target {
    const name = nameOf(target);
    if (!name) {
      this.#fail(at, "rego_type_error", "with keyword target must be a document or a function");
      return { kind: "input", path: [] };
    }
    const imported = this.#imports.get(name[0]!);
    const full = imported ? [...imported, ...name.slice(1)] : name;
    const local = this.#hasRule(full[0]!) ? ["data", ...this.#module.path, ...full] : full;
    const [first, ...path] = local;
    if (first === "input") return { kind: "input", path };
    if (first === "data") return this.#dataTarget(path, at);
    const text = full.join(".");
    const arity = ARITY.get(text);
    if (arity === undefined && refusal(text)) this.#checkBuiltin(text, at);
    else if (arity === undefined) {
      this.#fail(
        at,
        "rego_type_error",
        "with keyword target must reference existing input, data, or a function",
      );
    }
    return { kind: "function", name: text, arity: arity ?? 0 };
  }

  #dataTarget(path: readonly string[], at: number): Target {
    const group = this.#root.find(path)?.group;
    if (group?.kind === "function") {
      return { kind: "function", name: group.name, arity: group.arity };
    }
    for (let length = 1; length < path.length; length++) {
      if (this.#root.find(path.slice(0, length))?.group) {
        this.#fail(
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
    const replacement = this.#replacementOf(value);
    if (!replacement || scope.find(nameOf(value)![0]!)) return null;
    if (!replacement.group) this.#checkBuiltin(replacement.name, at);
    return replacement;
  }

  #replacementOf(value: Term): WithNode["replacement"] {
    const name = nameOf(value);
    if (!name) return null;
    const path = this.#functionPath(name);
    if (path) {
      const group = this.#root.find(path)?.group;
      return group?.kind === "function" ? { name: group.name, group } : null;
    }
    const text = name.join(".");
    return ARITY.has(text) || refusal(text) ? { name: text, group: null } : null;
  }
}

/**
 * A negation denies its outermost call alone: calls inside it are literals of
 * their own, which come first and must have a value.
 */
function liftCalls(lit: Lit, scope: Scope): readonly Lit[] {
  const lifted: Lit[] = [];
  const part = (node: Node): Node => {
    if (node.op !== "call") return mapChildren(node, part);
    const { at } = node;
    const left: Node = { op: "var", v: scope.declare(`$not${scope.frame.size}`, at), at };
    lifted.push({ kind: "eq", left, right: node, negated: false, withs: lit.withs, at: lit.at });
    return left;
  };
  if (lit.kind === "test") lifted.push({ ...lit, node: mapChildren(lit.node, part) });
  else if (lit.kind === "eq") {
    const left = lit.isCall ? mapChildren(lit.left, part) : part(lit.left);
    lifted.push({ ...lit, left, right: part(lit.right) });
  } else lifted.push(lit);
  return lifted;
}

function holdsRule(node: TreeNode): boolean {
  if (node.group) return true;
  if (node.isPackage) return false;
  return [...node.children.values()].some(holdsRule);
}

function isAssignable(term: Term): boolean {
  return term.type === "var" || term.type === "array" || term.type === "object";
}

/** `a.b.c` as names, if the term is nothing else. */
function nameOf(term: Term): string[] | undefined {
  if (term.type === "var") return [term.name];
  if (term.type !== "ref" || term.head.type !== "var") return undefined;
  const parts = term.path.map(staticName);
  return parts.includes(undefined) ? undefined : [term.head.name, ...parts as string[]];
}
