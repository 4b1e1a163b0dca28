/**
 * Checking untrusted JSON values member by member: closed member sets, own
 * properties only, every problem with its path (SPEC 2.3). Values are checked
 * where they lie; nothing is copied.
 *
 * @module
 */

import type { Issue, ParseCode } from "../base/errors.ts";
import type { Limits } from "../base/limits.ts";
import { isWellFormed } from "../bytes/canonical.ts";
import { isHash, jsonPointer, printable } from "../bytes/encoding.ts";
import { isPrototypeName, VALUE_LENGTH } from "./names.ts";

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Thrown to stop reading once enough problems are listed. */
export class TooManyIssues extends Error {}

/** A member or an item; `undefined` is the whole value. */
type Part = string | number | undefined;

/** Collects problems while values are checked, and counts the members it saw. */
export class Reader {
  readonly limits: Limits;
  readonly issues: Issue[] = [];
  /** Object members seen so far: equal to those in the text unless some are duplicates. */
  members = 0;
  readonly #path: Part[] = [];

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Notes a problem at the current path, or at a member below it. */
  issue(code: ParseCode, message: string, ...below: readonly Part[]): void {
    const path = jsonPointer([...this.#path, ...below].filter((part) => part !== undefined));
    this.issues.push({ code, path, message });
    if (this.issues.length >= this.limits.issues) throw new TooManyIssues();
  }

  /** Checks with the path one step deeper. */
  at<T>(part: Part, check: () => T): T {
    this.#path.push(part);
    const result = check();
    this.#path.pop();
    return result;
  }

  /** Notes that something else was expected at a member. */
  wrong(expected: string, found: unknown, part: Part, code: ParseCode = "FIELD_TYPE"): void {
    this.issue(code, `Expected ${expected}, found ${describe(found)}`, part);
  }

  /** The object at a member, as a record; `undefined` if it is none. */
  record(value: unknown, part: Part): JsonObject | undefined {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.wrong("an object", value, part);
      return undefined;
    }
    this.members += Object.keys(value).length;
    return value as JsonObject;
  }

  /** The object at a member, if its members are all known and all there. */
  object(
    value: unknown,
    part: Part,
    required: ReadonlySet<string>,
    optional: ReadonlySet<string> = NO_NAMES,
  ): JsonObject | undefined {
    const object = this.record(value, part);
    if (object === undefined) return undefined;
    let known = 0;
    for (const name of Object.keys(object)) {
      if (required.has(name)) known++;
      else if (!optional.has(name)) this.#unknown(part, name);
    }
    if (known === required.size) return object;
    for (const name of required) {
      if (!Object.hasOwn(object, name)) {
        this.issue("FIELD_MISSING", "Member is missing", part, name);
      }
    }
    return undefined;
  }

  #unknown(part: Part, name: string): void {
    if (isPrototypeName(name)) {
      this.issue("JSON_PROTO", "Name is reserved by JavaScript", part, name);
    } else {
      const message = "Unknown member; other programs' members go under extensions";
      this.issue("FIELD", message, part, name);
    }
  }

  /** Checks every item of the array at a member; the array, or an empty one. */
  array<T>(
    value: unknown,
    part: Part,
    max: number,
    check: (reader: this, item: unknown, index: number) => void,
  ): readonly T[] {
    if (!Array.isArray(value)) {
      this.wrong("an array", value, part);
      return [];
    }
    if (value.length > max) {
      this.issue("LIMIT", `Array of ${value.length} items; at most ${max} are read`, part);
      return [];
    }
    if (value.length > 0) {
      this.#path.push(part);
      for (let index = 0; index < value.length; index++) check(this, value[index], index);
      this.#path.pop();
    }
    return value;
  }

  /** Any well-formed string of at most {@linkcode VALUE_LENGTH} units. */
  text(value: unknown, part: Part, max: number = VALUE_LENGTH): void {
    if (typeof value !== "string") return this.wrong("a string", value, part);
    if (value.length > max) {
      this.issue("LIMIT", `String of ${value.length} characters; at most ${max} are read`, part);
    }
    if (!isWellFormed(value)) this.issue("UTF8", "String holds a lone surrogate", part);
  }

  /** As {@linkcode text}, or `null`. */
  nullableText(value: unknown, part: Part, max?: number): void {
    if (value !== null) this.text(value, part, max);
  }

  /** A string that passes a test. */
  match(
    value: unknown,
    part: Part,
    expected: string,
    test: (text: string) => boolean,
    code: ParseCode = "FIELD_TYPE",
  ): void {
    if (typeof value !== "string" || !test(value)) this.wrong(expected, value, part, code);
  }

  /** 64 lowercase hex digits. */
  hash(value: unknown, part: Part): void {
    if (!isHash(value)) this.wrong("64 lowercase hex digits", value, part, "HASH");
  }

  /** A safe integer that is not negative. */
  count(value: unknown, part: Part): void {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      this.wrong("an integer from 0 to 2^53-1", value, part);
    }
  }

  /** A number from 0 to 1. */
  score(value: unknown, part: Part): void {
    if (typeof value !== "number" || !(value >= 0 && value <= 1)) {
      this.wrong("a number from 0 to 1", value, part, "TRUST_SCORE");
    }
  }

  /** One of some values. */
  oneOf(value: unknown, part: Part, choices: readonly unknown[]): void {
    if (choices.includes(value)) return;
    const names = choices.map((choice) => JSON.stringify(choice)).join(", ");
    this.wrong(`one of ${names}`, value, part);
  }
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** A value in a message: short, and without characters that could forge output. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (value === undefined) return "nothing";
  const text = printable(JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
