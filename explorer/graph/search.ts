/**
 * Search over all entries, fast enough for every key that is pressed.
 *
 * @module
 */

import { Column } from "./column.ts";
import type { EntryFacts } from "./facts.ts";
import { type Field, FIELDS, type Term, termsOf } from "./query.ts";

const TEXTS: Readonly<Record<Field, (facts: EntryFacts) => Iterable<string>>> = {
  node: (facts) => [facts.nodeId],
  // As one text: looking for both costs no more than looking for one.
  entry: (facts) => [`${facts.id} ${facts.hash}`],
  kind: (facts) => [facts.kind],
  taint: (facts) => facts.accumulatedTaint,
  added: (facts) => facts.addedTaint,
  removed: (facts) => facts.removedTaint,
  label: (facts) => Object.entries(facts.labels).map(([name, value]) => `${name}=${value}`),
  origin: (facts) => facts.origin === null ? [] : [facts.origin.userId, facts.origin.sessionId],
  key: (facts) => facts.keyId === null ? [] : [facts.keyId],
};

/** Keeps what is marked as wanted. */
function narrow(fits: Uint8Array, marks: Uint8Array, wanted: number): void {
  for (let node = 0; node < fits.length; node++) if (marks[node] !== wanted) fits[node] = 0;
}

/** The numbers of what is set, ascending. */
function numbersOf(set: Uint8Array): Int32Array {
  const numbers = new Int32Array(set.length);
  let count = 0;
  for (let node = 0; node < set.length; node++) if (set[node] === 1) numbers[count++] = node;
  return numbers.subarray(0, count);
}

/** An index of entries; `query.ts` says what can be asked. */
export class SearchIndex {
  readonly #size: number;
  readonly #columns: ReadonlyMap<Field, Column>;
  /** The terms of the last query, which the next most likely begins with. */
  readonly #known = new Map<string, Uint8Array>();

  /** @param facts The entries, by number. */
  constructor(facts: readonly EntryFacts[]) {
    this.#size = facts.length;
    this.#columns = new Map(
      FIELDS.map((field) => [
        field,
        new Column(facts.length, (node) => TEXTS[field](facts[node]!)),
      ]),
    );
  }

  /** Entries that a term fits, as marks. */
  #marksOf({ field, text }: Term): Uint8Array {
    const marks = new Uint8Array(this.#size);
    if (field !== null) this.#columns.get(field)!.mark(text, marks);
    else for (const column of this.#columns.values()) column.mark(text, marks);
    return marks;
  }

  /** The entries that a query finds, ascending. An empty query finds all. */
  find(query: string): Int32Array {
    const terms = termsOf(query);
    const known = new Map(this.#known);
    this.#known.clear();
    const fits = new Uint8Array(this.#size).fill(1);
    for (const term of terms) {
      const name = `${term.field}:${term.text}`;
      const marks = known.get(name) ?? this.#marksOf(term);
      this.#known.set(name, marks);
      narrow(fits, marks, term.not ? 0 : 1);
    }
    return numbersOf(fits);
  }
}
