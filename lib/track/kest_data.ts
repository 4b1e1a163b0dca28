/**
 * Tracked values: data with its passport.
 *
 * @module
 */

import { TRACKED } from "../bytes/canonical.ts";
import { type Passport, passportFrom } from "../lineage/passport.ts";
import { currentFrame, type Tracked } from "./context.ts";

// TypeScript's `private` ends where JavaScript begins.
const TOKEN = Symbol("kest.data");

let trackedOf: (value: KestData<unknown>) => Tracked;
let rawOf: <T>(value: KestData<T>) => T;
let make: <T>(data: T, tracked: Tracked) => KestData<T>;
let isInstance: (value: object) => value is KestData<unknown>;

/**
 * A value that crossed a boundary, with the passport that says where it came
 * from. Only this module makes one: an object that merely looks like it is
 * plain data.
 *
 * @example
 * ```ts
 * import { KestData, originate } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const value = await originate({ id: 7 }, { taint: ["pii_data"] });
 * assert(value instanceof KestData);
 * assert.deepEqual(value.data, { id: 7 });
 * assert.deepEqual(value.passport.taints, ["pii_data"]);
 * ```
 */
export class KestData<T> {
  readonly #data: T;
  readonly #tracked: Tracked;

  static {
    trackedOf = (value) => value.#tracked;
    rawOf = (value) => value.#data;
    make = (data, tracked) => new KestData(data, tracked, TOKEN);
    isInstance = (value): value is KestData<unknown> => #tracked in value;
    Object.defineProperty(KestData.prototype, TRACKED, { value: true });
  }

  private constructor(data: T, tracked: Tracked, token: symbol) {
    if (token !== TOKEN) throw new TypeError("KestData is made by originate and verified only");
    this.#data = data;
    this.#tracked = tracked;
    Object.freeze(this);
  }

  /** The plain data. Reading it inside a verified call makes it a parent of that call. */
  get data(): T {
    currentFrame()?.addRead(this.#tracked);
    return this.#data;
  }

  /** Where the data came from. */
  get passport(): Passport {
    return passportFrom([this.#tracked.node], this.#tracked.seals);
  }

  /** The data and its passport, for handing both over as JSON. */
  toJSON(): { readonly data: T; readonly passport: Passport } {
    return { data: this.data, passport: this.passport };
  }
}

/** Whether a value is tracked. */
export function isTracked(value: unknown): value is KestData<unknown> {
  return typeof value === "object" && value !== null && isInstance(value);
}

/** The entry behind a tracked value. */
export function trackedEntry(value: KestData<unknown>): Tracked {
  return trackedOf(value);
}

/** The data of a tracked value, without noting that it was read. */
export function untrackedData<T>(value: KestData<T>): T {
  return rawOf(value);
}

/** A tracked value. */
export function track<T>(data: T, tracked: Tracked): KestData<T> {
  return make(data, tracked);
}
