/**
 * Random Rego terms. Each term has the type that OPA's type checker
 * will see, so that few of the policies are refused by it.
 */

/** Draws one of the choices. */
export type Draw = <T>(choices: readonly T[]) => T;

/** A static type; `any` is what comes from `input` and `data`. */
export type Type =
  | "any"
  | "number"
  | "string"
  | "boolean"
  | "null"
  | "array"
  | "set"
  | "object";

/** A term and its static type. */
export interface Typed {
  readonly text: string;
  readonly type: Type;
}

/** A rule that others may refer to. */
export interface KnownRule {
  /** As the module at hand writes it. */
  readonly name: string;
  readonly kind: "complete" | "set" | "object" | "function";
  readonly type: Type;
  /** How many operands a function has. */
  readonly arity: number;
}

const LITERALS: Readonly<Partial<Record<Type, readonly string[]>>> = {
  number: ["0", "1", "2", "3", "1e2", "1.5", "9007199254740993", "123456789012345678901234567890"],
  string: ['"a"', '"b"', '"c"', '""', '"0"', "`a`", '"\\u00e9"', '"__proto__"'],
  boolean: ["true", "false"],
  null: ["null"],
  array: ["[]", "[1, 2]", '["a", [1]]', "[null, true]"],
  set: ["set()", "{1, 2}", '{"a", "b"}', "{{1}, {2, 3}}", "{[1], [2]}"],
  object: ["{}", '{"a": 1}', '{"a": 1, "b": 2}', '{[1]: "x", {2}: "y"}', '{1: "a", "1": "b"}'],
};
const TYPES = ["number", "string", "boolean", "null", "array", "set", "object"] as const;
/** References that the type checker knows nothing about. */
export const ANY: readonly string[] = [
  "input.a",
  "input.n",
  "input.s",
  "input.xs",
  "input.o.a",
  "input.o.b",
  "input.missing",
  "input.flag",
  "input.xs[1]",
  "input.o",
  'input["b"]',
  "data.base.a",
  "data.base.list[1]",
  "data.base.o",
  "data.p.given.a",
  "data.p.given",
];
/** Such references that are, more often than not, collections. */
export const COLLECTIONS: readonly string[] = [
  "input",
  "input.xs",
  "input.ys",
  "input.o",
  "input.o.b",
  "input.xs[0]",
  "data.base",
  "data.base.list",
  "data.base.o",
  "data.p.given",
];
/** Operators that compare. */
export const COMPARISONS: readonly string[] = ["==", "!=", "<", "<=", ">", ">="];

/** Types that a comparison or unification of the two may have an answer for. */
function mayMeet(a: Type, b: Type): boolean {
  return a === "any" || b === "any" || (a === b && !["array", "object", "set"].includes(a));
}

/** Writes terms; variables are added to the scope it is given. */
export abstract class TermWriter {
  readonly draw: Draw;
  protected readonly rules: readonly KnownRule[];
  /** Whether the module has `and`, `or` and bodies of `not`. */
  protected readonly isLogical: boolean;
  /** OPA 1.22.2 loses variables of templates beside them. */
  protected readonly builtinMocks: readonly string[];
  protected readonly hasTemplates: boolean;
  #fresh = 0;

  constructor(draw: Draw, rules: readonly KnownRule[], isLogical: boolean) {
    this.draw = draw;
    this.rules = rules;
    this.isLogical = isLogical;
    this.hasTemplates = draw([true, true, false]);
    this.builtinMocks = this.hasTemplates ? [] : ["upper as lower", "is_string as is_number"];
  }

  /** The literals of a body; its variables become known. */
  abstract body(vars: Typed[], depth: number): string[];

  chance(percent: number): boolean {
    return this.draw(Array.from({ length: 20 }, (_, i) => i)) < percent / 5;
  }

  variable(): string {
    return `v${this.#fresh++}`;
  }

  /** A new variable of a type in the scope. */
  bind(vars: Typed[], type: Type): string {
    const text = this.variable();
    vars.push({ text, type });
    return text;
  }

  literal(): Typed {
    const type = this.draw(TYPES);
    return { type, text: this.draw(LITERALS[type]!) };
  }

  /** A term that the type checker knows nothing about. */
  dynamic(vars: readonly Typed[]): string {
    const known = vars.filter(({ type }) => type === "any");
    return known.length > 0 && this.chance(50) ? this.draw(known).text : this.draw(ANY);
  }

  atom(vars: readonly Typed[]): Typed {
    if (vars.length > 0 && this.chance(50)) return this.draw(vars);
    return this.chance(45) ? this.literal() : { type: "any", text: this.draw(ANY) };
  }

  /** A term that may be of the type. */
  fitting(type: Type, vars: readonly Typed[], depth: number): string {
    if (type !== "any" && this.chance(30)) {
      const literals = LITERALS[type];
      if (literals && mayMeet(type, type)) return this.draw(literals);
    }
    const term = this.term(vars, depth);
    return mayMeet(type, term.type) ? term.text : this.dynamic(vars);
  }

  term(vars: readonly Typed[], depth: number): Typed {
    if (depth <= 0 || this.chance(30)) return this.atom(vars);
    const sub = () => this.term(vars, depth - 1).text;
    const number = () => this.fitting("number", vars, depth - 1);
    switch (
      this.draw([
        "array",
        "set",
        "object",
        "math",
        "call",
        "call",
        "closure",
        "rule",
        "rule",
        "index",
        "template",
        "compare",
        "sets",
      ])
    ) {
      case "array":
        return { type: "array", text: `[${sub()}, ${sub()}]` };
      case "set":
        return { type: "set", text: `{${sub()}, ${sub()}}` };
      case "object":
        return {
          type: "object",
          text: `{${this.draw([this.literal().text, sub()])}: ${sub()}, "k": ${sub()}}`,
        };
      case "math":
        return {
          type: "number",
          text: `(${number()} ${this.draw(["+", "*", "/", "%"])} ${number()})`,
        };
      case "call":
        return this.call(vars, depth);
      case "closure":
        return this.#closure(vars, depth);
      case "rule":
        return this.rule(vars, depth);
      case "index":
        return { type: "any", text: `${this.draw(COLLECTIONS)}[${sub()}]` };
      case "template":
        return this.hasTemplates
          ? { type: "string", text: this.#template(vars, depth) }
          : this.atom(vars);
      case "compare":
        return { type: "boolean", text: `(${this.comparison(vars, depth - 1)})` };
      default:
        return {
          type: "set",
          text: `(${this.#set(vars, depth)} ${this.draw(["|", "&", "-"])} ${
            this.#set(vars, depth)
          })`,
        };
    }
  }

  #set(vars: readonly Typed[], depth: number): string {
    const sets = this.rules.filter(({ kind }) => kind === "set");
    if (sets.length > 0 && this.chance(40)) return this.draw(sets).name;
    return this.chance(50) ? this.draw(LITERALS.set!) : this.#comprehension(vars, depth, "set");
  }

  #template(vars: readonly Typed[], depth: number): string {
    const part = () => this.term(vars, depth - 1).text;
    const quoted = (text: string) => /[`\\]|\$/.test(text) ? "input.s" : text;
    return this.draw([
      () => `$"<{${part()}} {${this.atom(vars).text}}>"`,
      () => `$\`{${quoted(this.atom(vars).text)}}\\{x}\``,
      () => `$"{${this.atom(vars).text} with input.n as 7}"`,
    ])();
  }

  protected call(vars: readonly Typed[], depth: number): Typed {
    const any = () => this.dynamic(vars);
    const sub = () => this.term(vars, depth - 1).text;
    const [type, text] = this.draw<readonly [Type, () => string]>([
      ["number", () => `count(${this.draw(["input.xs", "input.o", any()])})`],
      ["number", () => `sum(${this.draw(["input.xs", "input.ys", "[1, 2.5]"])})`],
      ["any", () => `max(${this.draw(["input.xs", "input.ys", any()])})`],
      ["array", () => `sort(${this.draw(["input.xs", "input.ys"])})`],
      ["string", () => `type_name(${sub()})`],
      ["boolean", () => `is_string(${sub()})`],
      ["any", () => `object.get(input.o, ${this.literal().text}, ${any()})`],
      ["array", () => `array.concat(input.xs, input.ys)`],
      ["array", () => `array.slice(input.xs, ${this.draw(["0", "1", "-1"])}, input.n)`],
      ["string", () => `concat(",", input.names)`],
      ["string", () => `upper(input.s)`],
      ["string", () => `sprintf("%v-%d", [${sub()}, input.n])`],
      ["string", () => `json.marshal(${sub()})`],
      ["array", () => `numbers.range(0, input.n)`],
      ["number", () => `to_number(${any()})`],
      ["boolean", () => `startswith(input.s, "a")`],
      ["set", () => `object.keys(input.o)`],
      ["any", () => `object.union(input.o, {"z": ${sub()}})`],
      ["string", () => `trim_space(input.s)`],
      ["array", () => `split(input.s, "")`],
      ["number", () => `abs(${this.fitting("number", vars, 0)})`],
      ["number", () => `(input.n - ${this.fitting("number", vars, 0)})`],
      ["boolean", () => `(${any()} in ${this.collection(vars, 0)})`],
      ["boolean", () => `(${any()}, ${any()} in ${this.collection(vars, 0)})`],
    ]);
    return { type, text: text() };
  }

  #closure(vars: readonly Typed[], depth: number): Typed {
    const type = this.draw(["array", "set", "object"] as const);
    return { type, text: this.#comprehension(vars, depth, type) };
  }

  #comprehension(vars: readonly Typed[], depth: number, type: "array" | "set" | "object"): string {
    const inner = [...vars];
    const body = this.body(inner, depth - 1).join("; ");
    const own = inner.slice(vars.length);
    const head = this.atom(own.length > 0 ? own : inner).text;
    if (type === "array") return `[${head} | ${body}]`;
    return type === "set"
      ? `{${head} | ${body}}`
      : `{${head}: ${this.term(inner, 1).text} | ${body}}`;
  }

  protected rule(vars: readonly Typed[], depth: number): Typed {
    if (this.rules.length === 0) return this.atom(vars);
    const { name, kind, type, arity } = this.draw(this.rules);
    switch (kind) {
      case "function":
        return { type, text: this.#application(name, arity, vars) };
      case "complete":
        return { type, text: name };
      case "set":
        return this.chance(60)
          ? { type: "set", text: name }
          : { type: "any", text: `${name}[${this.dynamic(vars)}]` };
      default:
        return this.chance(50) ? { type: "object", text: name } : {
          type: "any",
          text: `${name}[${this.dynamic(vars)}]${depth > 1 && this.chance(20) ? "[_]" : ""}`,
        };
    }
  }

  #application(name: string, arity: number, vars: readonly Typed[]): string {
    return `${name}(${Array.from({ length: arity }, () => this.dynamic(vars)).join(", ")})`;
  }

  protected comparison(vars: readonly Typed[], depth: number): string {
    const left = this.term(vars, depth);
    const right = this.fitting(left.type, vars, depth);
    const operator = this.draw(COMPARISONS);
    // OPA 1.22.2 refuses `xs[v] == [y | y := v]` as unsafe.
    const isUnsafe = (a: string, b: string) => /\[v\d+\]/.test(a) && b.includes(" | ");
    const isRefused = isUnsafe(left.text, right) || isUnsafe(right, left.text);
    return `${isRefused ? this.dynamic([]) : left.text} ${operator} ${right}`;
  }

  collection(vars: readonly Typed[], depth: number): string {
    const rules = this.rules.filter(({ kind }) => kind === "set" || kind === "object");
    switch (this.draw(["given", "given", "literal", "rule", "term"])) {
      case "given":
        return this.draw(COLLECTIONS);
      case "literal":
        return this.draw([
          () => `[${this.term(vars, 1).text}, ${this.atom(vars).text}]`,
          () => `{${this.term(vars, 1).text}, ${this.atom(vars).text}}`,
          () => `{"a": ${this.term(vars, 1).text}, "b": ${this.atom(vars).text}}`,
        ])();
      case "rule":
        return rules.length > 0 ? this.draw(rules).name : "input.xs";
      default: {
        const term = this.term(vars, depth - 1);
        return ["array", "set", "object", "any"].includes(term.type) ? term.text : "input.xs";
      }
    }
  }
}
