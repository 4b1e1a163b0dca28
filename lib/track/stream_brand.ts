/**
 * Tells streaming results apart without importing what makes them.
 *
 * @module
 */

/** Marks the class of streaming results. */
export const STREAM: unique symbol = Symbol("kest.stream");

/** Whether a value is a streaming result of a verified function. */
export function isKestStream(value: unknown): boolean {
  return typeof value === "object" && value !== null && STREAM in value;
}
