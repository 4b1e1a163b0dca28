/**
 * Tokens of Rego's source.
 *
 * @module
 */

import type { Source } from "./source.ts";

/** What a token is. `template` is a whole `$"…"`. */
export type TokenKind = "name" | "number" | "string" | "raw" | "template" | "symbol" | "end";

/** One token. */
export interface Token {
  readonly kind: TokenKind;
  /** The name, the symbol, the literal as written. */
  readonly text: string;
  readonly at: number;
  /** Whether a line break lies before it. */
  readonly newline: boolean;
  /** Whether anything lies between it and the token before. */
  readonly spaced: boolean;
  /** Of a template: text as it was written, and the tokens of expressions. */
  readonly parts?: readonly (string | readonly Token[])[];
}

type Lexeme = Pick<Token, "kind" | "text" | "parts">;

/** UTF-16 units of one policy. */
export const MAX_SOURCE = 4 * 1024 * 1024;

/** Templates inside of each other. */
const MAX_TEMPLATES = 50;

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"/y;
const RAW = /`[^`]*`/y;
const SYMBOL = /:=|==|!=|<=|>=|[=<>+\-*/%&|.,;:[\](){}]/y;
const SPACE = /(?:[ \t\r\n]|#[^\n]*)+/y;

/** May come first, and nowhere else. */
const BYTE_ORDER_MARK = "\ufeff";

/** Where reading failed; an attempt may go on. The line is only looked up at the end. */
export class ParseFault extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

function fail(at: number, message: string): never {
  throw new ParseFault(at, message);
}

/** Characters that nothing may hold, be it a comment or a string. */
function refuse(at: number, message: string): void {
  if (at >= 0) fail(at, message);
}

/** All tokens of a source; the last is `end`. */
export function tokenize({ source }: Source): readonly Token[] {
  if (source.length > MAX_SOURCE) fail(0, `longer than ${MAX_SOURCE} characters`);
  refuse(source.indexOf("\0"), "illegal null character");
  refuse(source.indexOf(BYTE_ORDER_MARK, 1), "illegal byte-order mark");
  return tokensFrom(source, source.startsWith(BYTE_ORDER_MARK) ? 1 : 0, 0);
}

/** The tokens up to the end of the source; inside a template, up to the closing brace. */
function tokensFrom(text: string, from: number, depth: number): readonly Token[] {
  const tokens: Token[] = [];
  let at = from;
  for (let open = 0;;) {
    const space = matchAt(SPACE, text, at) ?? "";
    at += space.length;
    const place = { at, newline: space.includes("\n"), spaced: space !== "" };
    const isEnd = at >= text.length;
    if (isEnd && depth > 0) fail(from, "non-terminated template string");
    if (isEnd || (depth > 0 && open === 0 && text[at] === "}")) {
      tokens.push({ kind: "end", text: "", ...place });
      return tokens;
    }
    const lexeme = lexemeAt(text, at, depth);
    if (lexeme.text === "{") open++;
    if (lexeme.text === "}") open--;
    tokens.push({ ...lexeme, ...place });
    at += lexeme.text.length;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function lexemeAt(text: string, at: number, depth: number): Lexeme {
  const name = matchAt(NAME, text, at);
  if (name !== undefined) return { kind: "name", text: name };
  const number = matchAt(NUMBER, text, at);
  if (number !== undefined) {
    if (/[0-9A-Za-z_.]/.test(text[at + number.length] ?? "")) fail(at, "illegal number format");
    return { kind: "number", text: number };
  }
  const unterminated = "non-terminated string";
  switch (text[at]) {
    case '"':
      return { kind: "string", text: matchAt(STRING, text, at) ?? fail(at, unterminated) };
    case "`":
      return { kind: "raw", text: matchAt(RAW, text, at) ?? fail(at, unterminated) };
    case "$":
      return templateAt(text, at, depth);
  }
  const symbol = matchAt(SYMBOL, text, at);
  if (symbol !== undefined) return { kind: "symbol", text: symbol };
  return fail(at, `illegal token: ${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))}`);
}

/** A whole `$"…{…}…"`. */
function templateAt(text: string, at: number, depth: number): Lexeme {
  const quote = text[at + 1];
  if (quote !== '"' && quote !== "`") fail(at, 'illegal token: "$"');
  if (depth > MAX_TEMPLATES) fail(at, `more than ${MAX_TEMPLATES} templates inside each other`);
  const parts: (string | readonly Token[])[] = [];
  let from = at + 2;
  for (let i = from;; i++) {
    const c = text[i];
    if (c === undefined || (c === "\n" && quote === '"')) {
      fail(at, "non-terminated template string");
    } else if (c === "\\" && (quote === '"' || text[i + 1] === "{")) i++;
    else if (c === quote || c === "{") {
      if (i > from) parts.push(text.slice(from, i));
      if (c === quote) return { kind: "template", text: text.slice(at, i + 1), parts };
      const tokens = tokensFrom(text, i + 1, depth + 1);
      parts.push(tokens);
      i = tokens.at(-1)!.at;
      from = i + 1;
    }
  }
}
