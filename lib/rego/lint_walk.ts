/**
 * Which way the taints of the input move a rule. Follows a rule through its
 * helpers and keeps track of whether more taints can only help it, can only hurt
 * it, or both; reports every condition by which they help.
 *
 * @module
 */

import type { Body, CallTerm, Literal, Module, RefTerm, Rule, Term, VarTerm } from "./ast.ts";
import type { RuleGroup, RuleIndex, RuleSite } from "./lint_rules.ts";
import {
  bindingOf,
  bindingsOf,
  either,
  flip,
  GROWING,
  HELPS,
  isEmpty,
  isScalar,
  neededBy,
  type Polarity,
  type Use,
} from "./lint_terms.ts";

/** A local variable: the term it stands for, or `null` for one member of something. */
type Binding = { readonly term: Term; readonly scope: Scope } | null;

interface Scope {
  readonly module: Module;
  readonly locals: ReadonlyMap<string, Binding>;
}

/** A condition, and where it stands. */
export interface Condition {
  readonly module: Module;
  readonly at: number;
}

/** Terms that are looked at for one rule. */
const MOST_VISITS = 100_000;

/** Members of the input that say where data comes from. */
const PROVENANCE: ReadonlySet<string> = new Set(["history", "origins", "parents"]);

/** Whether any term of a literal asks for provenance. */
function asksProvenance(index: RuleIndex, module: Module, literal: Literal): boolean {
  const terms = literal.type === "term"
    ? [literal.term]
    : literal.type === "someIn" || literal.type === "every"
    ? [literal.domain]
    : [];
  const inside = (term: Term): boolean => {
    if (term.type === "call") return term.args.some(inside);
    if (term.type !== "ref" && term.type !== "var") return false;
    const meaning = index.meaningOf(module, term);
    return meaning?.kind === "input" && PROVENANCE.has(meaning.path[0] ?? "");
  };
  return terms.some(inside);
}

/** The literals that share a body's variables: also those of operands without braces. */
function ownLiterals(body: readonly Literal[]): readonly Literal[] {
  return body.flatMap((literal) =>
    literal.type !== "group"
      ? [literal]
      : literal.operands.flatMap(({ body: inner, explicit }) => explicit ? [] : ownLiterals(inner))
  );
}

/** Follows one rule. */
export class TaintWalk {
  readonly #index: RuleIndex;
  readonly #report: (condition: Condition) => void;
  readonly #seen = new Map<Rule, Set<string>>();
  readonly #terms = new Map<Term, number>();
  #visits = 0;

  constructor(index: RuleIndex, report: (condition: Condition) => void) {
    this.#index = index;
    this.#report = report;
  }

  /** Whether everything was looked at. */
  get isComplete(): boolean {
    return this.#visits <= MOST_VISITS;
  }

  /** Looks at a rule whose being true, or having members, is `polarity`. */
  follow(group: RuleGroup, polarity: Polarity): void {
    const isSet = group.sites.some(({ rule }) => rule.head.member !== null);
    this.#group(group, { exists: polarity, value: polarity, truth: !isSet }, [], undefined);
  }

  #group(
    { sites }: RuleGroup,
    use: Use,
    args: readonly (Binding & object)[],
    at: Condition | undefined,
  ): void {
    const hasDefault = sites.some(({ rule }) => rule.isDefault);
    for (const site of sites) {
      for (let rule: Rule | null = site.rule; rule; rule = rule.orElse) {
        if (!this.#isNew(rule, use, args, at)) continue;
        this.#rule({ ...site, rule }, hasDefault ? { ...use, exists: 0 } : use, args, at);
      }
    }
  }

  #isNew(rule: Rule, use: Use, args: readonly { term: Term }[], at?: Condition): boolean {
    const ids = args.map(({ term }) => {
      const id = this.#terms.get(term) ?? this.#terms.size;
      this.#terms.set(term, id);
      return id;
    });
    const key = [use.exists, use.value, use.truth, at?.module.file, at?.at, ...ids].join(" ");
    const keys = this.#seen.get(rule) ?? new Set();
    this.#seen.set(rule, keys);
    if (keys.has(key)) return false;
    keys.add(key);
    return true;
  }

  #rule(
    { module, rule }: RuleSite,
    use: Use,
    args: readonly (Binding & object)[],
    at: Condition | undefined,
  ): void {
    const { head, body } = rule;
    const locals = new Map<string, Binding>();
    for (const [index, parameter] of (head.args ?? []).entries()) {
      if (parameter.type === "var") locals.set(parameter.name, args[index] ?? null);
    }
    const scope = this.#scopeOf(body, { module, locals });
    const isCollection = head.member !== null || head.path.some((part) => part.type !== "scalar");
    const needed = isCollection ? use.truth ? 0 : use.value : neededBy(use, head.value);
    // Members are looked at where they are asked for, conditions where they stand.
    const place = isCollection ? at : undefined;
    this.#body(body, needed, scope, place);
    if (head.value && head.value.type !== "scalar") {
      this.#term(head.value, use, scope, at ?? { module, at: head.at });
    }
  }

  /** The scope of a body: its variables that stand for a term, and those that iterate. */
  #scopeOf(body: readonly Literal[], { module, locals: outer }: Scope): Scope {
    const locals = new Map(outer);
    const scope = { module, locals };
    const literals = ownLiterals(body);
    for (const literal of literals) {
      if (literal.type === "some") {
        for (const { name } of literal.vars) locals.set(name, null);
      } else if (literal.type === "someIn" || literal.type === "every") {
        for (const term of [literal.key, literal.value]) {
          if (term?.type === "var") locals.set(term.name, null);
        }
      }
    }
    for (const { name, variable, term } of literals.flatMap(bindingsOf)) {
      const isKnown = locals.get(variable.name) || this.#index.meaningOf(module, variable);
      if (name === "assign" || !isKnown) locals.set(variable.name, { term, scope });
    }
    return scope;
  }

  #body(body: Body | readonly [], polarity: Polarity, scope: Scope, at?: Condition): void {
    if (polarity === 0) return;
    if (body.some((literal) => asksProvenance(this.#index, scope.module, literal))) return;
    for (const literal of body) this.#literal(literal, polarity, scope, at);
  }

  #literal(literal: Literal, polarity: Polarity, scope: Scope, outer?: Condition): void {
    const at = outer ?? { module: scope.module, at: literal.at };
    if (literal.withs.some((each) => this.#isInput(each.target, scope))) return;
    if (literal.type === "term") {
      const own = literal.negated ? flip(polarity) : polarity;
      this.#term(literal.term, { exists: own, value: own, truth: true }, scope, at);
    } else if (literal.type === "someIn") {
      this.#term(literal.domain, { exists: polarity, value: polarity, truth: false }, scope, at);
    } else if (literal.type === "every") {
      const use = { exists: polarity, value: flip(polarity), truth: false };
      this.#term(literal.domain, use, scope, at);
      this.#body(literal.body, polarity, this.#scopeOf(literal.body, scope), outer);
    } else if (literal.type === "group") {
      const own = literal.negated ? flip(polarity) : polarity;
      for (const { body, explicit } of literal.operands) {
        this.#body(body, own, explicit ? this.#scopeOf(body, scope) : scope, outer);
      }
    }
  }

  #isInput(target: VarTerm | RefTerm, { module }: Scope): boolean {
    return this.#index.meaningOf(module, target)?.kind === "input";
  }

  #term(term: Term, use: Use, scope: Scope, at: Condition): void {
    if (use.exists === 0 && use.value === 0) return;
    if (++this.#visits > MOST_VISITS) return;
    const part = { ...use, truth: false };
    switch (term.type) {
      case "scalar":
        return;
      case "var":
      case "ref":
        return this.#reference(term, use, scope, at);
      case "array":
      case "set":
        return term.items.forEach((item) => this.#term(item, part, scope, at));
      case "object":
        return term.entries.flat().forEach((item) => this.#term(item, part, scope, at));
      case "call":
        return this.#call(term, use, scope, at);
      case "template":
        for (const each of term.parts) {
          if (typeof each !== "string") {
            this.#term(each.term, { ...part, value: either(use.value) }, scope, at);
          }
        }
        return;
      case "comprehension":
        if (!use.truth) this.#body(term.body, use.value, this.#scopeOf(term.body, scope), at);
    }
  }

  #reference(term: VarTerm | RefTerm, use: Use, scope: Scope, at: Condition): void {
    const head = term.type === "var" ? term : term.head;
    const path = term.type === "var" ? [] : term.path;
    // A look into something finds more where there is more.
    const inside: Use = { exists: 0, value: use.exists, truth: false };
    const local = head.type === "var" ? scope.locals.get(head.name) : undefined;
    if (local === null) return;
    if (local) return this.#local(local, path, use, inside, at);
    if (head.type !== "var") return this.#term(head, inside, scope, at);
    const meaning = this.#index.meaningOf(scope.module, term);
    if (meaning?.kind === "rule") {
      const asked = meaning.rest.length > 0 ? { ...inside, exists: use.exists } : use;
      return this.#group(meaning.group, asked, [], at);
    }
    if (meaning?.path[0] !== "taints") return;
    const isWhole = meaning.path.length === 1 && meaning.rest.length === 0;
    this.#taints(isWhole ? use.truth ? 0 : use.value : use.exists, at);
  }

  #taints(polarity: Polarity, at: Condition): void {
    if (polarity & HELPS) this.#report(at);
  }

  #local(
    { term, scope }: Binding & object,
    path: readonly Term[],
    use: Use,
    inside: Use,
    at: Condition,
  ): void {
    if (path.length === 0) return this.#term(term, { ...use, exists: 0 }, scope, at);
    if (term.type !== "var" && term.type !== "ref") return this.#term(term, inside, scope, at);
    const head = term.type === "var" ? term : term.head;
    const start = term.type === "var" ? [] : term.path;
    this.#term({ type: "ref", head, path: [...start, ...path], at: term.at }, use, scope, at);
  }

  #call(call: CallTerm, use: Use, scope: Scope, at: Condition): void {
    const { args } = call;
    const [a, b] = args;
    const name = call.name.join(".");
    const { exists, value } = use;
    const visit = (term: Term, polarity: Polarity, truth = false) =>
      this.#term(term, { exists, value: polarity, truth }, scope, at);
    const all = (polarity: Polarity) => args.forEach((arg) => visit(arg, polarity));
    const own = this.#index.functionOf(scope.module, call.name);
    if (own) {
      all(0);
      return this.#group(own, use, args.map((term) => ({ term, scope })), at);
    }
    switch (name) {
      case "assign":
      case "eq":
        if (setsVariable(call, scope)) return all(0);
        return this.#equality(args, value, visit);
      case "equal":
        return this.#equality(args, value, visit);
      case "neq":
        return this.#equality(args, flip(value), visit);
      case "gt":
      case "gte":
        visit(a!, value);
        return visit(b!, flip(value));
      case "lt":
      case "lte":
        visit(a!, flip(value));
        return visit(b!, value);
      case "minus":
        visit(a!, use.truth ? 0 : value);
        return visit(b!, use.truth ? 0 : flip(value));
      case "internal.member_2":
      case "internal.member_3":
        args.slice(0, -1).forEach((arg) => visit(arg, 0));
        return visit(args.at(-1)!, value);
      case "object.get":
        return this.#objectGet(args, use, scope, at);
    }
    if (GROWING.has(name)) return all(use.truth ? 0 : value);
    all(name.startsWith("is_") || name === "print" ? 0 : either(value));
  }

  #equality(
    args: readonly Term[],
    value: Polarity,
    visit: (term: Term, polarity: Polarity, truth?: boolean) => void,
  ): void {
    const known = args.findIndex((arg) => isEmpty(arg) || arg.type === "scalar");
    const constant = args[known];
    const other = args[1 - known];
    if (!constant || !other) return args.forEach((arg) => visit(arg, either(value)));
    if (isEmpty(constant) || isScalar(constant, false)) return visit(other, flip(value));
    if (isScalar(constant, true)) return visit(other, value, true);
    visit(other, either(value));
  }

  /** `object.get(input, "taints", [])` is `input.taints`. */
  #objectGet(args: readonly Term[], use: Use, scope: Scope, at: Condition): void {
    const [object, key] = args;
    if (object?.type !== "var" && object?.type !== "ref") return;
    const head = object.type === "var" ? object : object.head;
    const path = [...(object.type === "var" ? [] : object.path), key!];
    this.#term({ type: "ref", head, path, at: object.at }, use, scope, at);
  }
}

/** Whether an assignment or unification is what gives its variable a value. */
function setsVariable(call: CallTerm, { locals }: Scope): boolean {
  const bound = bindingOf(call);
  return bound !== undefined && locals.get(bound.variable.name)?.term === bound.term;
}
