/**
 * Terms: literals, references, calls, operators, comprehensions.
 *
 * @module
 */

import type { Body, CallTerm, ComprehensionTerm, Term, TermLiteral, VarTerm } from "./ast.ts";
import { payCompile } from "./compile_budget.ts";
import type { Token } from "./lexer.ts";
import { parseNumber } from "./number.ts";
import { type Cursor, LOGICAL } from "./tokens.ts";

/** Binary operators by how tightly they bind, with their builtins. */
const OPERATORS: readonly Readonly<Record<string, string>>[] = [
  { "==": "equal", "!=": "neq", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte" },
  { "|": "or" },
  { "&": "and" },
  { "+": "plus", "-": "minus" },
  { "*": "mul", "/": "div", "%": "rem" },
];

/** Parts of one reference, of a package's name, of an import. */
export const MAX_PATH = 200;

/** Operators of one kind in one expression. */
const MAX_CHAIN = 500;

/** Reads the bodies that comprehensions hold. */
export type ReadBody = (cursor: Cursor, closer: string) => Body;

function infix(name: string, args: readonly Term[], at: number): CallTerm {
  return { type: "call", name: [name], args, infix: true, at };
}

/** Reads terms from a cursor. */
export class TermParser {
  readonly #c: Cursor;
  readonly #readBody: ReadBody;

  constructor(cursor: Cursor, readBody: ReadBody) {
    this.#c = cursor;
    this.#readBody = readBody;
  }

  /** A term with `in`; where `withKey`, also `k, v in xs`. */
  expression(withKey: boolean, first?: Term): Term {
    let left = this.relation(0, first);
    const c = this.#c;
    if (withKey && c.keywords.has("in") && c.isSymbol(",")) {
      c.index++;
      const value = this.relation();
      if (!c.takeWord("in")) c.unexpected("`in`");
      left = infix("internal.member_3", [left, value, this.relation()], left.at);
    }
    while (c.takeWord("in")) {
      left = infix("internal.member_2", [left, this.relation()], left.at);
    }
    return left;
  }

  /** A term with operators, without `in`; `first`, if it begins with what was read. */
  relation(level = 0, first?: Term): Term {
    const operators = OPERATORS[level];
    if (!operators) return first ?? this.primary();
    let left = this.relation(level + 1, first);
    for (let length = 1;; length++) {
      const { kind, text } = this.#c.token;
      if (kind !== "symbol" || !Object.hasOwn(operators, text)) return left;
      if (length > MAX_CHAIN) this.#c.fail(`more than ${MAX_CHAIN} operators in one expression`);
      this.#c.index++;
      left = infix(operators[text]!, [left, this.relation(level + 1)], left.at);
    }
  }

  /** A term without operators, with what is appended to it. */
  primary(): Term {
    payCompile(1);
    return this.#c.once(() => this.#c.nested(() => this.#suffixes(this.#head())));
  }

  #head(): Term {
    const c = this.#c;
    const { kind, text, at } = c.token;
    switch (kind) {
      case "number":
        return this.#number("", at);
      case "string":
        c.index++;
        return { type: "scalar", value: this.#c.unquoted(text, at), at };
      case "raw":
        c.index++;
        return { type: "scalar", value: text.slice(1, -1), at };
      case "template":
        return this.#template(c.token, at);
      case "name":
        return this.#name(text, at);
      case "end":
        return c.unexpected("a term");
    }
    switch (text) {
      case "-": {
        c.index++;
        if (c.token.kind === "number" || c.isSymbol(".")) return this.#number("-", at);
        if (!c.isName() && c.token.text !== "contains") c.unexpected("a number or a name");
        const zero: Term = { type: "scalar", value: 0, at };
        return infix("minus", [zero, this.primary()], at);
      }
      case ".":
        return this.#number("", at);
      case "(": {
        c.index++;
        const term = this.expression(true);
        c.expect(")");
        const isDocument = term.type === "var" && (term.name === "input" || term.name === "data");
        if (this.#isExtended() && (isDocument || term.type === "ref")) {
          c.fail("illegal ref (head cannot be ref)", term.at);
        }
        return term;
      }
      case "[":
        return this.#array(at);
      case "{":
        return this.#braces(at);
    }
    return c.unexpected("a term");
  }

  /** A number after its sign: `1.5`, `.5`. */
  #number(sign: string, at: number): Term {
    const c = this.#c;
    const whole = c.take(".") ? "0." : "";
    if (c.token.kind !== "number") c.unexpected("a number");
    const value = parseNumber(sign + whole + c.token.text);
    if (value === undefined) return c.fail("number out of range", at);
    c.index++;
    return { type: "scalar", value, at };
  }

  #name(text: string, at: number): Term {
    const c = this.#c;
    const opens = c.next.kind === "symbol" && c.next.text === "(" && !c.next.spaced;
    const isName = c.isName();
    c.index++;
    if (!isName && (text === "null" || text === "true" || text === "false")) {
      return { type: "scalar", value: JSON.parse(text), at };
    }
    switch (text) {
      case "_":
        return { type: "var", name: c.wildcard(), at };
      case "set": {
        const after = c.tokens[c.index + 1];
        if (!opens || after?.text !== ")") break;
        c.index += 2;
        return { type: "set", items: [], at };
      }
    }
    if (!isName && text !== "contains" && !(opens && LOGICAL.includes(text))) {
      c.index--;
      c.unexpected("a term");
    }
    return { type: "var", name: text, at };
  }

  /** Whether something is appended to the term that was read. */
  #isExtended(): boolean {
    const { kind, text, spaced } = this.#c.token;
    return kind === "symbol" && !spaced && ".[(".includes(text);
  }

  #suffixes(head: Term): Term {
    const c = this.#c;
    let term = head;
    let length = 0;
    const extend = (part: Term) => {
      if (++length > MAX_PATH) c.fail(`more than ${MAX_PATH} parts in one reference`);
      term = term.type === "ref"
        ? { ...term, path: [...term.path, part] }
        : { type: "ref", head: term, path: [part], at: head.at };
    };
    for (;;) {
      if (!this.#isExtended()) return term;
      if (term.type === "scalar" || term.type === "template") {
        c.fail(`illegal ref (head cannot be ${term.type})`, term.at);
      }
      const { text } = c.token;
      if (text === ".") {
        c.index++;
        const { kind, text, at, spaced } = c.token;
        if (kind !== "name" || spaced) c.unexpected("a name after the dot");
        c.index++;
        extend({ type: "scalar", value: text, at });
      } else if (text === "[") {
        c.index++;
        extend(this.expression(false));
        c.expect("]");
      } else {
        const name = this.#functionName(term);
        c.index++;
        term = { type: "call", name, args: this.#list(")"), infix: false, at: head.at };
      }
    }
  }

  /** The dotted name of a function; a term that is none stands for itself. */
  #functionName(term: Term): string[] {
    const path = term.type === "ref" ? [term.head, ...term.path] : [term];
    const names = path.map((part) =>
      part.type === "var" ? part.name : part.type === "scalar" ? part.value : undefined
    );
    const isName = path[0]!.type === "var" && path.slice(1).every(({ type }) => type === "scalar");
    if (isName && names.every((name) => typeof name === "string")) return names as string[];
    return [this.#c.source.source.slice(term.at, this.#c.token.at)];
  }

  /** Terms up to `closer`, of which `first` may have been read; a comma may come last. */
  #list(closer: string, first?: Term): Term[] {
    const c = this.#c;
    const items: Term[] = [];
    for (let begun = first; begun || !c.take(closer); begun = undefined) {
      items.push(this.expression(false, begun));
      if (!c.take(",") && !c.isSymbol(closer)) c.unexpected(`"," or ${JSON.stringify(closer)}`);
    }
    return items;
  }

  /** What follows the `key` or `value` of a comprehension, if it is one. */
  #comprehension(closer: string, made: Pick<ComprehensionTerm, "of" | "key" | "value" | "at">) {
    const c = this.#c;
    if (!c.isSymbol("|")) return undefined;
    return c.attempt((): Term => {
      c.index++;
      return { type: "comprehension", ...made, body: this.#readBody(c, closer) };
    });
  }

  #array(at: number): Term {
    const c = this.#c;
    c.index++;
    if (c.take("]")) return { type: "array", items: [], at };
    const key = this.primary();
    return this.#comprehension("]", { of: "array", key, value: null, at }) ??
      { type: "array", items: this.#list("]", key), at };
  }

  #braces(at: number): Term {
    const c = this.#c;
    c.index++;
    if (c.take("}")) return { type: "object", entries: [], at };
    const key = this.primary();
    const comprehension = this.#comprehension("}", { of: "set", key, value: null, at });
    if (comprehension) return comprehension;
    const first = this.expression(false, key);
    if (c.take(":")) return this.#object(first, at);
    if (!c.take(",") && !c.isSymbol("}")) c.unexpected('"," or "}"');
    return { type: "set", items: [first, ...this.#list("}")], at };
  }

  #object(key: Term, at: number): Term {
    const c = this.#c;
    const value = this.primary();
    const comprehension = this.#comprehension("}", { of: "object", key, value, at });
    if (comprehension) return comprehension;
    const entries: [Term, Term][] = [[key, this.expression(false, value)]];
    while (!c.take("}")) {
      if (!c.take(",")) c.unexpected('"," or "}"');
      if (c.take("}")) break;
      const key = this.expression(false);
      c.expect(":");
      entries.push([key, this.expression(false)]);
    }
    return { type: "object", entries, at };
  }

  /** The parts of `$"…"`. */
  #template({ text, parts }: Token, at: number): Term {
    const c = this.#c;
    if (c.version === "v0") c.fail("template strings are not supported in v0");
    c.index++;
    const literal = (part: string) =>
      text[1] === "`"
        ? part.replaceAll("\\{", "{")
        : c.unquoted(`"${part.replace(/\\(.)/gs, (all, c) => c === "{" ? c : all)}"`, at);
    const read = (part: string | readonly Token[]) =>
      typeof part === "string" ? literal(part) : this.#templatePart(c.part(part));
    return { type: "template", parts: parts!.map(read), at };
  }

  #templatePart(cursor: Cursor): TermLiteral {
    const [literal, ...more] = this.#readBody(cursor, "");
    if (more.length > 0) cursor.fail("expected } to end template string expression", more[0]!.at);
    if (literal!.type === "term" && !literal!.negated && !isBinding(literal!.term)) return literal!;
    return cursor.fail("a template string expression must be a term", literal!.at);
  }
}

function isBinding(term: Term): boolean {
  return term.type === "call" && term.infix && ["eq", "assign"].includes(term.name[0]!);
}

/** A plain variable, or `undefined`. */
export function asVar(term: Term): VarTerm | undefined {
  return term.type === "var" ? term : undefined;
}
