/**
 * Times: for people, and from them.
 *
 * @module
 */

/** The latest time that a `Date` can hold. */
const LATEST = 8.64e15;

/** A time for people; one beyond all calendars as it is. */
export function timeText(ms: number): string {
  return Math.abs(ms) <= LATEST ? new Date(ms).toISOString() : `${ms} ms`;
}

const ISO = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

/**
 * Milliseconds since 1970 from digits or ISO 8601 with a zone; a date alone is
 * its midnight in UTC. `undefined` for everything else.
 */
export function parseTime(text: string): number | undefined {
  const ms = /^\d+$/.test(text) ? Number(text) : ISO.test(text) ? Date.parse(text) : NaN;
  return ms <= LATEST ? ms : undefined;
}
