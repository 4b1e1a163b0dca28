/**
 * Reads Go's text templates: fields, variables, pipelines, `if`, `range`, `with`,
 * `define`, `template`, `block`.
 *
 * @module
 */

import { failure } from "../builtin.ts";
import { limitError, rethrowOverflow } from "../limits.ts";

/** What an action computes with. */
export type Operand =
  | { readonly kind: "dot" }
  | { readonly kind: "nil" }
  | { readonly kind: "value"; readonly value: string | number | boolean }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "pipeline"; readonly pipeline: Pipeline }
  | { readonly kind: "field"; readonly of: Operand; readonly name: string };

/** Commands, each the last operand of the next. */
export interface Pipeline {
  /** Variables that it sets; two in `range $i, $x := …`. */
  readonly names: readonly string[];
  /** Whether the variables are new (`:=`). */
  readonly declares: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipeline: Pipeline }
  | { readonly kind: "break" | "continue" }
  | { readonly kind: "template"; readonly name: string; readonly pipeline: Pipeline | undefined }
  | {
    readonly kind: "if" | "range" | "with";
    readonly pipeline: Pipeline;
    readonly body: readonly TemplateNode[];
    readonly otherwise: readonly TemplateNode[];
  };

const TOKEN =
  /\s*(?:("(?:[^"\\\n]|\\.)*"|`[^`]*`|'[^'\\]')|((?:0[xX][0-9a-fA-F]+|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.]))|(\$[A-Za-z0-9_]*)|(\.[A-Za-z_][A-Za-z0-9_]*)|([A-Za-z_][A-Za-z0-9_]*)|(:=|\.(?!\d)|[|()=,]))/y;

interface Token {
  readonly text: string;
  /** Whether space stood before it. */
  readonly spaced: boolean;
}

/** Nesting of a template's blocks, and of parentheses in an action. */
const MAX_BLOCKS = 100;
const MAX_PARENS = 50;

function wrong(what: string): never {
  throw failure(`template: ${what}`);
}

/** What Go may read as a literal and this engine does not: `1_000`, `'\\n'`, `1i`. */
const LITERAL_START = /^\s*(?:[\d"'`+-]|\.\d)/;

function tokensOf(action: string): Token[] {
  const source = action.trimEnd();
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < source.length;) {
    const match = TOKEN.exec(source);
    if (!match) {
      if (LITERAL_START.test(source.slice(at))) throw limitError("a template's literal");
      wrong(`unexpected text in an action at ${at}`);
    }
    tokens.push({ text: match[0].trim(), spaced: /^\s/.test(match[0]) });
    at = TOKEN.lastIndex;
  }
  return tokens;
}

/** Reads one action. */
class ActionReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#tokens = tokensOf(source);
  }

  peek(): string | undefined {
    return this.#tokens[this.#at]?.text;
  }

  take(text: string): boolean {
    if (this.peek() !== text) return false;
    this.#at++;
    return true;
  }

  /** The name of a template. */
  name(): string {
    const text = this.peek() ?? "";
    this.#at++;
    return /^["`]/.test(text) ? stringOf(text) : wrong("a template's name must be a text");
  }

  get isEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  pipeline(): Pipeline {
    const { names, declares } = this.#assignment();
    const commands = [this.#command()];
    while (this.take("|")) commands.push(this.#command());
    return { names, declares, commands };
  }

  #assignment(): Pick<Pipeline, "names" | "declares"> {
    const start = this.#at;
    const names: string[] = [];
    while (this.peek()?.startsWith("$") && names.length < 2) {
      names.push(this.peek()!);
      this.#at++;
      if (this.take(":=")) return { names, declares: true };
      if (this.take("=")) return { names, declares: false };
      if (!this.take(",")) break;
    }
    this.#at = start;
    return { names: [], declares: false };
  }

  #command(): readonly Operand[] {
    const operands: Operand[] = [];
    while (!this.isEnd && this.peek() !== "|" && this.peek() !== ")") {
      operands.push(this.#operand());
    }
    return operands.length > 0 ? operands : wrong("missing value for command");
  }

  #operand(): Operand {
    let operand = this.#primary();
    for (;;) {
      const next = this.#tokens[this.#at];
      if (!next || next.spaced || !/^\.\w/.test(next.text)) return operand;
      this.#at++;
      operand = { kind: "field", of: operand, name: next.text.slice(1) };
    }
  }

  #primary(): Operand {
    const text = this.peek()!;
    this.#at++;
    if (text === "(") {
      if (++this.#depth > MAX_PARENS) throw limitError("parentheses nested too deeply");
      const pipeline = this.pipeline();
      if (!this.take(")")) wrong("unclosed left paren");
      this.#depth--;
      return { kind: "pipeline", pipeline };
    }
    if (text === ".") return { kind: "dot" };
    if (text.startsWith(".")) return { kind: "field", of: { kind: "dot" }, name: text.slice(1) };
    if (text.startsWith("$")) return { kind: "variable", name: text };
    if (text.startsWith("'")) return { kind: "value", value: text.codePointAt(1)! };
    if (/^["`]/.test(text)) return { kind: "value", value: stringOf(text) };
    if (/^-?\d/.test(text)) return { kind: "value", value: Number(text) };
    if (text === "true" || text === "false") return { kind: "value", value: text === "true" };
    if (text === "nil") return { kind: "nil" };
    return /^[A-Za-z_]/.test(text) ? { kind: "function", name: text } : wrong(`unexpected ${text}`);
  }
}

function stringOf(literal: string): string {
  if (literal.startsWith("`")) return literal.slice(1, -1);
  try {
    return JSON.parse(literal);
  } catch (error) {
    rethrowOverflow(error);
    // Go has escapes that JSON has not.
    throw limitError("a template's text literal with other escapes than JSON's");
  }
}

interface Piece {
  readonly text?: string;
  readonly action?: string;
}

/** Texts and actions in turn, spaces trimmed where `{{-` and `-}}` ask for it. */
function piecesOf(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  const push = (raw: string, trimEnd: boolean) => {
    let text = trimNext ? raw.trimStart() : raw;
    if (trimEnd) text = text.trimEnd();
    if (text !== "") pieces.push({ text });
  };
  for (let start = source.indexOf("{{"); start >= 0; start = source.indexOf("{{", at)) {
    const end = source.indexOf("}}", start + 2);
    if (end < 0) wrong("unclosed action");
    const isTrimmed = source.startsWith("- ", start + 2);
    push(source.slice(at, start), isTrimmed);
    const from = start + (isTrimmed ? 4 : 2);
    trimNext = end - 2 >= from && source.startsWith(" -", end - 2);
    const body = source.slice(from, Math.max(from, trimNext ? end - 2 : end));
    at = end + 2;
    if (/^\s*\/\*[\s\S]*\*\/\s*$/.test(body)) continue;
    pieces.push({ action: body });
  }
  push(source.slice(at), false);
  return pieces;
}

/** Reads a template's nodes. */
class TemplateReader {
  readonly #pieces: readonly Piece[];
  #at = 0;
  #loops = 0;
  readonly templates = new Map<string, readonly TemplateNode[]>();

  constructor(source: string) {
    this.#pieces = piecesOf(source);
  }

  all(): readonly TemplateNode[] {
    const { nodes, end } = this.#list(0);
    return end === undefined ? nodes : wrong(`unexpected {{${end.trim()}}}`);
  }

  /** Nodes up to `end` or `else`, which is returned. */
  #list(depth: number): { readonly nodes: TemplateNode[]; readonly end: string | undefined } {
    if (depth > MAX_BLOCKS) throw limitError("a template nested too deeply");
    const nodes: TemplateNode[] = [];
    while (this.#at < this.#pieces.length) {
      const { text, action } = this.#pieces[this.#at++]!;
      if (action === undefined) {
        nodes.push({ kind: "text", text: text! });
        continue;
      }
      const word = /^\s*([a-z]+)(?=\s|$)/.exec(action)?.[1];
      if (word === "end" || word === "else") return { nodes, end: action.trim() };
      nodes.push(this.#action(action, word, depth));
    }
    return { nodes, end: undefined };
  }

  #action(action: string, word: string | undefined, depth: number): TemplateNode {
    const rest = word ? action.trimStart().slice(word.length) : "";
    switch (word) {
      case "if":
      case "range":
      case "with":
        return this.#control(word, rest, depth);
      case "break":
      case "continue":
        return this.#loops > 0 && rest.trim() === ""
          ? { kind: word }
          : wrong(`{{${word}}} outside {{range}}`);
      case "define":
      case "block":
      case "template":
        return this.#named(word, rest, depth);
    }
    const reader = new ActionReader(action);
    const pipeline = reader.pipeline();
    return reader.isEnd ? { kind: "action", pipeline } : wrong("unexpected text in an action");
  }

  /** `define` makes a template, `template` is replaced by one, `block` is both. */
  #named(kind: "define" | "block" | "template", source: string, depth: number): TemplateNode {
    const reader = new ActionReader(source);
    const name = reader.name();
    const pipeline = kind === "define" || reader.isEnd ? undefined : reader.pipeline();
    if (!reader.isEnd || (kind === "block" && !pipeline)) {
      wrong(`unexpected text in {{${kind}}}`);
    }
    if (kind !== "template") {
      const { nodes, end } = this.#list(depth + 1);
      if (end !== "end") wrong(`unclosed {{${kind}}}`);
      if (this.templates.has(name)) wrong(`multiple definition of template ${name}`);
      this.templates.set(name, nodes);
    }
    return kind === "define" ? { kind: "text", text: "" } : { kind: "template", name, pipeline };
  }

  #control(kind: "if" | "range" | "with", source: string, depth: number): TemplateNode {
    const reader = new ActionReader(source);
    const pipeline = reader.pipeline();
    if (!reader.isEnd) wrong(`unexpected text in {{${kind}}}`);
    if (kind === "range") this.#loops++;
    const { nodes: body, end } = this.#list(depth + 1);
    if (kind === "range") this.#loops--;
    return { kind, pipeline, body, otherwise: this.#otherwise(kind, end, depth) };
  }

  #otherwise(kind: string, end: string | undefined, depth: number): readonly TemplateNode[] {
    if (end === undefined) wrong(`unclosed {{${kind}}}`);
    if (end === "end") return [];
    const [, word, rest = ""] = /^else(?:\s+(if|with)(?=\s)([\s\S]*))?$/.exec(end) ??
      wrong("bad else");
    if (word) return [this.#control(word as "if" | "with", rest, depth)];
    const { nodes, end: last } = this.#list(depth + 1);
    return last === "end" ? nodes : wrong(`unclosed {{${kind}}}`);
  }
}

/** A template, and those that it defines. */
export interface Template {
  readonly nodes: readonly TemplateNode[];
  readonly templates: ReadonlyMap<string, readonly TemplateNode[]>;
}

/**
 * Reads a template.
 *
 * @throws {BuiltinError} if it is none, or has what is not supported.
 */
export function parseTemplate(source: string): Template {
  const reader = new TemplateReader(source);
  return { nodes: reader.all(), templates: reader.templates };
}
