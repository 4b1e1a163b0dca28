/**
 * How far long work is, on standard error and only where that is a terminal.
 *
 * @module
 */

import type { CliIo } from "./io.ts";

/** Milliseconds before anything is shown, and between two times. */
const FIRST_MS = 1_000;
const EACH_MS = 200;

/** One line that is written again and again. */
export class Progress {
  readonly #io: CliIo;
  readonly #what: string;
  readonly #total: number;
  #done = 0;
  #next: number;
  #shown = 0;

  constructor(io: CliIo, what: string, total: number) {
    this.#io = io;
    this.#what = what;
    this.#total = total;
    this.#next = io.errorIsTTY ? io.now() + FIRST_MS : Infinity;
  }

  /** One more is done. */
  step(): void {
    this.#done++;
    if (this.#next === Infinity || this.#io.now() < this.#next) return;
    this.#next = this.#io.now() + EACH_MS;
    const line = `${this.#done} of ${this.#total} ${this.#what}`;
    this.#io.stderr(`\r${line}`);
    this.#shown = line.length;
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shown > 0) this.#io.stderr(`\r${" ".repeat(this.#shown)}\r`);
  }
}
