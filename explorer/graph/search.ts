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
  entry: (facts) => [facts.id],
  hash: (facts) => [facts.hash],
  kind: (facts) => [facts.kind],
  taint: (facts) => facts.accumulatedTaint,
  added: (facts) => facts.addedTaint,
  removed: (facts) => facts.removedTaint,
  label: (facts) => Object.entries(facts.labels).map(([name, value]) => `${name}=${value}`),
  origin: (facts) => facts.origin === null ? [] : [facts.origin.userId, facts.origin.sessionId],
  key: (facts) => facts.keyId === null ? [] : [facts.keyId],
};

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
    const marks = terms.map((term) => {
      const name = `${term.field}:${term.text}`;
      return [name, this.#known.get(name) ?? this.#marksOf(term)] as const;
    });
    this.#known.clear();
    for (const [name, each] of marks) this.#known.set(name, each);
    const found = new Int32Array(this.#size);
    let count = 0;
    for (let node = 0; node < this.#size; node++) {
      let fits = true;
      for (let i = 0; i < terms.length && fits; i++) {
        fits = (marks[i]![1][node] === 1) !== terms[i]!.not;
      }
      if (fits) found[count++] = node;
    }
    return found.subarray(0, count);
  }
}
