/**
 * Numbers as OPA has them: exact integers of any size, other numbers with 64
 * bits of mantissa, literals kept as they were written.
 *
 * @module
 */

/** A number that no double holds, or whose literal a double would not keep (`1.0`, `1e3`). */
export class Decimal {
  /** An RFC 8259 number literal. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * A number: a `number` (an integer among them is safe, unless it came in from
 * JSON), a `bigint` beyond 2^53, or a {@linkcode Decimal}.
 */
export type Numeric = number | bigint | Decimal;

// TODO(number): written by the numbers owner; the signatures below are fixed.

/** Reads a number literal; `undefined` if its exponent is beyond what is supported. */
export function parseNumber(_text: string): Numeric | undefined {
  throw new Error("not yet");
}

/** The literal of a number, as JSON has it. */
export function numberText(_value: Numeric): string {
  throw new Error("not yet");
}

/** Equal numbers have equal keys: safe integers and doubles as `number`, larger integers as `bigint`, others as text. */
export function numberKey(_value: Numeric): number | bigint | string {
  throw new Error("not yet");
}

export function compareNumbers(_a: Numeric, _b: Numeric): number {
  throw new Error("not yet");
}

/** The value as a safe integer, `undefined` if it is none. `1.0` is the integer 1. */
export function toSafeInteger(_value: Numeric): number | undefined {
  throw new Error("not yet");
}

/** The value as an integer of any size, `undefined` if it has a fraction. */
export function toBigInt(_value: Numeric): bigint | undefined {
  throw new Error("not yet");
}

/** The nearest double. */
export function toDouble(_value: Numeric): number {
  throw new Error("not yet");
}

/** A `bigint` as a number value: `number` if it is safe. */
export function fromBigInt(_value: bigint): Numeric {
  throw new Error("not yet");
}

export function add(_a: Numeric, _b: Numeric): Numeric {
  throw new Error("not yet");
}
export function subtract(_a: Numeric, _b: Numeric): Numeric {
  throw new Error("not yet");
}
export function multiply(_a: Numeric, _b: Numeric): Numeric {
  throw new Error("not yet");
}
/** `undefined` for division by zero. */
export function divide(_a: Numeric, _b: Numeric): Numeric | undefined {
  throw new Error("not yet");
}
