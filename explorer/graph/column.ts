/**
 * One searchable field of all entries: each distinct text once, all in one
 * string, so that looking for a word is one scan.
 *
 * @module
 */

import { folded } from "./query.ts";

/** Longer texts are found by their beginning. */
export const MAX_TEXT = 4096;

/** The texts of one field. */
export class Column {
  readonly #text: string;
  /** Where each distinct text starts in {@linkcode #text}; one longer than the texts. */
  readonly #textStart: Int32Array;
  /** Where each text's nodes start in {@linkcode #nodes}. */
  readonly #nodeStart: Int32Array;
  readonly #nodes: Int32Array;

  /** @param textsOf The texts of each node. */
  constructor(size: number, textsOf: (node: number) => Iterable<string>) {
    const numbers = new Map<string, number>();
    const pairs: number[] = [];
    for (let node = 0; node < size; node++) {
      for (const text of textsOf(node)) {
        let number = numbers.get(text);
        if (number === undefined) numbers.set(text, number = numbers.size);
        pairs.push(number, node);
      }
    }
    const texts = Array.from(numbers.keys(), (text) => folded(text.slice(0, MAX_TEXT)));
    this.#text = texts.join("\n");
    this.#textStart = new Int32Array(texts.length + 1);
    texts.forEach((text, i) => this.#textStart[i + 1] = this.#textStart[i]! + text.length + 1);
    this.#nodeStart = new Int32Array(texts.length + 1);
    for (let i = 0; i < pairs.length; i += 2) this.#nodeStart[pairs[i]! + 1]!++;
    for (let i = 0; i < texts.length; i++) this.#nodeStart[i + 1]! += this.#nodeStart[i]!;
    const next = this.#nodeStart.slice();
    this.#nodes = new Int32Array(pairs.length / 2);
    for (let i = 0; i < pairs.length; i += 2) this.#nodes[next[pairs[i]!]!++] = pairs[i + 1]!;
  }

  /** Sets `marks` for every node that has a text with `word` in it. */
  mark(word: string, marks: Uint8Array): void {
    const start = this.#textStart;
    let number = 0;
    for (let at = this.#text.indexOf(word); at !== -1;) {
      number = this.#textAt(at, number);
      for (let i = this.#nodeStart[number]!; i < this.#nodeStart[number + 1]!; i++) {
        marks[this.#nodes[i]!] = 1;
      }
      at = this.#text.indexOf(word, start[number + 1]!);
    }
  }

  /** The text at a place, by doubling steps from one before it. */
  #textAt(place: number, from: number): number {
    const start = this.#textStart;
    let low = from;
    let step = 1;
    while (low + step < start.length - 1 && start[low + step]! <= place) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step, start.length - 1);
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (start[middle]! <= place) low = middle;
      else high = middle;
    }
    return low;
  }
}
