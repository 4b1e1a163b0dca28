/**
 * Terms: literals, references, calls, operators, comprehensions.
 *
 * @module
 */

import type { Body, CallTerm, Term, TermLiteral, VarTerm } from "./ast.ts";
import { parseNumber } from "./number.ts";
import type { Cursor } from "./tokens.ts";

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
  expression(withKey: boolean): Term {
    let left = this.relation();
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

  /** A term with operators, without `in`. */
  relation(level = 0): Term {
    const operators = OPERATORS[level];
    if (!operators) return this.primary();
    let left = this.relation(level + 1);
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
    return this.#c.nested(() => this.#suffixes(this.#head()));
  }

  #head(): Term {
    const c = this.#c;
    const { kind, text, at } = c.token;
    switch (kind) {
      case "number":
        c.index++;
        return this.#number(text, at);
      case "string":
        c.index++;
        return { type: "scalar", value: this.#c.unquoted(text, at), at };
      case "raw":
        c.index++;
        return { type: "scalar", value: text.slice(1, -1), at };
      case "template":
        c.index++;
        return this.#template(text, at);
      case "name":
        return this.#name(text, at);
      case "end":
        return c.unexpected("a term");
    }
    switch (text) {
      case "-": {
        const { next } = c;
        if (next.kind === "number") {
          c.index += 2;
          return this.#number(`-${next.text}`, at);
        }
        if (next.kind !== "name") c.unexpected("a term");
        c.index++;
        const zero: Term = { type: "scalar", value: 0, at };
        return infix("minus", [zero, this.primary()], at);
      }
      case "(": {
        c.index++;
        const term = this.expression(true);
        c.expect(")");
        return term;
      }
      case "[":
        return this.#array(at);
      case "{":
        return this.#braces(at);
    }
    return c.unexpected("a term");
  }

  #number(text: string, at: number): Term {
    const value = parseNumber(text);
    if (value === undefined) this.#c.fail("number out of range", at);
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
    if (!isName && !(text === "contains" && opens)) {
      c.index--;
      c.unexpected("a term");
    }
    return { type: "var", name: text, at };
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
      const { kind, text, spaced } = c.token;
      if (kind !== "symbol" || spaced) return term;
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
      } else if (text === "(") {
        const name = this.#functionName(term);
        c.index++;
        term = { type: "call", name, args: this.#list(")"), infix: false, at: head.at };
      } else return term;
    }
  }

  #functionName(term: Term): string[] {
    const name = term.type === "var" ? [term.name] : [];
    if (term.type === "ref" && term.head.type === "var") {
      name.push(term.head.name);
      for (const part of term.path) {
        if (part.type !== "scalar" || typeof part.value !== "string") break;
        name.push(part.value);
      }
      if (name.length !== term.path.length + 1) name.length = 0;
    }
    return name.length > 0 ? name : this.#c.fail("only a function's name can be called");
  }

  /** Terms up to `closer`; a comma may come last. */
  #list(closer: string): Term[] {
    const c = this.#c;
    const items: Term[] = [];
    while (!c.take(closer)) {
      items.push(this.expression(false));
      if (!c.take(",") && !c.isSymbol(closer)) c.unexpected(`"," or ${JSON.stringify(closer)}`);
    }
    return items;
  }

  /** `key | body closer`, if that is what comes next. */
  #comprehension(closer: string, of: "array" | "set", at: number): Term | undefined {
    const c = this.#c;
    const start = c.index;
    const attempt = c.attempt(() => {
      const key = this.primary();
      if (!c.take("|")) return undefined;
      const body = this.#readBody(c, closer);
      return { type: "comprehension", of, key, value: null, body, at } as Term;
    });
    if (!attempt) c.index = start;
    return attempt;
  }

  /** Whether a comprehension may begin here: a `|` lies before the next comma or closer. */
  #mayBeComprehension(): boolean {
    let open = 0;
    for (let i = this.#c.index; i < this.#c.tokens.length; i++) {
      const { kind, text } = this.#c.tokens[i]!;
      if (kind === "end") return false;
      if (kind !== "symbol") continue;
      if (text === "(" || text === "[" || text === "{") open++;
      else if (text === ")" || text === "]" || text === "}") {
        if (--open < 0) return false;
      } else if (open === 0) {
        if (text === "|") return true;
        if (text === "," || text === ":") return false;
      }
    }
    return false;
  }

  /** Whether a comprehension in braces comes next; nothing is read. */
  opensComprehension(): boolean {
    const c = this.#c;
    const { index } = c;
    c.index++;
    const isOne = this.#mayBeComprehension() && this.#comprehension("}", "set", 0) !== undefined;
    c.index = index;
    return isOne || this.#opensObjectComprehension();
  }

  #opensObjectComprehension(): boolean {
    const c = this.#c;
    const { index } = c;
    c.index++;
    const { kind, text } = c.token;
    // Only a key that is followed by a colon, within what a glance shows.
    const mayBe = kind === "name" || kind === "string" || kind === "number" || text === "[";
    const term = mayBe && this.#hasColonAhead()
      ? c.attempt(() => {
        c.index = index;
        return this.primary();
      })
      : undefined;
    c.index = index;
    return term?.type === "comprehension";
  }

  /** Whether a colon comes before anything that ends an expression. */
  #hasColonAhead(): boolean {
    let open = 0;
    for (let i = this.#c.index; i < this.#c.tokens.length; i++) {
      const { kind, text } = this.#c.tokens[i]!;
      if (kind === "end") return false;
      if (kind !== "symbol") continue;
      if (text === "(" || text === "[" || text === "{") open++;
      else if (text === ")" || text === "]" || text === "}") {
        if (--open < 0) return false;
      } else if (open === 0 && text !== "." && text !== "|") return text === ":";
    }
    return false;
  }

  #array(at: number): Term {
    this.#c.index++;
    const comprehension = this.#mayBeComprehension() && this.#comprehension("]", "array", at);
    return comprehension || { type: "array", items: this.#list("]"), at };
  }

  #braces(at: number): Term {
    const c = this.#c;
    c.index++;
    if (c.take("}")) return { type: "object", entries: [], at };
    const comprehension = this.#mayBeComprehension() && this.#comprehension("}", "set", at);
    if (comprehension) return comprehension;
    const first = this.expression(false);
    if (c.isSymbol(":")) return this.#object(first, at);
    if (c.take("}")) return { type: "set", items: [first], at };
    c.expect(",");
    return { type: "set", items: [first, ...this.#list("}")], at };
  }

  #object(first: Term, at: number): Term {
    const c = this.#c;
    c.expect(":");
    const comprehension = this.#mayBeComprehension() && c.attempt(() => {
      const value = this.primary();
      if (!c.take("|")) c.unexpected('"|"');
      const body = this.#readBody(c, "}");
      return { type: "comprehension", of: "object", key: first, value, body, at } as Term;
    });
    if (comprehension) return comprehension;
    const entries: [Term, Term][] = [[first, this.expression(false)]];
    while (!c.take("}")) {
      c.expect(",");
      if (c.take("}")) break;
      const key = this.expression(false);
      c.expect(":");
      entries.push([key, this.expression(false)]);
    }
    return { type: "object", entries, at };
  }

  /** The parts of `$"…"`; `text` is the whole token. */
  #template(text: string, at: number): Term {
    const isRaw = text[1] === "`";
    const parts: (string | TermLiteral)[] = [];
    let literal = "";
    const flush = () => {
      if (literal !== "") parts.push(isRaw ? literal : this.#c.unquoted(`"${literal}"`, at));
      literal = "";
    };
    for (let i = 2; i < text.length - 1; i++) {
      const c = text[i]!;
      if (c === "\\") {
        const escaped = text[++i]!;
        if (escaped === "{" || (escaped === "}" && !isRaw)) literal += escaped;
        else literal += `\\${escaped}`;
      } else if (c === "{") {
        flush();
        const end = endOfExpression(text, i);
        parts.push(this.#templatePart(at + i + 1, at + end));
        i = end;
      } else literal += c;
    }
    flush();
    return { type: "template", parts, at };
  }

  #templatePart(from: number, to: number): TermLiteral {
    const cursor = this.#c.part(from, to);
    const [literal, ...more] = this.#readBody(cursor, "");
    if (more.length > 0) cursor.fail("expected } to end template string expression", more[0]!.at);
    if (literal!.type === "term" && !literal!.negated && !isBinding(literal!.term)) return literal!;
    return cursor.fail("a template string expression must be a term", literal!.at);
  }
}

function isBinding(term: Term): boolean {
  return term.type === "call" && term.infix && ["eq", "assign"].includes(term.name[0]!);
}

/** The index of the brace that ends an expression in a template which was tokenized before. */
function endOfExpression(text: string, start: number): number {
  const quotes: string[] = ["{"];
  for (let i = start + 1; i < text.length; i++) {
    const top = quotes.at(-1)!;
    const c = text[i]!;
    if (top === "{" || top === "$") {
      if (c === "{") quotes.push("{");
      else if (c === "}") {
        quotes.pop();
        if (quotes.length === 0) return i;
      } else if (c === '"' || c === "`") quotes.push(text[i - 1] === "$" ? `$${c}` : c);
    } else if (c === "\\" && top !== "`") i++;
    else if (c === top.at(-1)) quotes.pop();
    else if (c === "{" && top.startsWith("$")) quotes.push("{");
  }
  return text.length - 1;
}

/** A plain variable, or `undefined`. */
export function asVar(term: Term): VarTerm | undefined {
  return term.type === "var" ? term : undefined;
}
