/**
 * Reading objects of the Python package as pydantic's lax mode reads them:
 * unknown members are ignored but counted, every problem has its path.
 *
 * @module
 */

import { type Issue, type ParseCode, ParseError } from "../base/errors.ts";
import type { Limits } from "../base/limits.ts";
import { isWellFormed } from "../bytes/canonical.ts";
import { jsonPointer } from "../bytes/encoding.ts";
import { JsonNumber } from "../bytes/json_text.ts";
import type { JsonObject } from "../lineage/reader.ts";
import { pythonFloatOf, pythonInt } from "./python_json.ts";

/** What is read, in messages. */
export const WHAT = "The Python passport";

type Path = readonly string[];

/** Throws about one problem. */
export function refuse(code: ParseCode, path: string, message: string): never {
  throw new ParseError(WHAT, [{ code, path, message }]);
}

/** Whether a value is a JSON object; a kept number is none. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof JsonNumber);
}

/** What reading one passport came upon. */
export class PythonReading {
  readonly limits: Limits;
  /** Where the passport lies in the document. */
  readonly root: Path;
  /** Pointers, from the passport, of the first members that Python ignores. */
  readonly uncovered: string[] = [];
  /** How many such members there are. */
  uncoveredCount = 0;
  readonly #issues: Issue[] = [];

  constructor(limits: Limits, root: Path) {
    this.limits = limits;
    this.root = root;
  }

  /** Notes a problem; throws all of them once there are enough. */
  issue(code: ParseCode, path: Path, message: string): void {
    this.#issues.push({ code, path: jsonPointer([...this.root, ...path]), message });
    if (this.#issues.length >= this.limits.issues) this.finish();
  }

  /** Notes a member that Python ignores. */
  ignored(path: Path): void {
    this.uncoveredCount++;
    if (this.uncovered.length < this.limits.issues) this.uncovered.push(jsonPointer(path));
  }

  /** Throws if there were problems. */
  finish(): void {
    const [first, ...others] = this.#issues;
    if (first) throw new ParseError(WHAT, [first, ...others]);
  }

  /** A string within the limits that UTF-8 can hold; `""` after a problem. */
  text(value: unknown, path: Path): string {
    const most = this.limits.stringLength;
    if (typeof value !== "string") {
      this.issue("FIELD_TYPE", path, "Expected a string");
    } else if (value.length > most) {
      this.issue("LIMIT", path, `String longer than ${most} characters`);
    } else if (!isWellFormed(value)) {
      this.issue("UTF8", path, "String holds a lone surrogate");
    } else return value;
    return "";
  }
}

/** One object of a passport. */
export class PythonObject {
  /** Its members; none if the value is no object. */
  readonly members: JsonObject;
  readonly #reading: PythonReading;
  readonly #path: Path;

  /** @param known The members that Python reads; without it, the names are data. */
  constructor(reading: PythonReading, value: unknown, path: Path, known?: ReadonlySet<string>) {
    this.#reading = reading;
    this.#path = path;
    this.members = isObject(value) ? value : {};
    if (!isObject(value)) reading.issue("FIELD_TYPE", path, "Expected an object");
    if (known === undefined) return;
    for (const name of Object.keys(this.members)) {
      if (!known.has(name)) reading.ignored([...path, name]);
    }
  }

  #has(name: string): boolean {
    return Object.hasOwn(this.members, name);
  }

  #issue(code: ParseCode, name: string, message: string): void {
    this.#reading.issue(code, [...this.#path, name], message);
  }

  /** Whether a member is there; a missing one is a problem. */
  require(name: string): boolean {
    if (this.#has(name)) return true;
    this.#issue("FIELD_MISSING", name, "Expected this member");
    return false;
  }

  /** An object; empty if it is missing. */
  object(name: string, known?: ReadonlySet<string>): PythonObject {
    const value = this.#has(name) ? this.members[name] : {};
    return new PythonObject(this.#reading, value, [...this.#path, name], known);
  }

  /** The name of a member, where names are data. */
  name(name: string): string {
    return this.#reading.text(name, [...this.#path, name]);
  }

  #text(name: string): string {
    return this.#reading.text(this.members[name], [...this.#path, name]);
  }

  /** A required string. */
  text(name: string): string {
    return this.require(name) ? this.#text(name) : "";
  }

  /** A string; `missing` if the member is missing. */
  textOr(name: string, missing: string): string {
    return this.#has(name) ? this.#text(name) : missing;
  }

  /** A string or `null`; `null` if the member is missing. */
  textOrNull(name: string): string | null {
    return !this.#has(name) || this.members[name] === null ? null : this.#text(name);
  }

  /** Strings; none if the member is missing. */
  texts(name: string, most = Infinity): readonly string[] {
    if (!this.#has(name)) return Object.freeze([]);
    const value = this.members[name];
    if (!Array.isArray(value)) {
      this.#issue("FIELD_TYPE", name, "Expected an array");
    } else if (value.length > most) {
      this.#issue("LIMIT", name, `More than ${most} items`);
    } else {
      const path = [...this.#path, name];
      const read = (item: unknown, i: number) => this.#reading.text(item, [...path, String(i)]);
      return Object.freeze(Array.from(value, read));
    }
    return [];
  }

  /** Strings by name; none if the member is missing. */
  textMap(name: string): Readonly<Record<string, string>> {
    const map = this.object(name);
    const result: Record<string, string> = Object.create(null);
    for (const key of Object.keys(map.members)) result[map.name(key)] = map.#text(key);
    return Object.freeze(result);
  }

  /** Decimal digits of a required integer. */
  int(name: string): string {
    if (!this.require(name)) return "0";
    const value = this.members[name];
    const digits = pythonInt(value);
    if (digits !== undefined) return digits;
    const lost = Number.isInteger(value);
    this.#issue(
      "FIELD_TYPE",
      name,
      lost ? "Its digits were lost when it was parsed: pass the text" : "Expected an integer",
    );
    return "0";
  }

  /** A float; `missing` if the member is missing. */
  floatOr(name: string, missing: number): number {
    if (!this.#has(name)) return missing;
    const value = pythonFloatOf(this.members[name]);
    if (value === undefined) this.#issue("FIELD_TYPE", name, "Expected a number");
    return value ?? missing;
  }
}
