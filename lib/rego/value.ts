/**
 * Rego's values. Documents from outside are plain JSON values and are used as
 * they are, without a copy; what a policy makes are {@linkcode RegoSet},
 * {@linkcode RegoObject} and arrays. Values are never changed once made.
 *
 * @module
 */

import {
  compareNumbers,
  Decimal,
  integerText,
  numberKey,
  numberText,
  type Numeric,
} from "./number.ts";
import { pay } from "./pay.ts";
import { quote } from "./quote.ts";

export { payingWith } from "./pay.ts";
export type { Numeric };

/** A JSON object as it came in: own properties only. */
export interface JsonObject {
  readonly [key: string]: Value;
}

/** Any Rego value. `undefined` is not one of them: it is Rego's undefined. */
export type Value =
  | null
  | boolean
  | Numeric
  | string
  | readonly Value[]
  | JsonObject
  | RegoObject
  | RegoSet;

/** What stands for a value in a `Map`: equal values have equal keys. */
export type Key = null | boolean | number | string;

/** A set. Iterates in the order of its members. */
export class RegoSet {
  readonly #members = new Map<Key, Value>();
  #sorted: readonly Value[] | undefined;

  constructor(members?: Iterable<Value>) {
    if (members) { for (const member of members) this.add(member); }
  }

  get size(): number {
    return this.#members.size;
  }

  /** Only while the set is being made. */
  add(member: Value): void {
    const key = keyOf(member);
    if (this.#members.has(key)) return;
    this.#members.set(key, member);
    this.#sorted = undefined;
  }

  has(member: Value): boolean {
    return this.#members.has(keyOf(member));
  }

  /** The members, ascending. */
  sorted(): readonly Value[] {
    return this.#sorted ??= [...this.#members.values()].sort(compare);
  }

  [Symbol.iterator](): Iterator<Value> {
    return this.sorted()[Symbol.iterator]();
  }
}

/** An object made by a policy: any value may be a key. */
export class RegoObject {
  readonly #members = new Map<Key, [Value, Value]>();
  #sorted: readonly (readonly [Value, Value])[] | undefined;

  constructor(entries?: Iterable<readonly [Value, Value]>) {
    if (entries) { for (const [key, value] of entries) this.set(key, value); }
  }

  get size(): number {
    return this.#members.size;
  }

  /** Only while the object is being made. A key stays as it was first written. */
  set(key: Value, value: Value): void {
    const at = keyOf(key);
    const known = this.#members.get(at);
    this.#members.set(at, [known ? known[0] : key, value]);
    this.#sorted = undefined;
  }

  get(key: Value): Value | undefined {
    return this.#members.get(keyOf(key))?.[1];
  }

  /** The entries, ascending by key. */
  sorted(): readonly (readonly [Value, Value])[] {
    return this.#sorted ??= [...this.#members.values()].sort((a, b) => compare(a[0], b[0]));
  }
}

/** A JSON object or a {@linkcode RegoObject}. */
export type ObjectValue = JsonObject | RegoObject;

export function isNumber(value: Value | undefined): value is Numeric {
  return typeof value === "number" || typeof value === "bigint" || value instanceof Decimal;
}

export function isString(value: Value | undefined): value is string {
  return typeof value === "string";
}

export function isArray(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

export function isSet(value: Value | undefined): value is RegoSet {
  return value instanceof RegoSet;
}

export function isObject(value: Value | undefined): value is ObjectValue {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof RegoSet) && !(value instanceof Decimal);
}

/** The member of an object, or `undefined`. */
export function objectGet(object: ObjectValue, key: Value): Value | undefined {
  if (object instanceof RegoObject) return object.get(key);
  return typeof key === "string" && Object.hasOwn(object, key) ? object[key] : undefined;
}

export function objectSize(object: ObjectValue): number {
  return object instanceof RegoObject ? object.size : keysOf(object).length;
}

/** Objects with fewer keys are listed for nothing. */
const FREE_KEYS = 64;

function keysOf(object: JsonObject): string[] {
  const keys = Object.keys(object);
  if (keys.length > FREE_KEYS) pay(keys.length / 4);
  return keys;
}

/** The keys of a JSON object, ascending by code point. */
function jsonKeys(object: JsonObject): string[] {
  const keys = keysOf(object);
  for (let i = 1; i < keys.length; i++) {
    if (compareStrings(keys[i - 1]!, keys[i]!) > 0) return keys.sort(compareStrings);
  }
  return keys;
}

/** The keys of an object, ascending. */
export function objectKeys(object: ObjectValue): readonly Value[] {
  return object instanceof RegoObject ? object.sorted().map(([key]) => key) : jsonKeys(object);
}

/** The entries of an object, ascending by key. */
export function objectEntries(object: ObjectValue): readonly (readonly [Value, Value])[] {
  return object instanceof RegoObject
    ? object.sorted()
    : jsonKeys(object).map((key) => [key, object[key]!] as const);
}

/** Characters of two strings that are compared for nothing. */
const FREE_TEXT = 256;

/** Ascending by code point, as Go orders UTF-8; JavaScript's `<` orders UTF-16 units. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    if (i > FREE_TEXT) pay(i / 16);
    const xHigh = x >= 0xd800 && x <= 0xdfff;
    const yHigh = y >= 0xd800 && y <= 0xdfff;
    return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
  }
  if (length > FREE_TEXT) pay(length / 16);
  return a.length - b.length;
}

/** Whether two strings are the same; one of another length is soon seen to be another. */
function isSameText(a: string, b: string): boolean {
  if (a.length > FREE_TEXT && a.length === b.length) pay(a.length / 256);
  return a === b;
}

/** The rank of a type: null, boolean, number, string, array, object, set. */
function rank(value: Value): number {
  switch (typeof value) {
    case "boolean":
      return 1;
    case "number":
    case "bigint":
      return 2;
    case "string":
      return 3;
  }
  if (value === null) return 0;
  if (Array.isArray(value)) return 4;
  if (value instanceof RegoSet) return 6;
  return value instanceof Decimal ? 2 : 5;
}

/** Rego's total order: negative, zero or positive. */
export function compare(a: Value, b: Value): number {
  if (typeof a === "string" && typeof b === "string") {
    return isSameText(a, b) ? 0 : compareStrings(a, b);
  }
  if (a === b) return 0;
  const rankA = rank(a);
  const rankB = rank(b);
  if (rankA !== rankB) return rankA - rankB;
  switch (rankA) {
    case 1:
      return a ? 1 : -1;
    case 2:
      return compareNumbers(a as Numeric, b as Numeric);
    case 4:
      return compareLists(a as readonly Value[], b as readonly Value[]);
    case 6:
      return compareLists((a as RegoSet).sorted(), (b as RegoSet).sorted());
    default:
      return compareObjects(a as ObjectValue, b as ObjectValue);
  }
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  const length = Math.min(a.length, b.length);
  pay(1 + length);
  for (let i = 0; i < length; i++) {
    const order = compare(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareObjects(a: ObjectValue, b: ObjectValue): number {
  const keysA = objectKeys(a);
  const keysB = objectKeys(b);
  const length = Math.min(keysA.length, keysB.length);
  pay(1 + length);
  for (let i = 0; i < length; i++) {
    const order = compare(keysA[i]!, keysB[i]!) ||
      compare(objectGet(a, keysA[i]!)!, objectGet(b, keysB[i]!)!);
    if (order !== 0) return order;
  }
  return keysA.length - keysB.length;
}

/** Rego's `==`. */
export function equal(a: Value, b: Value): boolean {
  if (typeof a === "string" && typeof b === "string") return isSameText(a, b);
  if (a === b) return true;
  if (typeof a !== "object" && typeof b !== "object") {
    // deno-lint-ignore eqeqeq -- a number and a bigint of one value are equal
    return (typeof a === "bigint" || typeof b === "bigint") && isNumber(a) && isNumber(b) && a == b;
  }
  return compare(a, b) === 0;
}

/** Composite keys begin with this; strings that begin with it are escaped. */
const MARK = "\0";

function numericKey(value: Numeric): Key {
  const key = numberKey(value);
  if (typeof key === "string") return `${MARK}n${key}`;
  // Integers of which only high bits differ would all fall together in a `Map`.
  return typeof key === "bigint" ? `${MARK}i${integerText(key, 16)}` : key;
}

/** What stands for a value in a `Map`. */
export function keyOf(value: Value): Key {
  switch (typeof value) {
    case "string":
      return value.startsWith(MARK) ? `${MARK}s${value}` : value;
    case "number":
      return Number.isSafeInteger(value) ? value : numericKey(value);
    case "bigint":
      return numericKey(value);
    case "boolean":
      return value;
  }
  if (value === null) return null;
  if (value instanceof Decimal) return numericKey(value);
  return `${MARK}c${termText(value)}`;
}

function canonicalNumber(value: Numeric): string {
  const key = numberKey(value);
  return typeof key === "bigint" ? integerText(key) : String(key);
}

/**
 * The value as Rego writes it: `{1, "a"}`, `{"k": [true]}`. Equal values have
 * equal texts if `canonical`, which is the default; else numbers keep their own.
 */
export function termText(value: Value, canonical = true): string {
  switch (typeof value) {
    case "string":
      pay(1 + value.length / 16);
      return quote(value);
    case "boolean":
      return value ? "true" : "false";
    case "number":
    case "bigint":
      return canonical ? canonicalNumber(value) : numberText(value);
  }
  if (value === null) return "null";
  if (value instanceof Decimal) return canonical ? canonicalNumber(value) : numberText(value);
  pay(1);
  if (isArray(value)) return `[${value.map((item) => termText(item, canonical)).join(", ")}]`;
  if (value instanceof RegoSet) {
    if (value.size === 0) return "set()";
    return `{${value.sorted().map((item) => termText(item, canonical)).join(", ")}}`;
  }
  const members = objectEntries(value).map(([key, member]) =>
    `${termText(key, canonical)}: ${termText(member, canonical)}`
  );
  return `{${members.join(", ")}}`;
}

/** Rego's name of a value's type. */
export function typeName(value: Value): string {
  return ["null", "boolean", "number", "string", "array", "object", "set"][rank(value)]!;
}
