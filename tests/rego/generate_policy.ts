/**
 * Makes random policies for the comparison with OPA: every kind of rule, literal
 * and term, over a small vocabulary so that things meet.
 */

import fc from "fast-check";

/** Draws one of the choices. */
export type Draw = <T>(choices: readonly T[]) => T;

/** A policy, its base data and its input. */
export interface GeneratedCase {
  readonly policy: string;
  readonly data: unknown;
  readonly input: unknown;
}

const SCALARS = [
  "0",
  "1",
  "2",
  "3",
  "-1",
  "1.5",
  '"a"',
  '"b"',
  '"c"',
  '""',
  "true",
  "false",
  "null",
];
const NUMBERS = ["0", "1", "2", "3", "0.5", "input.n", "count(input.xs)"];
const NAMES = ["a", "b", "c"];
const COMPARISONS = ["==", "!=", "<", "<=", ">", ">="];

type RuleKind = "complete" | "set" | "object" | "function";

/** Writes one module; only refers to rules that it has written before. */
class Writer {
  readonly #draw: Draw;
  readonly #rules: { readonly name: string; readonly kind: RuleKind }[] = [];
  #fresh = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  module(): string {
    const rules: string[] = [];
    const count = this.#draw([1, 2, 3, 4, 5]);
    for (let i = 0; i < count; i++) rules.push(this.#rule(`r${i}`));
    return `package p\n\n${rules.join("\n\n")}\n`;
  }

  #chance(percent: number): boolean {
    return this.#draw(Array.from({ length: 20 }, (_, i) => i)) < percent / 5;
  }

  #variable(): string {
    return `v${this.#fresh++}`;
  }

  #rule(name: string): string {
    const kind = this.#draw<RuleKind>(["complete", "complete", "set", "object", "function"]);
    const texts = Array.from({ length: this.#draw([1, 1, 2, 3]) }, () => this.#clause(name, kind));
    if ((kind === "complete" || kind === "function") && this.#chance(30)) {
      const args = kind === "function" ? "(_)" : "";
      texts.push(`default ${name}${args} := ${this.#draw(SCALARS)}`);
    }
    this.#rules.push({ name, kind });
    return texts.join("\n\n");
  }

  #clause(name: string, kind: RuleKind): string {
    const vars: string[] = [];
    const arg = kind === "function" ? this.#argument(vars) : "";
    const body = this.#body(vars, 2);
    const value = this.#term(vars, 2);
    switch (kind) {
      case "complete":
      case "function": {
        const text = `${name}${arg} := ${value} if {\n${body}\n}`;
        if (!this.#chance(25)) return text;
        const other: string[] = kind === "function" ? vars.filter((v) => arg.includes(v)) : [];
        const elseBody = this.#body(other, 1);
        return `${text} else := ${this.#term(other, 1)} if {\n${elseBody}\n}`;
      }
      case "set":
        return `${name} contains ${value} if {\n${body}\n}`;
      case "object": {
        const key = this.#chance(70) && vars.length > 0 ? this.#draw(vars) : this.#draw(SCALARS);
        const deep = this.#chance(20) ? `.${this.#draw(NAMES)}` : "";
        return `${name}[${key}]${deep} := ${value} if {\n${body}\n}`;
      }
    }
  }

  #argument(vars: string[]): string {
    const pattern = this.#draw(["var", "var", "array", "scalar", "object"]);
    const v = this.#variable();
    if (pattern === "scalar") return `(${this.#draw(SCALARS)})`;
    vars.push(v);
    if (pattern === "array") return `([${v}, _])`;
    return pattern === "object" ? `({"a": ${v}})` : `(${v})`;
  }

  #body(vars: string[], depth: number): string {
    const lines: string[] = [];
    const count = this.#draw([1, 1, 2, 3]);
    for (let i = 0; i < count; i++) lines.push("  " + this.#literal(vars, depth));
    return (this.#chance(5) ? lines.reverse() : lines).join("\n");
  }

  #literal(vars: string[], depth: number): string {
    const value = this.#chance(8) ? this.#term(vars, 1) : undefined;
    const text = this.#plainLiteral(vars, depth);
    if (value === undefined) return text;
    const target = this.#draw(["input", "input.a", "input.xs", "data.base", "data.base.a"]);
    return `${text} with ${target} as ${value}`;
  }

  #plainLiteral(vars: string[], depth: number): string {
    switch (
      this.#draw([
        "test",
        "compare",
        "assign",
        "some",
        "some2",
        "unify",
        "not",
        "every",
        "in",
        "ref",
      ])
    ) {
      case "test":
        return this.#term(vars, depth);
      case "compare":
        return `${this.#term(vars, 1)} ${this.#draw(COMPARISONS)} ${this.#term(vars, 1)}`;
      case "assign": {
        const value = this.#term(vars, depth);
        const v = this.#variable();
        vars.push(v);
        return `${v} := ${value}`;
      }
      case "some": {
        const domain = this.#collection(vars, depth);
        const v = this.#variable();
        vars.push(v);
        return `some ${v} in ${domain}`;
      }
      case "some2": {
        const domain = this.#collection(vars, depth);
        const k = this.#variable();
        const v = this.#variable();
        vars.push(k, v);
        return `some ${k}, ${v} in ${domain}`;
      }
      case "unify": {
        const value = this.#term(vars, depth);
        const v = this.#variable();
        const known = vars.length > 0 && this.#chance(40) ? this.#draw(vars) : "_";
        vars.push(v);
        return `[${v}, ${known}] = ${
          this.#draw([value, `[${value}, ${this.#term(vars.slice(0, -1), 1)}]`])
        }`;
      }
      case "not":
        return `not ${this.#term(vars, 1)} ${this.#draw(COMPARISONS)} ${this.#term(vars, 1)}`;
      case "every": {
        const domain = this.#collection(vars, depth);
        const k = this.#variable();
        const v = this.#variable();
        const inner = [...vars, k, v];
        const body = depth > 0 ? this.#body(inner, depth - 1) : this.#draw(SCALARS);
        return `every ${k}, ${v} in ${domain} {\n${body}\n${k} != ${v}}`;
      }
      case "in":
        return `${this.#term(vars, 1)} in ${this.#collection(vars, depth)}`;
      default: {
        const v = this.#variable();
        const base = this.#draw([
          "input",
          "input.xs",
          "input.o",
          "data.base",
          "input.o.b",
          "data.p",
        ]);
        if (base === "data.p") return `data.base[${v}]${this.#remember(vars, v)}`;
        return this.#chance(50)
          ? `${base}[${v}] ${this.#draw(COMPARISONS)} ${this.#term(vars, 1)}${
            this.#remember(vars, v)
          }`
          : `${base}[${v}][_]${this.#remember(vars, v)}`;
      }
    }
  }

  #remember(vars: string[], v: string): string {
    vars.push(v);
    return "";
  }

  #collection(vars: string[], depth: number): string {
    const rule = this.#rules.filter(({ kind }) => kind === "set" || kind === "object");
    switch (this.#draw(["input", "input", "literal", "rule", "term", "data"])) {
      case "input":
        return this.#draw(["input.xs", "input.o", "input.o.b", "input.ys", "input.xs[0]", "input"]);
      case "literal":
        return `${this.#draw(["[", "{"])}${this.#term(vars, 1)}, ${this.#term(vars, 1)}`
          .replace(/^(\[.*)$/s, "$1]").replace(/^(\{.*)$/s, "$1}");
      case "rule":
        return rule.length > 0 ? this.#draw(rule).name : "input.xs";
      case "data":
        return this.#draw(["data.base", "data.base.list", "data.base.a"]);
      default:
        return depth > 0 ? this.#term(vars, depth - 1) : "input.xs";
    }
  }

  #term(vars: readonly string[], depth: number): string {
    if (depth <= 0) return this.#atom(vars);
    const sub = () => this.#term(vars, depth - 1);
    switch (
      this.#draw([
        "atom",
        "atom",
        "atom",
        "atom",
        "array",
        "set",
        "object",
        "math",
        "builtin",
        "comprehension",
        "rule",
        "index",
        "call",
        "template",
        "paren",
      ])
    ) {
      case "array":
        return `[${sub()}, ${sub()}]`;
      case "set":
        return `{${sub()}, ${sub()}}`;
      case "object":
        return `{${this.#draw(SCALARS)}: ${sub()}, "k": ${sub()}}`;
      case "math":
        return `(${this.#draw(NUMBERS)} ${this.#draw(["+", "-", "*", "/", "%"])} ${
          this.#draw(NUMBERS)
        })`;
      case "builtin":
        return this.#builtin(vars, sub);
      case "comprehension":
        return this.#comprehension(vars, depth);
      case "rule":
        return this.#ruleTerm(vars);
      case "index":
        return `${this.#draw(["input", "input.o", "input.xs", "data.base", "data.base.a"])}[${
          this.#atom(vars)
        }]`;
      case "call": {
        const functions = this.#rules.filter(({ kind }) => kind === "function");
        return functions.length > 0 ? `${this.#draw(functions).name}(${sub()})` : this.#atom(vars);
      }
      case "template":
        return `$"<{${this.#atom(vars)}} {${this.#ruleTerm(vars)}}>"`;
      case "paren":
        return `(${this.#atom(vars)} ${this.#draw(COMPARISONS)} ${sub()})`;
      default:
        return this.#atom(vars);
    }
  }

  #builtin(vars: readonly string[], sub: () => string): string {
    return this.#draw([
      () => `count(${this.#draw(["input.xs", "input.o", "input.a", this.#atom(vars)])})`,
      () => `sum(${this.#draw(["input.xs", "input.ys", "[1, 2.5]"])})`,
      () => `max(${this.#draw(["input.xs", "input.ys"])})`,
      () => `min(${this.#draw(["input.xs", "input.ys"])})`,
      () => `sort(${this.#draw(["input.xs", "input.ys"])})`,
      () => `type_name(${sub()})`,
      () => `is_string(${sub()})`,
      () => `object.get(input.o, ${this.#draw(SCALARS)}, ${sub()})`,
      () => `object.keys(input.o)`,
      () => `array.concat(input.xs, input.ys)`,
      () => `concat(",", input.names)`,
      () => `upper(input.s)`,
      () => `sprintf("%v-%d", [${sub()}, input.n])`,
      () => `json.marshal(${sub()})`,
      () => `({1, 2} | {x | some x in input.xs})`,
      () => `({1, 2} & {x | some x in input.xs})`,
      () => `({1, 2} - {x | some x in input.xs})`,
      () => `numbers.range(0, input.n)`,
      () => `to_number(input.s)`,
      () => `startswith(input.s, "a")`,
    ])();
  }

  #comprehension(vars: readonly string[], depth: number): string {
    const inner = [...vars];
    const body = this.#body(inner, depth - 1);
    const head = this.#atom(inner.slice(vars.length).length > 0 ? inner.slice(vars.length) : inner);
    switch (this.#draw(["array", "set", "object"])) {
      case "array":
        return `[${head} | ${body}]`;
      case "set":
        return `{${head} | ${body}}`;
      default:
        return `{${head}: ${this.#atom(inner)} | ${body}}`;
    }
  }

  #ruleTerm(vars: readonly string[]): string {
    if (this.#rules.length === 0) return "input.a";
    const { name, kind } = this.#draw(this.#rules);
    switch (kind) {
      case "function":
        return `${name}(${this.#atom(vars)})`;
      case "complete":
        return this.#chance(20) ? `data.p.${name}` : name;
      default:
        return this.#chance(60) ? name : `${name}[${this.#atom(vars)}]`;
    }
  }

  #atom(vars: readonly string[]): string {
    if (vars.length > 0 && this.#chance(55)) return this.#draw(vars);
    if (this.#chance(50)) return this.#draw(SCALARS);
    return this.#draw([
      "input.a",
      "input.n",
      "input.s",
      "input.xs",
      "input.o.a",
      "input.missing",
      "input.flag",
      "data.base.a",
      "data.base.list[1]",
      "input.xs[1]",
      "input.o",
    ]);
  }
}

const value = fc.oneof(
  { maxDepth: 2 },
  fc.constantFrom(0, 1, 2, 3, -1, 1.5, "a", "b", "c", "", true, false, null),
  fc.array(fc.constantFrom(0, 1, 2, 3, "a", "b", null, true), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom("a", "b", "c", "0"), fc.constantFrom(0, 1, "a", false), {
    maxKeys: 3,
  }),
);

/** Documents whose members have, more often than not, the types that policies expect. */
const document = fc.record({
  a: value,
  n: fc.constantFrom(0, 1, 2, 3, 2.5, 10),
  s: fc.constantFrom("", "a", "abc", "12", "1e2"),
  xs: fc.array(value, { maxLength: 4 }),
  ys: fc.array(fc.constantFrom(1, 2, 3, 2.5, -1), { maxLength: 4 }),
  names: fc.array(fc.constantFrom("a", "b", "x"), { maxLength: 3 }),
  o: fc.record({ a: value, b: value, c: value }, { requiredKeys: [] }),
  flag: fc.boolean(),
}, { requiredKeys: ["n", "s"] });

const base = fc.record({
  a: value,
  list: fc.array(value, { maxLength: 3 }),
  o: fc.dictionary(fc.constantFrom("a", "b", "1"), value, { maxKeys: 3 }),
}, { requiredKeys: [] });

/** Random cases. */
export const generatedCase: fc.Arbitrary<GeneratedCase> = fc.tuple(
  fc.noShrink(
    fc.array(fc.nat({ max: 0x7fff_ffff }), { minLength: 2_000, maxLength: 2_000, size: "max" }),
  ),
  document,
  base,
).map(([entropy, input, data]) => {
  let at = 0;
  const draw: Draw = (choices) => choices[entropy[at++ % entropy.length]! % choices.length]!;
  return { policy: new Writer(draw).module(), data: { base: data }, input };
});
