/** Random bodies: every kind of literal. */

import {
  ANY,
  COLLECTIONS,
  COMPARISONS,
  type KnownRule,
  TermWriter,
  type Typed,
} from "./policy_terms.ts";

const WITH_TARGETS = ["input", "input.a", "input.xs", "input.o.b", "data.base", "data.base.a"];

/** Writes bodies, and the terms in them. */
export class BodyWriter extends TermWriter {
  /** The literals of a body; sometimes in an order of their own. */
  override body(vars: Typed[], depth: number): string[] {
    const lines = Array.from(
      { length: this.draw([1, 1, 2, 3]) },
      () => this.#literal(vars, depth),
    );
    const isFree = lines.every((line) => !/:=|\bsome\b/.test(line));
    return isFree && this.chance(30) ? lines.reverse() : lines;
  }

  #literal(vars: Typed[], depth: number): string {
    if (!this.chance(10)) return this.#plain(vars, depth);
    // OPA 1.22.2 does not wait for the variables of a `with` inside a body.
    const value = depth < 2 ? this.draw(ANY) : this.dynamic(vars);
    const functions = this.rules.filter(({ kind }) => kind === "function");
    const documents = this.rules.filter(({ kind }) => kind !== "function");
    const text = this.#plain(vars, depth);
    const of = (rules: readonly KnownRule[]) => this.draw(rules).name;
    switch (this.draw(["builtin", "function", "rule", "given", "given"])) {
      case "builtin":
        return `${text} with ${
          this.draw(["count as 7", 'upper as "x"', "concat as 3", ...this.builtinMocks])
        }`;
      case "function":
        if (functions.length === 0) break;
        return `${text} with ${of(functions)} as ${this.draw([value, "{1, 2}", '"a"'])}`;
      case "rule":
        if (documents.length === 0) break;
        return `${text} with ${of(documents)} as ${this.draw([value, "{1, 2}", '{"a": [1]}'])}`;
    }
    const more = this.chance(20) ? ` with input.n as ${this.draw(ANY)}` : "";
    return `${text} with ${this.draw(WITH_TARGETS)} as ${value}${more}`;
  }

  /** Literals of `and`, `or` and `not` with bodies. */
  #logical(vars: readonly Typed[], depth: number): string {
    const body = () => `{ ${this.body([...vars], depth - 1).join("; ")} }`;
    const value = () => {
      const text = this.comparison(vars, 0);
      return text.startsWith("{") ? `(${text})` : text;
    };
    return this.draw([
      () => `not ${body()}`,
      () => `${value()} or ${body()}`,
      () => `${value()} and ${value()} or ${value()}`,
      () => `not (${value()} or ${value()})`,
      () => `(${value()} or not ${value()}) and ${body()}`,
    ])();
  }

  #plain(vars: Typed[], depth: number): string {
    if (this.isLogical && this.chance(20)) return this.#logical(vars, depth);
    switch (
      this.draw([
        "test",
        "compare",
        "assign",
        "some",
        "some2",
        "unify",
        "nested",
        "not",
        "not",
        "every",
        "in",
        "ref",
        "ref",
        "walk",
        "key",
      ])
    ) {
      case "test":
        return this.term(vars, depth).text;
      case "compare":
        return this.comparison(vars, 1);
      case "assign": {
        const { text, type } = this.term(vars, depth);
        return `${this.bind(vars, type)} ${this.draw([":=", "="])} ${text}`;
      }
      case "some": {
        const domain = this.collection(vars, depth);
        return `some ${this.bind(vars, "any")} in ${domain}`;
      }
      case "some2": {
        const domain = this.collection(vars, depth);
        const key = this.chance(20) ? this.draw(["1", '"a"', "_"]) : this.bind(vars, "any");
        return `some ${key}, ${this.bind(vars, "any")} in ${domain}`;
      }
      case "unify": {
        const value = this.dynamic(vars);
        const known = vars.length > 0 && this.chance(40) ? this.dynamic(vars) : "_";
        const v = this.bind(vars, "any");
        return `${this.draw([`[${v}, ${known}]`, `{"a": ${v}}`])} = ${value}`;
      }
      case "nested": {
        const one = this.dynamic(vars);
        const two = this.term(vars, 1);
        const x = this.variable();
        const y = this.variable();
        vars.push({ text: x, type: "any" }, { text: y, type: two.type });
        return this.draw([
          `[${x}, {"k": ${y}}] = [${one}, {"k": ${two.text}}]`,
          `[${x}, ${two.text}] = [${one}, ${y}]`,
          `{"a": [${x}], "b": ${two.text}} = {"a": [${one}], "b": ${y}}`,
          `[[${x}, ${one}], ${y}] = [[${one}, ${x}], ${two.text}]`,
        ]);
      }
      case "not":
        return `not ${this.#negatable(vars, depth)}`;
      case "every":
        return this.#every(vars, depth);
      case "in":
        return `${this.dynamic(vars)} in ${this.collection(vars, depth)}`;
      case "walk": {
        const value = this.dynamic(vars);
        return this.draw([
          () => `walk(${value}, [${this.bind(vars, "any")}, ${this.bind(vars, "any")}])`,
          () => `[_, ${this.bind(vars, "any")}] := walk(${value})`,
        ])();
      }
      case "key": {
        const objects = this.rules.filter(({ kind }) => kind === "object" || kind === "set");
        if (objects.length === 0) return this.term(vars, depth).text;
        return `${this.draw(objects).name}[${this.bind(vars, "any")}]`;
      }
      default: {
        const base = this.draw(COLLECTIONS);
        const other = this.dynamic(vars);
        const v = this.bind(vars, "any");
        return this.draw([
          `${base}[${v}]`,
          `${base}[${v}][_]`,
          `${base}[${v}] ${this.draw(COMPARISONS)} ${other}`,
          `${base}[_] = ${v}`,
          `${base}[_][${v}]`,
        ]);
      }
    }
  }

  #negatable(vars: readonly Typed[], depth: number): string {
    const text = this.draw([
      () => this.comparison(vars, 1),
      () => this.term(vars, depth).text,
      () => this.dynamic(vars),
      () => `${this.dynamic(vars)} in ${this.collection(vars, 1)}`,
      () => `${this.dynamic(vars)}[${this.dynamic(vars)}]`,
      () => `${this.dynamic(vars)} = ${this.atom(vars).text}`,
      () => this.call(vars, 1).text,
      () => this.rule(vars, 1).text.replaceAll("[_]", ""),
      () => `${this.dynamic(vars)} with input.a as ${this.atom(vars).text}`,
    ])();
    // OPA 1.22.2 takes a body that is only `not true` for no body.
    return text === "true" ? "false" : text;
  }

  #every(vars: readonly Typed[], depth: number): string {
    const domain = this.collection(vars, depth);
    const inner = [...vars];
    const v = this.bind(inner, "any");
    const key = this.chance(50) ? `${this.bind(inner, "any")}` : undefined;
    const lines = depth > 0 ? this.body(inner, depth - 1) : [];
    lines.push(key ? `${key} != ${v}` : `${v} != ${this.draw(["1", '"a"', "null"])}`);
    return `every ${key ? `${key}, ` : ""}${v} in ${domain} { ${lines.join("; ")} }`;
  }
}
