/**
 * Bodies: literals with `some`, `every`, `not` and `with`.
 *
 * @module
 */

import type { Body, EveryLiteral, Literal, Operand, Term, With } from "./ast.ts";
import { asVar, TermParser } from "./parse_terms.ts";
import { type Cursor, LOGICAL } from "./tokens.ts";

/** Reads literals up to and over `closer` (`""`: the end of the source). */
export function readBody(cursor: Cursor, closer: string): Body {
  return new BodyParser(cursor).body(closer);
}

function group(all: boolean, operands: readonly Operand[], at: number, negated = false): Operand {
  return { body: [{ type: "group", all, negated, operands, withs: [], at }], explicit: false };
}

/** Reads bodies from a cursor. */
export class BodyParser {
  readonly #c: Cursor;
  readonly terms: TermParser;

  constructor(cursor: Cursor) {
    this.#c = cursor;
    this.terms = new TermParser(cursor, readBody);
  }

  /** Literals, separated by `;` or line breaks, up to and over `closer`. */
  body(closer: string): Body {
    const c = this.#c;
    return c.nested(() => {
      const literals: Literal[] = [this.literal()];
      while (!this.#isEnd(closer)) {
        if (!c.take(";") && !c.token.newline) {
          c.unexpected(closer ? `";", a line break or ${JSON.stringify(closer)}` : '";"');
        }
        literals.push(this.literal());
      }
      if (closer) c.index++;
      return literals;
    });
  }

  #isEnd(closer: string): boolean {
    return closer ? this.#c.isSymbol(closer) : this.#c.token.kind === "end";
  }

  /**
   * What follows `if`: one literal, or a body in braces. A set in braces is never
   * meant: that is a body.
   */
  afterIf(): Body {
    const c = this.#c;
    const { index } = c;
    if (!c.isSymbol("{")) return [this.literal()];
    const literal = c.attempt(() => this.literal());
    if (literal && !(literal.type === "term" && literal.term.type === "set")) return [literal];
    c.index = index + 1;
    return this.body("}");
  }

  /** One literal with its `with` modifiers. */
  literal(): Literal {
    const c = this.#c;
    const { at } = c.token;
    c.lead = c.index;
    if (c.takeWord("some")) return this.#some(at);
    if (c.isWord("every")) {
      c.index++;
      return this.#every(at);
    }
    const [literal] = this.#disjunction(true).body;
    return { ...literal!, withs: this.#withs() };
  }

  #disjunction(isLiteral: boolean): Operand {
    const conjunction = (isFirst: boolean) =>
      this.#chain("and", isFirst, (isFirst) => this.#operand(isFirst));
    return this.#chain("or", isLiteral, conjunction);
  }

  /** Operands with a word between them; one alone is itself. */
  #chain(word: string, isFirst: boolean, read: (isFirst: boolean) => Operand): Operand {
    const { at } = this.#c.token;
    const operands = [read(isFirst)];
    while (this.#c.takeWord(word)) operands.push(read(false));
    return operands.length === 1 ? operands[0]! : group(word === "and", operands, at);
  }

  /** `isFirst`: braces are a body only if `and` or `or` follows. */
  #operand(isFirst: boolean): Operand {
    const c = this.#c;
    const { index, token: { at } } = c;
    const isLogical = LOGICAL.some((word) => c.keywords.has(word));
    const isBraced = isLogical && c.isSymbol("{");
    if (isBraced && !isFirst) return { body: this.#braced(), explicit: true };
    if (isBraced) {
      const body = c.attempt(() => this.#braced());
      if (body && this.#isChained()) return { body, explicit: true };
      c.index = index;
    }
    const negated = c.takeWord("not");
    const hasBody = negated && c.keywords.has("not");
    if (hasBody && c.isSymbol("{")) {
      return group(true, [{ body: this.#braced(), explicit: true }], at, true);
    }
    const inner = (isLogical && (hasBody || !negated) && this.#parenthesized()) || undefined;
    if (inner) return hasBody ? group(true, [inner], at, true) : inner;
    const literal: Literal = {
      type: "term",
      negated: negated && !hasBody,
      term: this.#equation(),
      withs: [],
      at,
    };
    if (isBraced && this.#isChained()) {
      c.fail("an operand cannot begin with { unless the braces hold a body", at);
    }
    const operand = { body: [literal], explicit: false };
    return hasBody ? group(true, [operand], at, true) : operand;
  }

  #isChained(): boolean {
    return LOGICAL.some((word) => this.#c.isWord(word));
  }

  #braced(): Body {
    this.#c.index++;
    return this.body("}");
  }

  /** `(a or b)`; `undefined` if the parentheses hold a term. */
  #parenthesized(): Operand | undefined {
    const c = this.#c;
    return c.isSymbol("(")
      ? c.attempt(() => {
        c.index++;
        const operand = this.#disjunction(false);
        const [literal] = operand.body;
        const withs = this.#withs();
        c.expect(")");
        if (literal!.type !== "group" && withs.length === 0) c.fail("no group");
        return { ...operand, body: [{ ...literal!, withs }] };
      })
      : undefined;
  }

  #equation(): Term {
    const c = this.#c;
    const left = this.terms.expression(true);
    for (const [symbol, name] of [[":=", "assign"], ["=", "eq"]] as const) {
      if (!c.take(symbol)) continue;
      const right = this.terms.expression(true);
      return { type: "call", name: [name], args: [left, right], infix: true, at: left.at };
    }
    return left;
  }

  #some(at: number): Literal {
    const c = this.#c;
    const terms = [this.terms.relation()];
    while (c.take(",")) terms.push(this.terms.relation());
    if (c.takeWord("in")) {
      if (terms.length > 2) c.fail("expected at most a key and a value before `in`", at);
      const domain = this.terms.expression(false);
      const value = terms.at(-1)!;
      const key = terms.length === 2 ? terms[0]! : null;
      return { type: "someIn", key, value, domain, withs: this.#withs(), at };
    }
    const vars = terms.map((term) =>
      asVar(term) ?? c.fail("expected a variable after `some`", term.at)
    );
    return { type: "some", vars, withs: [], at };
  }

  #every(at: number): EveryLiteral {
    const c = this.#c;
    const vars = [this.terms.primary()];
    if (c.take(",")) vars.push(this.terms.primary());
    const [first, second] = vars.map((term) => {
      const found = asVar(term);
      const isDocument = found?.name === "input" || found?.name === "data";
      return found && !isDocument ? found : c.fail("expected a variable after `every`", term.at);
    });
    if (!c.takeWord("in")) c.unexpected("`in`");
    const domain = this.terms.expression(false);
    c.expect("{");
    const body = this.body("}");
    const key = second ? first! : null;
    return { type: "every", key, value: second ?? first!, domain, body, withs: this.#withs(), at };
  }

  #withs(): With[] {
    const c: Cursor = this.#c;
    const withs: With[] = [];
    for (;;) {
      const { at } = c.token;
      if (!c.takeWord("with")) return withs;
      const target = this.terms.primary();
      if (target.type !== "var" && target.type !== "ref") {
        c.fail("expected a document or a function after `with`", target.at);
      }
      if (!c.takeWord("as")) c.unexpected("`as`");
      withs.push({ target, value: this.terms.expression(false), at });
    }
  }
}
