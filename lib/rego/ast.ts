/**
 * The syntax tree. Positions are UTF-16 offsets into the module's source.
 *
 * @module
 */

import type { Value } from "./value.ts";

/** The language of a module. */
export type RegoVersion = "v0" | "v1";

/** A scalar literal. */
export interface ScalarTerm {
  readonly type: "scalar";
  readonly value: Value;
  readonly at: number;
}

/** A variable. Each wildcard `_` has a name of its own that begins with `$`. */
export interface VarTerm {
  readonly type: "var";
  readonly name: string;
  readonly at: number;
}

/** `head.a["b"][c]`: `.a` is the scalar "a" in `path`. */
export interface RefTerm {
  readonly type: "ref";
  readonly head: Term;
  /** Never empty. */
  readonly path: readonly Term[];
  readonly at: number;
}

export interface ArrayTerm {
  readonly type: "array";
  readonly items: readonly Term[];
  readonly at: number;
}

export interface SetTerm {
  readonly type: "set";
  readonly items: readonly Term[];
  readonly at: number;
}

export interface ObjectTerm {
  readonly type: "object";
  readonly entries: readonly (readonly [Term, Term])[];
  readonly at: number;
}

/**
 * A call. Infix operators are calls under their builtin's name: `a + b` is
 * `plus`, `a == b` is `equal`, `a = b` is `eq`, `a := b` is `assign`, `x in xs`
 * is `internal.member_2`, `k, v in xs` is `internal.member_3`.
 */
export interface CallTerm {
  readonly type: "call";
  /** The dotted name split: `["io", "jwt", "decode"]`, `["data", "pkg", "f"]`, `["plus"]`. */
  readonly name: readonly string[];
  readonly args: readonly Term[];
  /** Whether it was written as an operator. */
  readonly infix: boolean;
  readonly at: number;
}

/** `[key | body]`, `{key | body}`, `{key: value | body}`. */
export interface ComprehensionTerm {
  readonly type: "comprehension";
  readonly of: "array" | "set" | "object";
  /** The member, or the object's key. */
  readonly key: Term;
  /** The object's value; `null` otherwise. */
  readonly value: Term | null;
  readonly body: Body;
  readonly at: number;
}

/** `$"text {term} text"`; a term may have `with` modifiers. */
export interface TemplateTerm {
  readonly type: "template";
  readonly parts: readonly (string | TermLiteral)[];
  readonly at: number;
}

export type Term =
  | ScalarTerm
  | VarTerm
  | RefTerm
  | ArrayTerm
  | SetTerm
  | ObjectTerm
  | CallTerm
  | ComprehensionTerm
  | TemplateTerm;

/** The direct parts of a term, bodies left out. */
export function partsOf(term: Term): readonly Term[] {
  switch (term.type) {
    case "ref":
      return [term.head, ...term.path];
    case "array":
    case "set":
      return term.items;
    case "object":
      return term.entries.flat();
    case "call":
      return term.args;
    case "template":
      return term.parts.flatMap((part) => typeof part === "string" ? [] : [part.term]);
  }
  return [];
}

/** `with target as value`. */
export interface With {
  /** A var (`input`, a function's name) or a ref (`input.x`, `data.a.b`, `io.jwt.decode`). */
  readonly target: VarTerm | RefTerm;
  readonly value: Term;
  readonly at: number;
}

interface LiteralBase {
  readonly withs: readonly With[];
  readonly at: number;
}

/** One term that must be neither false nor undefined; or a call of `eq` or `assign`. */
export interface TermLiteral extends LiteralBase {
  readonly type: "term";
  readonly negated: boolean;
  readonly term: Term;
}

/** `some x, y`. */
export interface SomeLiteral extends LiteralBase {
  readonly type: "some";
  readonly vars: readonly VarTerm[];
}

/** `some value in domain`, `some key, value in domain`. */
export interface SomeInLiteral extends LiteralBase {
  readonly type: "someIn";
  readonly key: Term | null;
  readonly value: Term;
  readonly domain: Term;
}

/** `every value in domain { body }`, `every key, value in domain { body }`. */
export interface EveryLiteral extends LiteralBase {
  readonly type: "every";
  readonly key: VarTerm | null;
  readonly value: VarTerm;
  readonly domain: Term;
  readonly body: Body;
}

/** One side of `and` or `or`, or what `not` denies. */
export interface Operand {
  readonly body: Body;
  /** Whether it is in braces: then it may have variables of its own. */
  readonly explicit: boolean;
}

/** `not { … }`, `a and b`, `a or b`: all operands must have an answer, or any of them. */
export interface GroupLiteral extends LiteralBase {
  readonly type: "group";
  readonly negated: boolean;
  readonly all: boolean;
  readonly operands: readonly Operand[];
}

export type Literal = TermLiteral | SomeLiteral | SomeInLiteral | EveryLiteral | GroupLiteral;

/** Literals, in the order of the source; never empty. */
export type Body = readonly Literal[];

/** The head of a rule, its version's conventions already applied. */
export interface Head {
  /** `p.q[x]`: the scalar "p" first, then scalars and terms; without a partial set's member. */
  readonly path: readonly [ScalarTerm, ...Term[]];
  /** Parameters of a function; `null` if it is none. */
  readonly args: readonly Term[] | null;
  /** The member that a partial set gets (`p contains x`, v0 `p[x]`); else `null`. */
  readonly member: Term | null;
  /** The value, the scalar `true` if none was written; `null` for partial sets. */
  readonly value: Term | null;
  readonly at: number;
}

/** One rule: `body` empty means always; `orElse` is the next of an `else` chain. */
export interface Rule {
  readonly isDefault: boolean;
  readonly head: Head;
  readonly body: readonly Literal[];
  readonly orElse: Rule | null;
  readonly at: number;
}

/** `import data.a.b as c`: path `["data", "a", "b"]`, name `c`. */
export interface Import {
  readonly path: readonly string[];
  /** What it is called here: the alias, else the last of the path. */
  readonly name: string;
  readonly at: number;
}

/** One policy file. */
export interface Module {
  readonly file: string;
  readonly source: string;
  /** The language it was read in. */
  readonly version: RegoVersion;
  /** Without `data`. */
  readonly path: readonly string[];
  /** Those of `data` and `input`; `rego.v1` and `future.keywords` are settled by the parser. */
  readonly imports: readonly Import[];
  readonly rules: readonly Rule[];
}
