/**
 * A cursor over tokens, and what is a keyword where.
 *
 * @module
 */

import { ParseFault, type Token, tokenize, type TokenKind } from "./lexer.ts";
import type { RegoVersion, Term } from "./ast.ts";
import type { Source } from "./source.ts";

/** Words that are never names. */
const RESERVED = new Set(
  ["as", "default", "else", "false", "import", "null", "package", "not", "some", "true", "with"],
);

/** Words that v1 reserves, and that `future.keywords` brings to v0. */
export const FUTURE: readonly string[] = ["if", "in", "contains", "every"];

/** Words that v2 reserves, and that `future.keywords` brings to v0 and v1. */
export const LOGICAL: readonly string[] = ["and", "or"];

/** Words that stand after a term, so that `x in["a"]` is no reference. */
const INFIX = new Set<string>(["if", "in", "contains", "and", "or"]);

const OPERATOR = /^(?:[-+*\/%&|]|[=!<>]=?)$/;

/** Nesting of terms and bodies. */
const MAX_DEPTH = 200;

/** What was read at some place. */
type Known = { readonly end: number } & ({ readonly term: Term } | { readonly error: unknown });

/** What all parts of the parser share. */
export class Cursor {
  readonly source: Source;
  readonly tokens: readonly Token[];
  /** Words reserved besides; `not`: a negation may have a body. */
  readonly keywords: Set<string>;
  version: RegoVersion;
  index = 0;
  /** Where a word of the language may head a reference: a rule, a literal. */
  lead = -1;
  #depth = 0;
  #wildcards = 0;
  #furthest: ParseFault | undefined;
  readonly #known = new Map<number, Known>();

  constructor(source: Source, version: RegoVersion, tokens = tokenize(source)) {
    this.source = source;
    this.version = version;
    this.tokens = tokens;
    this.keywords = new Set(version === "v1" ? FUTURE : []);
  }

  get token(): Token {
    return this.tokens[this.index]!;
  }

  get next(): Token {
    return this.tokens[Math.min(this.index + 1, this.tokens.length - 1)]!;
  }

  get isEnd(): boolean {
    return this.token.kind === "end";
  }

  fail(message: string, at = this.token.at): never {
    throw new ParseFault(at, message);
  }

  unexpected(expected: string): never {
    const { kind, text } = this.token;
    const isFile = kind === "end" && this.token.at === this.source.source.length;
    const found = isFile ? "end of file" : JSON.stringify(text.slice(0, 40) || "}");
    return this.fail(`unexpected ${found}: expected ${expected}`);
  }

  /** What a string literal in quotes stands for. */
  unquoted(literal: string, at: number): string {
    if (!literal.includes("\\")) return literal.slice(1, -1);
    try {
      return JSON.parse(literal);
    } catch {
      return this.fail("illegal string: control character or unknown escape", at);
    }
  }

  isSymbol(text: string): boolean {
    return this.token.kind === "symbol" && this.token.text === text;
  }

  /** Takes a symbol if it is next. */
  take(text: string): boolean {
    if (!this.isSymbol(text)) return false;
    this.index++;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) this.unexpected(JSON.stringify(text));
  }

  /** Takes a token of a kind, and returns it. */
  expectKind(kind: TokenKind, expected: string): string {
    const { kind: found, text } = this.token;
    if (found !== kind) return this.unexpected(expected);
    this.index++;
    return text;
  }

  /** Whether the next token is this keyword, in this language. `not.x` and `not["x"]` are refs. */
  isWord(word: string): boolean {
    const { kind, text } = this.token;
    return kind === "name" && text === word && this.isReserved(word) &&
      !this.#isFollowedBy(INFIX.has(word) ? "." : ".[");
  }

  /** Whether the next token is a name, or a keyword that heads a reference. */
  isName(): boolean {
    const { kind, text } = this.token;
    if (kind !== "name") return false;
    return !this.isReserved(text) || (this.index === this.lead && this.#isFollowedBy(".["));
  }

  /** Whether the next token continues a term. */
  isOperator(): boolean {
    const { kind, text, spaced } = this.token;
    if (kind !== "symbol") return this.isWord("in");
    return spaced ? OPERATOR.test(text) : OPERATOR.test(text) || text === "." || text === "[";
  }

  #isFollowedBy(symbols: string): boolean {
    const { kind, text, spaced } = this.next;
    return kind === "symbol" && !spaced && symbols.includes(text);
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.index++;
    return true;
  }

  isReserved(text: string): boolean {
    return RESERVED.has(text) || this.keywords.has(text);
  }

  /** A name for a wildcard that no other has. */
  wildcard(): string {
    return `$${this.#wildcards++}`;
  }

  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH} levels`);
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  /** What `read` reads; where it fails nothing was read. */
  attempt<T>(read: () => T): T | undefined {
    const { index } = this;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ParseFault)) throw error;
      this.#furthest = this.furthest(error);
      this.index = index;
      return undefined;
    }
  }

  /** A term, read once at each place, however many attempts come by. */
  once(read: () => Term): Term {
    const start = this.index;
    if (start === this.lead) return read();
    const known = this.#known.get(start);
    if (known) {
      this.index = known.end;
      if ("error" in known) throw known.error;
      return known.term;
    }
    try {
      const term = read();
      this.#known.set(start, { term, end: this.index });
      return term;
    } catch (error) {
      this.#known.set(start, { error, end: this.index });
      throw error;
    }
  }

  /** Ends what attempts may come back to. */
  commit(): void {
    this.#known.clear();
  }

  /** Of a fault and those that attempts met, the one that got furthest. */
  furthest(fault: ParseFault): ParseFault {
    return this.#furthest && this.#furthest.at > fault.at ? this.#furthest : fault;
  }

  /** A cursor over a part of the same source: an expression in a template. */
  part(tokens: readonly Token[]): Cursor {
    const part = new Cursor(this.source, this.version, tokens);
    this.keywords.forEach((word) => part.keywords.add(word));
    part.wildcard = () => this.wildcard();
    part.nested = (read) => this.nested(read);
    return part;
  }
}
