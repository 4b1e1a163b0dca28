/**
 * YAML, as Go's yaml.v3 reads and writes it for OPA.
 *
 * The package `yaml` reads the syntax; what scalars, tags, aliases and merge keys
 * mean is decided here.
 *
 * @module
 */

import { Composer, isAlias, isMap, isScalar, isSeq, Parser } from "yaml";
import { BuiltinError } from "../errors.ts";
import { type BuiltinContext, type Builtins, failure } from "../builtin.ts";
import { jsonText, MAX_JSON_DEPTH } from "../json.ts";
import { fromBigInt, numberText, parseNumber } from "../number.ts";
import {
  isArray,
  isNumber,
  isObject,
  isSet,
  isString,
  objectEntries,
  RegoObject,
  type Value,
} from "../value.ts";
import { decodeBase64, paidString, textOf, wellFormed } from "./encoding.ts";

type Spend = BuiltinContext["spend"];

/** A scalar as Go has it: `bigint` is an integer, `number` a float. */
type Scalar = null | boolean | bigint | number | string;

/** A node; an alias is the node that it stands for, `name` the alias. */
type Node =
  | { readonly kind: "scalar"; readonly text: string; readonly tag: string }
  | { readonly kind: "seq"; readonly items: Node[] }
  | { readonly kind: "map"; readonly pairs: [Node, Node][] }
  | { readonly kind: "alias"; readonly name: string; readonly target: Node };

const WORDS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, NaN] as const),
  ...[".inf", ".Inf", ".INF"].flatMap((word) =>
    [[word, Infinity], [`+${word}`, Infinity], [`-${word}`, -Infinity]] as const
  ),
]);
const INTEGER = /^([+-]?)(0x[\da-f]+|0b[01]+|0o?[0-7]+|0|[1-9]\d*)$/i;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?$/i;
/** Digits that matter to a 64-bit integer or a double's range. */
const MAX_NUMBER = 2000;

function integer(text: string): bigint | undefined {
  const match = INTEGER.exec(text);
  if (!match) return undefined;
  const digits = match[2]!.replace(/^0o?(?=[0-7])/i, "0o");
  const value = match[1] === "-" ? -BigInt(digits) : BigInt(digits);
  const largest = match[1] ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  return value >= -(2n ** 63n) && value <= largest ? value : undefined;
}

/** What a plain scalar means. */
function resolve(text: string): Scalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.\d]/.test(text) || text.length > MAX_NUMBER) return text;
  const digits = text.startsWith(".") ? text : text.replaceAll("_", "");
  const whole = integer(digits);
  if (whole !== undefined) return whole;
  const float = FLOAT.test(digits) ? Number(digits) : NaN;
  return Number.isFinite(float) ? float : text;
}

const TYPES: Readonly<Record<string, (value: Scalar) => boolean>> = {
  "!!bool": (value) => typeof value === "boolean",
  "!!int": (value) => typeof value === "bigint",
  "!!float": (value) => typeof value === "bigint" || typeof value === "number",
  "!!null": (value) => value === null,
};

function scalarOf(text: string, tag: string): Scalar {
  if (tag === "") return resolve(text);
  if (tag === "!!binary") return textOf(decodeBase64(text));
  const fits = Object.hasOwn(TYPES, tag) ? TYPES[tag] : undefined;
  if (!fits) return text;
  const value = resolve(text);
  if (!fits(value)) throw failure(`cannot decode as a ${tag}`);
  return tag === "!!float" ? Number(value) : value;
}

/** Go's `%g`, of a float of 32 bits if `single`. */
function floatText(value: number, single = false): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? ".nan" : value < 0 ? "-.inf" : ".inf";
  let text = value.toExponential();
  if (single) {
    const rounded = Math.fround(value);
    for (let digits = 0; digits < 9; digits++) {
      text = rounded.toExponential(digits);
      if (Math.fround(Number(text)) === rounded) break;
    }
  }
  const [mantissa, exponent] = text.split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 21 - 15) return String(Number(text));
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function keyText(key: Scalar): string {
  if (key === null) throw failure("unsupported map key");
  return typeof key === "number" ? floatText(key, true) : String(key);
}

/** A scalar on its way through JSON. */
function scalarValue(scalar: Scalar): Value {
  if (typeof scalar === "bigint") return fromBigInt(scalar);
  if (typeof scalar === "string") return wellFormed(scalar);
  if (typeof scalar !== "number") return scalar;
  const value = parseNumber(String(scalar).replace("+", ""));
  if (value === undefined) throw failure("unsupported value");
  return value;
}

function tooDeep(): BuiltinError {
  return failure("nested too deeply");
}

/** Makes nodes of what the package composed, aliases resolved. */
class Loader {
  readonly #anchors = new Map<string, Node>();
  readonly #spend: Spend;

  constructor(spend: Spend) {
    this.#spend = spend;
  }

  node(source: unknown, depth = 0): Node {
    this.#spend(1);
    if (depth > MAX_JSON_DEPTH) throw tooDeep();
    if (isAlias(source)) {
      const target = this.#anchors.get(source.source);
      if (!target) throw failure("unknown anchor");
      return { kind: "alias", name: source.source, target };
    }
    if (isMap(source)) {
      const pairs: [Node, Node][] = [];
      this.#anchor(source.anchor, { kind: "map", pairs });
      for (const { key, value } of source.items) {
        pairs.push([this.node(key, depth + 1), this.node(value, depth + 1)]);
      }
      return { kind: "map", pairs };
    }
    if (isSeq(source)) {
      const items: Node[] = [];
      this.#anchor(source.anchor, { kind: "seq", items });
      for (const item of source.items) items.push(this.node(item, depth + 1));
      return { kind: "seq", items };
    }
    return this.#scalar(source);
  }

  #scalar(source: unknown): Node {
    if (!isScalar(source)) return { kind: "scalar", text: "", tag: "" };
    const text = source.source ?? "";
    const plain = (source.type ?? "PLAIN") === "PLAIN";
    const given = (source.tag ?? "").replace("tag:yaml.org,2002:", "!!").replace(/^!$/, "");
    const tag = given || (plain ? text === "<<" ? "!!merge" : "" : "!!str");
    const node: Node = { kind: "scalar", text, tag };
    this.#anchor(source.anchor, node);
    return node;
  }

  #anchor(name: string | undefined, node: Node): void {
    if (name !== undefined) this.#anchors.set(name, node);
  }
}

/** Makes values of nodes; of equal keys the last counts. */
class Decoder {
  readonly #open = new Set<Node>();
  readonly #spend: Spend;
  #count = 0;
  #aliased = 0;

  constructor(spend: Spend) {
    this.#spend = spend;
  }

  value(node: Node, depth = 0): Value {
    this.#pay(depth);
    switch (node.kind) {
      case "scalar":
        return scalarValue(scalarOf(node.text, node.tag));
      case "seq":
        return node.items.map((item) => this.value(item, depth + 1));
      case "alias":
        return this.#followed(node, (target) => this.value(target, depth + 1));
    }
    const members = new Map<string, Value>();
    this.#members(node, members, depth + 1);
    return new RegoObject(members);
  }

  /** What aliases repeat is bounded as in Go. */
  #pay(depth: number): void {
    this.#spend(1);
    if (depth > MAX_JSON_DEPTH) throw tooDeep();
    this.#count++;
    if (this.#open.size > 0) this.#aliased++;
    const many = this.#aliased > 100 && this.#count > 1000;
    const share = Math.min(0.99, Math.max(0.1, 0.99 - 0.89 * (this.#count - 4e5) / 3.6e6));
    if (many && this.#aliased / this.#count > share) throw failure("excessive aliasing");
  }

  #followed<T>(alias: Node & { kind: "alias" }, use: (target: Node) => T): T {
    if (this.#open.has(alias)) throw failure("anchor value contains itself");
    this.#open.add(alias);
    const result = use(alias.target);
    this.#open.delete(alias);
    return result;
  }

  #key(node: Node): string {
    if (node.kind === "alias") return this.#followed(node, (target) => this.#key(target));
    if (node.kind !== "scalar") throw failure("invalid map key");
    return wellFormed(keyText(scalarOf(node.text, node.tag)));
  }

  /** Adds what is not there yet: a mapping's own members, then what it merges. */
  #members(node: Node & { kind: "map" }, members: Map<string, Value>, depth: number): void {
    const own = new Map<string, Value>();
    const merges: Node[] = [];
    for (const [key, value] of node.pairs) {
      if (key.kind === "scalar" && key.text === "<<" && key.tag === "!!merge") merges.push(value);
      else own.set(this.#key(key), this.value(value, depth));
    }
    for (const [key, value] of own) if (!members.has(key)) members.set(key, value);
    for (const merge of merges) {
      for (const item of merge.kind === "seq" ? merge.items : [merge]) {
        this.#merge(item, members, depth + 1);
      }
    }
  }

  #merge(node: Node, members: Map<string, Value>, depth: number): void {
    this.#pay(depth);
    const target = node.kind === "alias" ? node.target : node;
    if (target.kind !== "map") throw failure("map merge requires map or sequence of maps");
    if (node.kind === "map") this.#members(node, members, depth);
    else if (node.kind === "alias") {
      this.#followed(node, () => this.#members(target, members, depth));
    }
  }
}

function unmarshal(text: string, spend: Spend): Value {
  spend(text.length / 4);
  // deno-lint-ignore no-control-regex
  if (/[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) {
    throw failure("control characters are not allowed");
  }
  try {
    const composer = new Composer({
      schema: "failsafe",
      uniqueKeys: false,
      resolveKnownTags: false,
    });
    const loader = new Loader(spend);
    let first: Node | undefined;
    for (const document of composer.compose(new Parser().parse(text))) {
      if (document.errors.length > 0) throw failure("invalid YAML");
      const node = loader.node(document.contents);
      first ??= node;
    }
    return first ? new Decoder(spend).value(first) : null;
  } catch (error) {
    // The package runs out of stack where text is nested thousands of levels deep.
    throw error instanceof RangeError ? tooDeep() : error;
  }
}

function isValid(text: string, spend: Spend): boolean {
  try {
    return unmarshal(text, spend) !== undefined;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}

const OLD_WORDS = /^(?:y|yes|on|n|no|off)$/i;
const BASE_60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const TIMESTAMP =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]| (?!.*(?:Z|[-+]\d\d:\d\d)$))(\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/;
const NOT_PLAIN = /^[#,[\]{}&*!|>'"%@`]|^[?:-](?= |$)|:(?= |$)| #|^---|^\.\.\.|^ | $/;
const UNPRINTABLE = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\x85": "N",
  "\u2028": "L",
  "\u2029": "P",
};
