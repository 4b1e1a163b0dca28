/**
 * Bodies: literals with `some`, `every`, `not` and `with`.
 *
 * @module
 */

import type { Body, EveryLiteral, Literal, Term, With } from "./ast.ts";
import { asVar, TermParser } from "./parse_terms.ts";
import type { Cursor } from "./tokens.ts";

/** Reads literals up to and over `closer` (`""`: the end of the source). */
export function readBody(cursor: Cursor, closer: string): Body {
  return new BodyParser(cursor).body(closer);
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
   * What follows `if`: one literal, which may begin with a comprehension or an
   * object, or a body in braces. A set is never meant: that is a body with a
   * comma where a semicolon belongs.
   */
  afterIf(): Body {
    const c = this.#c;
    if (!c.isSymbol("{")) return [this.literal()];
    const start = c.index;
    const literal = () => {
      c.index = start;
      return [this.literal()];
    };
    if (this.terms.opensComprehension()) return literal();
    const body = c.attempt(() => {
      c.index++;
      return this.body("}");
    });
    if (body) return c.isOperator() ? literal() : body;
    const term = c.attempt(() => this.terms.primary());
    if (term?.type === "object" || (term?.type === "ref" && term.head.type === "object")) {
      return literal();
    }
    c.index = start + 1;
    return this.body("}");
  }

  /** One literal with its `with` modifiers. */
  literal(): Literal {
    const c = this.#c;
    const { at } = c.token;
    if (c.takeWord("some")) return this.#some(at);
    if (c.isWord("every")) {
      c.index++;
      return this.#every(at);
    }
    const negated = c.takeWord("not");
    const term = this.#equation();
    return { type: "term", negated, term, withs: this.#withs(), at };
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
    const [first, second] = vars.map((term) =>
      asVar(term) ?? c.fail("expected a variable after `every`", term.at)
    );
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
