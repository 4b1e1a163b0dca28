/**
 * Makes random policies for the comparison with OPA: every kind of rule, literal
 * and term, over a small vocabulary so that things meet.
 */

import fc from "fast-check";
import { data, input } from "./policy_documents.ts";
import { BodyWriter } from "./policy_bodies.ts";
import type { Draw, KnownRule, Type, Typed } from "./policy_terms.ts";

/** Policies, their base data and their input. */
export interface GeneratedCase {
  readonly policies: readonly string[];
  readonly data: unknown;
  readonly input: unknown;
}

type Kind = KnownRule["kind"];

const KINDS: readonly Kind[] = ["complete", "complete", "set", "object", "object", "function"];
const NAMES = ["a", "b", "c"];

/** Writes modules; each rule only refers to rules that were written before. */
class ModuleWriter {
  readonly #draw: Draw;
  readonly #rules: KnownRule[] = [];
  readonly #terms: BodyWriter;
  readonly #isLogical: boolean;
  #count = 0;
  /** Whether the rule at hand is of several sets. */
  #isDeep = false;

  constructor(draw: Draw) {
    this.#draw = draw;
    this.#isLogical = draw([true, false, false]);
    this.#terms = new BodyWriter(draw, this.#rules, this.#isLogical);
  }

  #header(name: string): string {
    return `package ${name}\n\n${this.#isLogical ? "import rego.v2\n\n" : ""}`;
  }

  /** `package p.q`, and `package p`, which imports it. */
  modules(): string[] {
    if (!this.#terms.chance(30)) return [`${this.#header("p")}${this.#ruleTexts([1, 2, 3, 4])}`];
    const other = `${this.#header("p.q")}${this.#ruleTexts([1, 2])}`;
    const prefix = this.#draw(["data.p.q", "q", "other"]);
    const known = this.#rules.map((rule) => ({ ...rule, name: `${prefix}.${rule.name}` }));
    this.#rules.splice(0, this.#rules.length, ...known);
    const alias = prefix === "other" ? " as other" : "";
    return [other, `${this.#header("p")}import data.p.q${alias}\n\n${this.#ruleTexts([1, 2, 3])}`];
  }

  #ruleTexts(counts: readonly number[]): string {
    const rules = Array.from({ length: this.#draw(counts) }, () => this.#rule(`r${this.#count++}`));
    return `${rules.join("\n\n")}\n`;
  }

  #rule(name: string): string {
    const kind = this.#draw(KINDS);
    const arity = kind === "function" ? this.#draw([1, 1, 2]) : 0;
    const types: Type[] = [];
    this.#isDeep = this.#terms.chance(20);
    const clauses = Array.from(
      { length: this.#draw([1, 1, 2, 3]) },
      () => this.#clause(name, kind, arity, types),
    );
    if ((kind === "complete" || kind === "function") && this.#terms.chance(30)) {
      const args = kind === "function" ? `(${Array(arity).fill("_").join(", ")})` : "";
      const { text, type } = this.#terms.literal();
      clauses.push(`default ${name}${args} := ${text}`);
      types.push(type);
    }
    const [type = "any"] = types;
    const isOne = types.every((other) => other === type);
    if (isOne || types.includes("any")) {
      this.#rules.push({ name, kind, arity, type: isOne ? type : "any" });
    }
    return clauses.join("\n\n");
  }

  #clause(name: string, kind: Kind, arity: number, types: Type[]): string {
    const vars: Typed[] = [];
    const args = Array.from({ length: arity }, () => this.#argument(vars));
    const params = [...vars];
    const lines = this.#terms.chance(25) ? [this.#indexed()] : [];
    lines.push(...this.#terms.body(vars, 2));
    const body = `{\n  ${lines.join("\n  ")}\n}`;
    const value = this.#terms.term(vars, 2);
    if (kind === "set") return this.#setClause(name, value, vars, body);
    if (kind === "object") return this.#objectClause(name, value, vars, body);
    types.push(value.type);
    const head = kind === "function" ? `${name}(${args.join(", ")})` : name;
    return `${head} := ${value.text} if ${body}${this.#else(params, types)}`;
  }

  /** What OPA's rule index looks at. */
  #indexed(): string {
    const ref = this.#draw(["input.a", "input.n", "input.s", "input.o.a", "data.base.a"]);
    const value = this.#draw(["1", "2", '"a"', "null", "[1, 2]"]);
    return this.#draw([`${ref} == ${value}`, `${ref} = ${value}`, `${value} = ${ref}`]);
  }

  #else(params: readonly Typed[], types: Type[]): string {
    let text = "";
    while (this.#terms.chance(20)) {
      const vars = [...params];
      const body = this.#terms.body(vars, 1).join("; ");
      const value = this.#terms.term(vars, 1);
      types.push(value.type);
      text += ` else := ${value.text} if { ${body} }`;
    }
    return text;
  }

  #setClause(name: string, value: Typed, vars: readonly Typed[], body: string): string {
    const at = this.#isDeep ? `[${this.#key(vars)}]` : "";
    return `${name}${at} contains ${value.text} if ${body}`;
  }

  #objectClause(name: string, value: Typed, vars: readonly Typed[], body: string): string {
    const key = `[${this.#key(vars)}]`;
    const other = `[${this.#key(vars)}]`;
    const tail = this.#draw([
      "",
      "",
      "",
      `.${this.#draw(NAMES)}`,
      other,
      `.a${other}`,
      `${other}.b`,
    ]);
    return `${name}${key}${tail} := ${value.text} if ${body}`;
  }

  #key(vars: readonly Typed[]): string {
    const names = vars.filter(({ type }) => type === "any" || type === "string");
    return names.length > 0 && this.#terms.chance(80) ? this.#draw(names).text : "input.s";
  }

  #argument(vars: Typed[]): string {
    const one = () => this.#terms.bind(vars, "any");
    return this.#draw([
      one,
      one,
      () => `[${one()}, _]`,
      () => `{"a": ${one()}}`,
      () => `[${one()}, [${one()}]]`,
      () => this.#terms.literal().text,
      () => "_",
    ])();
  }
}

/** Random cases. */
export const generatedCase: fc.Arbitrary<GeneratedCase> = fc.tuple(
  fc.noShrink(
    fc.array(fc.nat({ max: 0x7fff_ffff }), { minLength: 2_000, maxLength: 2_000, size: "max" }),
  ),
  input,
  data,
).map(([entropy, input, data]) => {
  let at = 0;
  const draw: Draw = (choices) => choices[entropy[at++ % entropy.length]! % choices.length]!;
  return { policies: new ModuleWriter(draw).modules(), data, input };
});
