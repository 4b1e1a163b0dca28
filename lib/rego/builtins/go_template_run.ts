/**
 * Runs Go's text templates.
 *
 * @module
 */

import { type BuiltinContext, failure } from "../builtin.ts";
import { limitError } from "../limits.ts";
import { numberText } from "../number.ts";
import { pay } from "../pay.ts";
import {
  isArray,
  isNumber,
  isObject,
  isSet,
  isString,
  objectEntries,
  objectGet,
  objectSize,
  type ObjectValue,
  type Value,
} from "../value.ts";
import type { Operand, Pipeline, Template, TemplateNode } from "./go_template.ts";
import { bytesOf, textOf } from "./octets.ts";
import { formatText } from "./sprintf.ts";
import { escapeQuery } from "./urls.ts";

/** A number that the template made: Go's int, where documents have text of digits. */
class Count {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** `undefined`: Go's "no value". */
type Item = Value | Count | undefined;

function wrong(what: string): never {
  throw failure(`template: ${what}`);
}

/** Numbers of documents are texts of digits in Go, so that even 0 is true. */
function isTrue(item: Item): boolean {
  if (item === undefined || item === null || item === false) return false;
  if (item instanceof Count) return item.value !== 0;
  if (isString(item) || isArray(item)) return item.length > 0;
  return isObject(item) ? objectSize(item) > 0 : true;
}

function shown(item: Item, isTop = true): string {
  pay(isString(item as Value) ? (item as string).length / 16 : 1);
  if (item === undefined) return "<no value>";
  if (item === null) return isTop ? "<no value>" : "<nil>";
  if (item instanceof Count) return String(item.value);
  if (isString(item)) return item;
  if (isNumber(item)) return numberText(item);
  if (typeof item === "boolean") return String(item);
  if (isArray(item)) return `[${item.map((one) => shown(one, false)).join(" ")}]`;
  if (isSet(item)) return `[${item.sorted().map((one) => shown(one, false)).join(" ")}]`;
  return `map[${
    objectEntries(item).map(([k, v]) => `${shown(k, false)}:${shown(v, false)}`).join(" ")
  }]`;
}

/** What two items are compared by: Go compares only what is of one kind. */
function comparable(item: Item): string | number | boolean {
  if (item instanceof Count) return item.value;
  if (isNumber(item as Value)) return `${numberText(item as number)}`;
  if (isString(item as Value) || typeof item === "boolean") return item as string | boolean;
  return wrong("incompatible types for comparison");
}

function compare(a: Item, b: Item): number {
  const [x, y] = [comparable(a), comparable(b)];
  if (typeof x !== typeof y) wrong("incompatible types for comparison");
  if (typeof x === "string") pay(x.length / 64);
  return x < y ? -1 : x > y ? 1 : 0;
}

function paidBytes(text: string): Uint8Array {
  pay(text.length / 16);
  return bytesOf(text);
}

function sizeOf(item: Item): Count {
  if (isNumber(item as Value)) return new Count(numberText(item as number).length);
  if (isString(item as Value)) return new Count(paidBytes(item as string).length);
  if (isArray(item as Value)) return new Count((item as readonly Value[]).length);
  if (isObject(item as Value)) return new Count(objectSize(item as ObjectValue));
  return wrong("len of what has no length");
}

function indexed(item: Item, keys: readonly Item[]): Item {
  let found = item;
  for (const key of keys) {
    if (isArray(found as Value) && key instanceof Count) {
      const items = found as readonly Value[];
      if (key.value < 0 || key.value >= items.length) wrong("index out of range");
      found = items[key.value];
    } else if (isObject(found as Value) && isString(key as Value)) {
      found = objectGet(found as ObjectValue, key as string);
    } else wrong("cannot index");
  }
  return found;
}

/** `print`: spaces between operands of which neither is a string. */
function printed(items: readonly Item[]): string {
  return items.map((item, i) => {
    const before = items[i - 1];
    // Numbers of documents are texts too.
    const isText = (one: Item) => isString(one as Value) || isNumber(one as Value);
    const space = i > 0 && !isText(item) && !isText(before) ? " " : "";
    return space + shown(item, false);
  }).join("");
}

function isEqual(a: Item, b: Item): boolean {
  const isNil = (item: Item) => item === undefined || item === null;
  return isNil(a) || isNil(b) ? isNil(a) && isNil(b) : compare(a, b) === 0;
}

/** Part of an array, or bytes of a text. */
function sliced(item: Item, bounds: readonly Item[]): Item {
  const whole = isString(item as Value) ? paidBytes(item as string) : item;
  if (!isArray(whole as Value) && !(whole instanceof Uint8Array)) wrong("can't slice this");
  const { length } = whole as Uint8Array;
  const [from = 0, to = length] = bounds.map((bound) => bound instanceof Count ? bound.value : -1);
  if (from < 0 || to < from || to > length) wrong("index out of range");
  const part = (whole as Uint8Array).slice(from, to);
  return part instanceof Uint8Array ? textOf(part) : part;
}

/** What `printf` is given: numbers of documents are texts of digits. */
function operandOf(item: Item): Value {
  if (item instanceof Count) return item.value;
  return isString(item as Value) ? item as string : shown(item, false);
}

const HTML: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

const FUNCTIONS: Readonly<
  Record<string, (args: readonly Item[], context: BuiltinContext) => Item>
> = {
  and: (args) => args.every(isTrue) ? args.at(-1) : args[args.findIndex((arg) => !isTrue(arg))],
  or: (args) => args.some(isTrue) ? args.find(isTrue) : args.at(-1),
  not: ([arg]) => !isTrue(arg),
  len: ([arg]) => sizeOf(arg),
  index: ([arg, ...keys]) => indexed(arg, keys),
  print: printed,
  printf: ([format, ...args], context) => {
    if (!isString(format as Value)) wrong("printf needs a text");
    return formatText(format as string, args.map(operandOf), context);
  },
  html: (args) => printed(args).replace(/[\0"'&<>]/g, (character) => HTML[character]!),
  js: (args) =>
    printed(args).replace(
      // deno-lint-ignore no-control-regex
      /[\\'"<>&=\x00-\x1f]/g,
      (one) =>
        /[\\'"]/.test(one)
          ? `\\${one}`
          : `\\u${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
    ),
  urlquery: (args) => escapeQuery(printed(args)),
  slice: ([arg, ...bounds]) => sliced(arg, bounds),
  println: (args) => `${args.map((arg) => shown(arg, false)).join(" ")}\n`,
  eq: ([a, ...others]) => others.some((b) => isEqual(a, b)),
  ne: ([a, b]) => !isEqual(a, b),
  lt: ([a, b]) => compare(a, b) < 0,
  le: ([a, b]) => compare(a, b) <= 0,
  gt: ([a, b]) => compare(a, b) > 0,
  ge: ([a, b]) => compare(a, b) >= 0,
};

const MAX_DEPTH = 100;

type Signal = "break" | "continue" | undefined;

/** One rendering. */
class Renderer {
  readonly #context: BuiltinContext;
  readonly #templates: Template["templates"];
  readonly #variables: [name: string, value: Item][] = [];
  #depth = 0;
  text = "";

  constructor(context: BuiltinContext, templates: Template["templates"], root: Item) {
    this.#context = context;
    this.#templates = templates;
    this.#variables.push(["$", root]);
  }

  run(nodes: readonly TemplateNode[], dot: Item): Signal {
    for (const node of nodes) {
      this.#context.spend(1);
      const signal = this.#node(node, dot);
      if (signal) return signal;
    }
    return undefined;
  }

  #write(text: string): void {
    this.#context.spend(text.length / 16);
    this.text += text;
  }

  #node(node: TemplateNode, dot: Item): Signal {
    switch (node.kind) {
      case "text":
        return void this.#write(node.text);
      case "break":
      case "continue":
        return node.kind;
      case "template":
        return this.#template(node.name, node.pipeline && this.#pipeline(node.pipeline, dot));
      case "action": {
        const value = this.#pipeline(node.pipeline, dot);
        return node.pipeline.names.length > 0 ? undefined : void this.#write(shown(value));
      }
      default:
        return this.#scoped(() => this.#control(node, dot));
    }
  }

  /** Another template sees no variables of this one. */
  #template(name: string, dot: Item): undefined {
    const nodes = this.#templates.get(name) ?? wrong(`template ${name} not defined`);
    if (++this.#depth > MAX_DEPTH) throw limitError("templates are nested too deeply");
    const outer = this.#variables.splice(0);
    this.#variables.push(["$", dot]);
    this.run(nodes, dot);
    this.#variables.splice(0, Infinity, ...outer);
    this.#depth--;
  }

  /** Variables end with the block that declares them. */
  #scoped<T>(run: () => T): T {
    const { length } = this.#variables;
    const result = run();
    this.#variables.length = length;
    return result;
  }

  #control(node: Extract<TemplateNode, { kind: "if" | "range" | "with" }>, dot: Item): Signal {
    if (node.kind === "range") return this.#range(node, dot);
    const value = this.#pipeline(node.pipeline, dot);
    if (!isTrue(value)) return this.run(node.otherwise, dot);
    return this.run(node.body, node.kind === "with" ? value : dot);
  }

  #range(node: Extract<TemplateNode, { kind: "if" | "range" | "with" }>, dot: Item): undefined {
    const { names, ...pipeline } = node.pipeline;
    const entries = entriesOf(this.#pipeline({ ...pipeline, names: [] }, dot), this.#context);
    if (entries.length === 0) {
      this.run(node.otherwise, dot);
      return undefined;
    }
    for (const [key, item] of entries) {
      const signal = this.#scoped(() => {
        if (names.length === 1) this.#variables.push([names[0]!, item]);
        if (names.length === 2) this.#variables.push([names[0]!, key], [names[1]!, item]);
        return this.run(node.body, item);
      });
      if (signal === "break") break;
    }
    return undefined;
  }

  #pipeline({ names, declares, commands }: Pipeline, dot: Item): Item {
    let value: Item;
    commands.forEach((command, i) => {
      value = this.#command(command, dot, i > 0 ? [value] : []);
    });
    const [name] = names;
    if (name !== undefined && declares) this.#variables.push([name, value]);
    else if (name !== undefined) this.#variable(name)[1] = value;
    return value;
  }

  #variable(name: string): [string, Item] {
    this.#context.spend(this.#variables.length / 16);
    return this.#variables.findLast(([known]) => known === name) ??
      wrong(`undefined variable ${name}`);
  }

  #command([first, ...rest]: readonly Operand[], dot: Item, piped: readonly Item[]): Item {
    if (first!.kind !== "function") {
      if (rest.length + piped.length > 0) wrong("only functions take arguments");
      return this.#operand(first!, dot);
    }
    const { name } = first!;
    if (!Object.hasOwn(FUNCTIONS, name)) wrong(`function ${name} not defined`);
    const args = [...rest.map((operand) => this.#operand(operand, dot)), ...piped];
    if (args.length === 0) wrong(`wrong number of args for ${name}`);
    return FUNCTIONS[name]!(args, this.#context);
  }

  #operand(operand: Operand, dot: Item): Item {
    switch (operand.kind) {
      case "dot":
        return dot;
      case "nil":
        return wrong("nil is not a command");
      case "value":
        return typeof operand.value === "number" ? new Count(operand.value) : operand.value;
      case "variable":
        return this.#variable(operand.name)[1];
      case "function":
        return this.#command([operand], dot, []);
      case "pipeline":
        return this.#pipeline(operand.pipeline, dot);
      case "field": {
        const of = this.#operand(operand.of, dot);
        if (of === undefined) return undefined;
        if (of === null) return wrong(`nil has no field ${operand.name}`);
        return isObject(of as Value)
          ? objectGet(of as ObjectValue, operand.name)
          : wrong(`can't evaluate field ${operand.name}`);
      }
    }
  }
}

function entriesOf(item: Item, context: BuiltinContext): readonly (readonly [Item, Item])[] {
  if (item === undefined || item === null) return [];
  if (item instanceof Count) {
    context.spend(item.value);
    return Array.from({ length: Math.max(0, item.value) }, (_, i) => [new Count(i), new Count(i)]);
  }
  const entries = isArray(item)
    ? item.map((one, i) => [new Count(i), one] as const)
    : isObject(item)
    ? objectEntries(item)
    : wrong("range can't iterate over this");
  context.spend(entries.length);
  return entries;
}

/** The text that a template makes of its variables. */
export function renderTemplate(
  { nodes, templates }: Template,
  variables: ObjectValue,
  context: BuiltinContext,
): string {
  const renderer = new Renderer(context, templates, variables);
  renderer.run(nodes, variables);
  return renderer.text;
}
