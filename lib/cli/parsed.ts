/**
 * What the arguments of a command amount to.
 *
 * @module
 */

/** Arguments as they were given. */
export class Parsed {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  /** The operands, in order. */
  readonly operands: readonly string[];

  constructor(operands: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.operands = operands;
    this.#values = values;
  }

  /** Whether an option was given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value of an option; `undefined` if it was not given. */
  value(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  /** All values of an option; `undefined` if it was not given. */
  all(name: string): readonly string[] | undefined {
    return this.#values.get(name);
  }
}
