/**
 * Modules: package, imports, rules.
 *
 * @module
 */

import {
  type Body,
  type Head,
  type Import,
  type Module,
  partsOf,
  type Rule,
  type ScalarTerm,
  type Term,
} from "./ast.ts";
import { BodyParser } from "./parse_bodies.ts";
import { readImport, readPackage, refuseTwice } from "./parse_imports.ts";
import { type Cursor, LOGICAL } from "./tokens.ts";

/** A head, and whether anything but its name was written. */
interface WrittenHead {
  head: Head;
  readonly hasValue: boolean;
  readonly isNameOnly: boolean;
}

/** Reads a module from a cursor. */
export class ModuleParser {
  readonly #c: Cursor;
  readonly #bodies: BodyParser;

  constructor(cursor: Cursor) {
    this.#c = cursor;
    this.#bodies = new BodyParser(cursor);
  }

  /** The whole source. */
  module(): Module {
    const c = this.#c;
    const path = readPackage(c);
    const imports: Import[] = [];
    const rules: Rule[] = [];
    while (!c.isEnd) {
      c.commit();
      if (c.isWord("import")) imports.push(readImport(c));
      else rules.push(...this.#rules());
    }
    if (c.version === "v1") refuseTwice(c, imports);
    const documents = imports.filter(({ path: [root], name }) =>
      name !== root && (root === "data" || root === "input")
    );
    return { ...c.source, version: c.version, path, imports: documents, rules };
  }

  /** One statement: several rules where v0 lets bodies follow each other. */
  #rules(): Rule[] {
    const c = this.#c;
    const { at } = c.token;
    if (c.takeWord("default")) return [this.#default(at)];
    const written = this.#head();
    const bodies = this.#ruleBodies(written);
    const { head } = written;
    const [first, ...others] = bodies;
    if (!first) this.#bareEnd(written);
    else if (c.isWord("else") && head.path.some(({ type }) => type !== "scalar")) {
      c.fail("else keyword cannot be used on rules with variables in head");
    }
    const orElse = c.isWord("else") ? this.#else(head) : null;
    const rule = (body: Body | []): Rule => ({ isDefault: false, head, body, orElse: null, at });
    return [{ ...rule(first ?? []), orElse }, ...others.map(rule)];
  }

  /** What may follow a rule without a body. */
  #bareEnd({ head }: WrittenHead): void {
    const c: Cursor = this.#c;
    if (c.isWord("else")) c.unexpected("a rule: this one always holds");
    if (c.isWord("with")) {
      c.fail("expressions using with keyword cannot be used for rule head", head.at);
    }
  }

  #default(at: number): Rule {
    const c: Cursor = this.#c;
    const { head } = this.#head();
    const refuse = (what: string) => c.fail(`illegal default rule (${what})`, at);
    if (!head.value) return c.fail("default rules must have a value", at);
    const part = openPart(head.value);
    if (part) refuse(`value cannot contain ${part}`);
    const names = new Set<string>();
    for (const arg of head.args ?? []) {
      if (arg.type !== "var") return refuse(`arguments cannot contain ${arg.type}`);
      if (names.has(arg.name)) refuse(`arguments cannot be repeated ${arg.name}`);
      names.add(arg.name);
    }
    return { isDefault: true, head, body: [], orElse: null, at };
  }

  #head(): WrittenHead {
    const c = this.#c;
    const { at } = c.token;
    c.lead = c.index;
    if (!c.isName()) c.unexpected("a rule");
    const term = this.#bodies.terms.primary();
    const args = term.type === "call" && term.args.length > 0 ? term.args : null;
    const path = this.#headPath(term);
    if (c.takeWord("contains")) {
      if (args) {
        c.fail("the contains keyword can only be used with multi-value rule definitions", at);
      }
      const member = this.#bodies.terms.expression(true);
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
      if (/[[({]/.test(first!)) this.#c.fail("expected a rule's name", at);
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
      if (c.version === "v1") {
        const what = head.args ? "function" : "rule";
        c.fail(`\`if\` keyword is required before ${what} body`, head.at);
      }
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
    const [{ value: name }, ...more] = head.path;
    if (more.length === 0) {
      const isLogical = LOGICAL.includes(name as string);
      const hint = isLogical ? ` (\`${name}\` needs \`import future.keywords.${name}\`)` : "";
      c.fail(`var cannot be used for rule name${hint}`, head.at);
    }
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
      if (c.version === "v1") c.fail("`if` keyword is required before rule body", at);
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

/** What of a term is decided elsewhere: a variable, a reference, a call. */
function openPart(term: Term): string | undefined {
  if (["var", "ref", "call"].includes(term.type)) return term.type;
  return partsOf(term).map(openPart).find((part) => part);
}
