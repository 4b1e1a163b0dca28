/**
 * Tokens of Rego's source.
 *
 * @module
 */

import type { Source } from "./source.ts";

/** What a token is. `template` is a whole `$"…"`, cut into parts by the parser. */
export type TokenKind = "name" | "number" | "string" | "raw" | "template" | "symbol" | "end";

/** One token. */
export interface Token {
  readonly kind: TokenKind;
  /** The name, the symbol, the literal as written. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
  /** Whether a line break lies before it. */
  readonly newline: boolean;
  /** Whether anything lies between it and the token before. */
  readonly spaced: boolean;
}

/** UTF-16 units of one policy. */
export const MAX_SOURCE = 4 * 1024 * 1024;

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"/y;
const RAW = /`[^`]*`/y;
const SYMBOL = /:=|==|!=|<=|>=|[=<>+\-*/%&|.,;:[\](){}]/y;
const SPACE = /(?:[ \t\r\n]|#[^\n]*)+/y;

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

/** All tokens from `from` to `to`; the last is `end`. */
export function tokenize(input: Source, from = 0, to = input.source.length): Token[] {
  if (input.source.length > MAX_SOURCE) {
    fail(0, `longer than ${MAX_SOURCE} characters`);
  }
  const text = to === input.source.length ? input.source : input.source.slice(0, to);
  const tokens: Token[] = [];
  // A byte order mark may come first.
  let at = from === 0 && text.startsWith("\ufeff") ? 1 : from;
  for (;;) {
    const space = matchAt(SPACE, text, at) ?? "";
    const start = at + space.length;
    const spaced = space !== "";
    const newline = space.includes("\n");
    if (start >= text.length) {
      tokens.push({ kind: "end", text: "", at: start, end: start, newline, spaced });
      return tokens;
    }
    const [kind, lexeme] = lexemeAt(text, start);
    at = start + lexeme.length;
    tokens.push({ kind, text: lexeme, at: start, end: at, newline, spaced });
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function lexemeAt(text: string, at: number): readonly [TokenKind, string] {
  const name = matchAt(NAME, text, at);
  if (name !== undefined) return ["name", name];
  const number = matchAt(NUMBER, text, at);
  if (number !== undefined) {
    if (/[0-9A-Za-z_.]/.test(text[at + number.length] ?? "")) {
      fail(at, "illegal number format");
    }
    return ["number", number];
  }
  switch (text[at]) {
    case '"':
      return [
        "string",
        matchAt(STRING, text, at) ?? fail(at, "non-terminated string"),
      ];
    case "`":
      return ["raw", matchAt(RAW, text, at) ?? fail(at, "non-terminated string")];
    case "$":
      return ["template", templateAt(text, at)];
  }
  const symbol = matchAt(SYMBOL, text, at);
  if (symbol !== undefined) return ["symbol", symbol];
  return fail(at, `illegal token: ${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))}`);
}

/** A whole `$"…{…}…"`, whose expressions may hold strings and templates themselves. */
function templateAt(text: string, at: number): string {
  const quote = text[at + 1];
  if (quote !== '"' && quote !== "`") fail(at, 'illegal token: "$"');
  // What is open: a template by its quote, or a brace of an expression.
  const open: string[] = [quote!];
  let i = at + 2;
  for (; open.length > 0; i++) {
    if (i >= text.length || open.length > 200) {
      fail(at, "non-terminated template string");
    }
    const top = open.at(-1)!;
    const c = text[i]!;
    if (top === "{") i = insideExpression(text, i, open);
    else if (c === "\\") i++;
    else if (c === top) open.pop();
    else if (c === "{") open.push("{");
    else if (c === "\n" && top === '"') fail(at, "non-terminated template string");
  }
  return text.slice(at, i);
}

/** Moves over one token of an expression; returns the index of its last character. */
function insideExpression(text: string, i: number, open: string[]): number {
  switch (text[i]) {
    case "{":
      open.push("{");
      return i;
    case "}":
      open.pop();
      return i;
    case "$":
      if (text[i + 1] !== '"' && text[i + 1] !== "`") return i;
      open.push(text[i + 1]!);
      return i + 1;
    case '"':
    case "`":
      return i + lexemeAt(text, i)[1].length - 1;
    case "#": {
      const end = text.indexOf("\n", i);
      return end < 0 ? text.length - 1 : end;
    }
  }
  return i;
}
