/**
 * The facts of all entries in columns: arrays that a worker hands to the page in
 * no time, whatever the size.
 *
 * @module
 */

import type { EntryFacts } from "../graph/facts.ts";

/** Many texts in one buffer: handing over a hundred thousand strings would block the page. */
export interface PackedTexts {
  /** UTF-8 of all texts. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each starts; one longer than the texts. */
  readonly start: Int32Array<ArrayBuffer>;
}

/** Texts of which there are few, and the number of each entry's; -1: it has none. */
export interface Shared {
  readonly texts: readonly string[];
  readonly of: Int32Array<ArrayBuffer>;
}

/** What an entry can record, by number. */
export const KINDS = ["originate", "step", "declassify", "denied", "failed", "missing"] as const;

/** The facts of all entries. The arrays are shared and must not be written. */
export interface Columns {
  /** Entries, missing ones included. */
  readonly size: number;
  /** Entries that some other names as a parent and that are not there. */
  readonly missing: number;
  readonly ids: PackedTexts;
  readonly hashes: PackedTexts;
  readonly nodes: Shared;
  readonly keys: Shared;
  readonly origins: Shared;
  /** Index in {@linkcode KINDS}. */
  readonly kind: Uint8Array<ArrayBuffer>;
  /** `NaN` where there is none. */
  readonly trust: Float64Array<ArrayBuffer>;
  /** Milliseconds since 1970; `NaN` where there is none. */
  readonly time: Float64Array<ArrayBuffer>;
  /** All taints, and those each entry is stored with: `taintOf` from its start to the next. */
  readonly taints: readonly string[];
  readonly taintStart: Int32Array<ArrayBuffer>;
  readonly taintOf: Int32Array<ArrayBuffer>;
}

function pack(facts: readonly EntryFacts[], textOf: (facts: EntryFacts) => string): PackedTexts {
  const encoder = new TextEncoder();
  const texts = facts.map((each) => textOf(each).toWellFormed());
  const joined = texts.join("");
  const bytes = encoder.encode(joined);
  // One byte for each character, but in the ids of broken passports.
  const isAscii = bytes.length === joined.length;
  const start = new Int32Array(texts.length + 1);
  texts.forEach((text, index) => {
    start[index + 1] = start[index]! + (isAscii ? text.length : encoder.encode(text).length);
  });
  return { bytes, start };
}

const decoder = new TextDecoder();

/** One of many texts. */
export function textAt({ bytes, start }: PackedTexts, index: number): string {
  return decoder.decode(bytes.subarray(start[index], start[index + 1]));
}

/** Where a text stands among many; -1: nowhere. */
export function indexOfText({ bytes, start }: PackedTexts, text: string): number {
  const wanted = new TextEncoder().encode(text);
  const isAt = (from: number) => wanted.every((byte, i) => bytes[from + i] === byte);
  for (let index = 0; index + 1 < start.length; index++) {
    if (start[index + 1]! - start[index]! === wanted.length && isAt(start[index]!)) return index;
  }
  return -1;
}

class Interned {
  readonly #numbers = new Map<string, number>();

  number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) this.#numbers.set(text, number = this.#numbers.size);
    return number;
  }

  get texts(): string[] {
    return [...this.#numbers.keys()];
  }
}

function share(
  facts: readonly EntryFacts[],
  textOf: (facts: EntryFacts) => string | null | undefined,
): Shared {
  const interned = new Interned();
  const of = Int32Array.from(facts, (each) => {
    const text = textOf(each);
    return text === null || text === undefined ? -1 : interned.number(text);
  });
  return { texts: interned.texts, of };
}

/** The columns of some facts. */
export function columnsOf(facts: readonly EntryFacts[]): Columns {
  const interned = new Interned();
  const taintStart = new Int32Array(facts.length + 1);
  const taintOf: number[] = [];
  facts.forEach(({ accumulatedTaint }, index) => {
    for (const taint of accumulatedTaint) taintOf.push(interned.number(taint));
    taintStart[index + 1] = taintOf.length;
  });
  return {
    size: facts.length,
    missing: facts.filter(({ kind }) => kind === "missing").length,
    ids: pack(facts, ({ id }) => id),
    hashes: pack(facts, ({ hash }) => hash),
    nodes: share(facts, ({ nodeId }) => nodeId),
    keys: share(facts, ({ keyId }) => keyId),
    origins: share(facts, ({ origin }) => origin?.userId),
    kind: Uint8Array.from(facts, ({ kind }) => KINDS.indexOf(kind)),
    trust: Float64Array.from(facts, ({ trustScore }) => trustScore ?? NaN),
    time: Float64Array.from(facts, ({ timestampMs }) => timestampMs ?? NaN),
    taints: interned.texts,
    taintStart,
    taintOf: Int32Array.from(taintOf),
  };
}
