/**
 * Modules: package, imports, rules.
 *
 * @module
 */

import type { Body, Head, Import, Module, RegoVersion, Rule, ScalarTerm, Term } from "./ast.ts";
import { PolicyCompileError } from "./errors.ts";
import { BodyParser } from "./parse_bodies.ts";
import { MAX_PATH } from "./parse_terms.ts";
import { issueAt, type Source } from "./source.ts";
import { Cursor, FUTURE } from "./tokens.ts";

/** A head, and whether anything but its name was written. */
interface WrittenHead {
  head: Head;
  readonly hasValue: boolean;
  readonly isNameOnly: boolean;
}

class ModuleParser {
  readonly #c: Cursor;
  readonly #bodies: BodyParser;

  constructor(source: Source, version: RegoVersion) {
    this.#c = new Cursor(source, version);
    this.#bodies = new BodyParser(this.#c);
  }

  module(): Module {
    try {
      return this.#module();
    } catch (error) {
      throw this.#c.furthest(error);
    }
  }

  #module(): Module {
    const c = this.#c;
    const path = this.#package();
    const imports: Import[] = [];
    const rules: Rule[] = [];
    while (!c.isEnd) {
      if (c.take(";")) continue;
      if (c.isWord("import")) imports.push(...this.#import());
      else rules.push(...this.#rules());
    }
    if (c.version === "v1") this.#refuseTwice(imports);
    return { ...c.source, version: c.version, path, imports, rules };
  }

  #package(): string[] {
    const c = this.#c;
    if (!c.takeWord("package")) c.unexpected("package");
    return this.#dotted();
  }

  /** `a.b["c"]`. */
  #dotted(): string[] {
    const c = this.#c;
    if (c.token.kind !== "name") c.unexpected("a name");
    const path = [c.token.text];
    c.index++;
    for (;;) {
      if (c.token.spaced) return path;
      if (path.length > MAX_PATH) c.fail(`more than ${MAX_PATH} parts in one name`);
      if (c.take(".")) {
        if (c.token.kind !== "name") c.unexpected("a name after the dot");
        path.push(c.token.text);
        c.index++;
      } else if (c.take("[")) {
        if (c.token.kind !== "string") c.unexpected("a string");
        path.push(c.unquoted(c.token.text, c.token.at));
        c.index++;
        c.expect("]");
      } else return path;
    }
  }

  #import(): Import[] {
    const c = this.#c;
    c.index++;
    const { at } = c.token;
    const path = this.#dotted();
    let name = path.at(-1)!;
    const hasAlias = c.takeWord("as");
    if (!hasAlias && c.isReserved(name) && path[0] !== "future") {
      c.fail(`unexpected import path, must not end with a keyword, got: ${name}`, at);
    }
    if (hasAlias) {
      if (c.token.kind !== "name" || c.isReserved(c.token.text)) c.unexpected("an alias");
      name = c.token.text;
      c.index++;
    }
    switch (path[0]) {
      case "data":
      case "input":
        return path.length === 1 && !hasAlias ? [] : [{ path, name, at }];
      case "rego":
        if (path.join(".") !== "rego.v1") {
          c.fail(`invalid import ${path.join(".")}: must be rego.v1`, at);
        }
        c.version = "v1";
        FUTURE.forEach((word) => c.keywords.add(word));
        return [];
      case "future":
        this.#future(path, at);
        return [];
    }
    return c.fail(
      "unexpected import path, must begin with one of: {data, future, input, rego}",
      at,
    );
  }

  #future(path: readonly string[], at: number): void {
    const [, keywords, word] = path;
    const known: readonly string[] = FUTURE;
    if (
      keywords !== "keywords" || path.length > 3 || (word !== undefined && !known.includes(word))
    ) {
      this.#c.fail(`unexpected keyword in ${path.join(".")}, must be one of [${known}]`, at);
    }
    for (const one of word === undefined ? known : [word]) this.#c.keywords.add(one);
    if (word === "every") this.#c.keywords.add("in");
  }

  #refuseTwice(imports: readonly Import[]): void {
    const names = new Set<string>();
    for (const { name, at } of imports) {
      const text = names.has(name)
        ? `import must not shadow another import: ${name}`
        : name === "input" || name === "data"
        ? `variables must not shadow ${name} (use a different variable name)`
        : undefined;
      if (text) {
        throw new PolicyCompileError([issueAt(this.#c.source, at, "rego_compile_error", text)]);
      }
      names.add(name);
    }
  }

  /** One statement: several rules where v0 lets bodies follow each other. */
  #rules(): Rule[] {
    const c = this.#c;
    const { at } = c.token;
    if (c.takeWord("default")) return [this.#default(at)];
    const written = this.#head();
    const bodies = this.#ruleBodies(written);
    const [first, ...others] = bodies;
    if (!first && c.isWord("else")) c.unexpected("a rule: this one always holds");
    const orElse = c.isWord("else") ? this.#else(written.head) : null;
    const { head } = written;
    const rule = (body: Body | []): Rule => ({ isDefault: false, head, body, orElse: null, at });
    return [{ ...rule(first ?? []), orElse }, ...others.map(rule)];
  }

  #default(at: number): Rule {
    const c: Cursor = this.#c;
    const { head, hasValue } = this.#head();
    if (!hasValue || !head.value) c.fail("default rules must have a value", at);
    if (!isClosed(head.value)) c.fail("illegal default rule (value cannot contain var)", at);
    return { isDefault: true, head, body: [], orElse: null, at };
  }

  #head(): WrittenHead {
    const c = this.#c;
    const { at } = c.token;
    if (!c.isName()) c.unexpected("a rule");
    const term = this.#bodies.terms.primary();
    const args = term.type === "call" ? term.args : null;
    const path = this.#headPath(term);
    if (c.takeWord("contains")) {
      if (args) c.fail("the contains keyword can only be used with multi-value rule definitions");
      const member = this.#bodies.terms.relation();
      if (c.isSymbol("=") || c.isSymbol(":=")) c.fail("contains excludes a value");
      return { head: { path, args, member, value: null, at }, hasValue: true, isNameOnly: false };
    }
    const hasValue = c.take(":=") || c.take("=");
    const value = hasValue ? this.#bodies.terms.expression(true) : trueAt(at);
    return { head: { path, args, member: null, value, at }, hasValue, isNameOnly: !hasValue };
  }

  #headPath(term: Term): Head["path"] {
    const { at } = term;
    const name = (value: string): ScalarTerm => ({ type: "scalar", value, at });
    if (term.type === "call") {
      const [first, ...rest] = term.name;
      return [name(first!), ...rest.map(name)];
    }
    const head = term.type === "ref" ? term.head : term;
    if (head.type !== "var" || head.name.startsWith("$")) {
      this.#c.fail("expected a rule's name", at);
    }
    return [name(head.name), ...(term.type === "ref" ? term.path : [])];
  }

  /** The bodies after a head; v0's conventions are applied to the head. */
  #ruleBodies(written: WrittenHead): Body[] {
    const c = this.#c;
    const { head } = written;
    if (c.takeWord("if")) {
      const bodies = [this.#bodies.afterIf()];
      while (c.take("{")) bodies.push(this.#bodies.body("}"));
      return bodies;
    }
    if (c.isSymbol("{")) {
      if (c.version === "v1") c.fail("`if` keyword is required before rule body");
      const bodies: Body[] = [];
      while (c.take("{")) bodies.push(this.#bodies.body("}"));
      if (written.isNameOnly && !head.args && head.path.length === 2) memberOfPath(written);
      return bodies;
    }
    if (!written.hasValue && !c.isWord("else")) this.#bare(written);
    return [];
  }

  /** A head that stands alone. */
  #bare(written: WrittenHead): void {
    const { head } = written;
    const c = this.#c;
    if (head.args) return;
    if (head.path.length === 1) c.fail("var cannot be used for rule name", head.at);
    if (c.version === "v1") c.fail("`contains` keyword is required for partial set rules", head.at);
    memberOfPath(written);
  }

  #else(head: Head): Rule {
    const c = this.#c;
    const { at } = c.token;
    c.index++;
    if (head.member) c.fail("else keyword cannot be used on multi-value rules", at);
    const hasValue = c.take(":=") || c.take("=");
    const value = hasValue ? this.#bodies.terms.expression(true) : trueAt(at);
    const own: Head = { ...head, value, at };
    let body: Body | [] = [];
    if (c.takeWord("if")) {
      body = this.#bodies.afterIf();
    } else if (c.isSymbol("{")) {
      if (c.version === "v1") c.fail("`if` keyword is required before rule body");
      c.index++;
      body = this.#bodies.body("}");
    } else if (!hasValue) c.unexpected("a value or a body after `else`");
    if (body.length === 0 && c.isWord("else")) c.unexpected("a rule: this one always holds");
    const orElse = c.isWord("else") ? this.#else(head) : null;
    return { isDefault: false, head: own, body, orElse, at };
  }
}

function trueAt(at: number): ScalarTerm {
  return { type: "scalar", value: true, at };
}

/** v0: the last part of `p[x]` is the member of a set. */
function memberOfPath(written: { head: Head }): void {
  const { head } = written;
  const [first, ...rest] = head.path;
  written.head = {
    ...head,
    path: [first, ...rest.slice(0, -1)],
    member: rest.at(-1)!,
    value: null,
  };
}

/** Whether a term needs nothing that is decided elsewhere. */
function isClosed(term: Term): boolean {
  switch (term.type) {
    case "var":
    case "ref":
      return false;
    case "array":
    case "set":
      return term.items.every(isClosed);
    case "object":
      return term.entries.every(([key, value]) => isClosed(key) && isClosed(value));
    case "call":
      return term.args.every(isClosed);
    default:
      return true;
  }
}

/**
 * Reads a policy in one language.
 *
 * @throws {PolicyCompileError} `rego_parse_error` with the position.
 */
export function parseModule(file: string, source: string, version: RegoVersion): Module {
  return new ModuleParser({ file, source }, version).module();
}

const V1_ONLY_SYNTAX = /keyword is required/;

/**
 * Reads a policy as v1, or else as v0.
 *
 * @throws {PolicyCompileError} what v1 says, unless only v1's new keywords are missing.
 */
export function parseModuleAuto(file: string, source: string): Module {
  try {
    return parseModule(file, source, "v1");
  } catch (error) {
    if (!(error instanceof PolicyCompileError)) throw error;
    try {
      return parseModule(file, source, "v0");
    } catch (older) {
      throw V1_ONLY_SYNTAX.test(error.message) ? older : error;
    }
  }
}

/**
 * Reads a query.
 *
 * @throws {PolicyCompileError} `rego_parse_error` with the position.
 */
export function parseQuery(source: string): Body {
  const cursor = new Cursor({ file: "query", source }, "v1");
  try {
    return new BodyParser(cursor).body("");
  } catch (error) {
    throw cursor.furthest(error);
  }
}
