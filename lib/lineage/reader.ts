/**
 * Reading untrusted JSON values member by member: closed member sets, own
 * properties only, every problem with its path (SPEC 2.3).
 *
 * @module
 */

import type { Issue, ParseCode } from "../base/errors.ts";
import type { Limits } from "../base/limits.ts";
import { isWellFormed } from "../bytes/canonical.ts";
import { isHash, jsonPointer, printable } from "../bytes/encoding.ts";
import { isPrototypeName } from "./names.ts";

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Thrown to stop reading once enough problems are listed. */
export class TooManyIssues extends Error {}

/** Collects problems while values are read, and counts the members it saw. */
export class Reader {
  readonly limits: Limits;
  readonly issues: Issue[] = [];
  /** Object members read so far: equal to those in the text unless some are duplicates. */
  members = 0;
  readonly #path: (string | number)[] = [];

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Notes a problem at the current path, or at a member below it. */
  issue(code: ParseCode, message: string, ...below: (string | number)[]): void {
    this.issues.push({ code, path: jsonPointer([...this.#path, ...below]), message });
    if (this.issues.length >= this.limits.issues) throw new TooManyIssues();
  }

  /** Reads with the path one step deeper. */
  at<T>(part: string | number, read: () => T): T {
    this.#path.push(part);
    const value = read();
    this.#path.pop();
    return value;
  }

  /** An object whose members are all known and all there; `undefined` otherwise. */
  object(
    value: unknown,
    required: ReadonlySet<string>,
    optional: ReadonlySet<string> = NO_NAMES,
  ): JsonObject | undefined {
    const object = this.record(value);
    if (object === undefined) return undefined;
    let known = 0;
    for (const name of Object.keys(object)) {
      if (required.has(name)) known++;
      else if (!optional.has(name)) this.#unknown(name);
    }
    if (known === required.size) return object;
    for (const name of required) {
      if (!Object.hasOwn(object, name)) this.issue("FIELD_MISSING", "Member is missing", name);
    }
    return undefined;
  }

  #unknown(name: string): void {
    if (isPrototypeName(name)) this.issue("JSON_PROTO", "Name is reserved by JavaScript", name);
    else this.issue("FIELD", "Unknown member; other programs' members go under extensions", name);
  }

  /** Any object, as a record. */
  record(value: unknown): JsonObject | undefined {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return this.#wrong("an object", value);
    }
    this.members += Object.keys(value).length;
    return value as JsonObject;
  }

  /** An array; each item is read at its index. */
  array<T>(value: unknown, max: number, read: (item: unknown) => T | undefined): readonly T[] {
    if (!Array.isArray(value)) return this.#wrong("an array", value) ?? [];
    if (value.length > max) {
      this.issue("LIMIT", `Array of ${value.length} items; at most ${max} are read`);
      return [];
    }
    const items: T[] = [];
    for (let index = 0; index < value.length; index++) {
      this.#path.push(index);
      const item = read(value[index]);
      this.#path.pop();
      if (item !== undefined) items.push(item);
    }
    return Object.freeze(items);
  }

  /** A well-formed string that passes `test`. */
  string(
    value: unknown,
    expected = "a string",
    test?: (text: string) => boolean,
    code: ParseCode = "FIELD_TYPE",
  ): string {
    if (typeof value !== "string") return this.#wrong(expected, value) ?? "";
    if (test !== undefined) {
      if (!test(value)) this.#wrong(expected, value, code);
    } else if (!isWellFormed(value)) {
      this.issue("UTF8", "String holds a lone surrogate");
    }
    return value;
  }

  /** 64 lowercase hex digits. */
  hash(value: unknown): string {
    if (isHash(value)) return value;
    this.#wrong("64 lowercase hex digits", value, "HASH");
    return "";
  }

  /** A safe integer that is not negative. */
  count(value: unknown): number {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    return this.#wrong("an integer from 0 to 2^53-1", value) ?? 0;
  }

  /** A number from 0 to 1. */
  score(value: unknown): number {
    if (typeof value === "number" && value >= 0 && value <= 1) return value;
    return this.#wrong("a number from 0 to 1", value, "TRUST_SCORE") ?? 0;
  }

  /** One of some strings. */
  oneOf<T extends string | boolean | null>(value: unknown, choices: readonly T[]): T {
    if (choices.includes(value as T)) return value as T;
    this.#wrong(`one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}`, value);
    return choices[0]!;
  }

  /** A string or `null`. */
  nullable(value: unknown, read: (value: unknown) => string): string | null {
    return value === null ? null : read(value);
  }

  #wrong(expected: string, found: unknown, code: ParseCode = "FIELD_TYPE"): undefined {
    this.issue(code, `Expected ${expected}, found ${describe(found)}`);
    return undefined;
  }
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** A value in a message: short, and without characters that could forge output. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (value === undefined) return "nothing";
  const text = printable(JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
