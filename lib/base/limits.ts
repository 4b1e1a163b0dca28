/**
 * Named limits on everything that comes from outside (SPEC 2.2).
 *
 * @module
 */

/** Limits on untrusted input. All are inclusive maxima. */
export interface Limits {
  /** Bytes of a passport's text; UTF-16 units if it is given as a string. Default 256 MiB. */
  readonly bytes: number;
  /** Nesting of JSON arrays and objects. Default 64. */
  readonly depth: number;
  /** Entries in one passport. Default 250,000. */
  readonly entries: number;
  /** Parents of one entry. Default 100,000. */
  readonly parents: number;
  /** UTF-16 units of one string literal, escapes as written. Default 2 Mi. */
  readonly stringLength: number;
  /** Seals of one passport. Default 10,000. */
  readonly seals: number;
  /** Heads of all seals of one passport together. Default 10,000. */
  readonly sealHeads: number;
  /** Entries and edges visited to find what seals cover, in all. Default 20,000,000. */
  readonly sealWork: number;
  /** Problems that are listed before reading stops. Default 100. */
  readonly issues: number;
}

/** The defaults of {@linkcode Limits}. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  bytes: 256 * 1024 * 1024,
  depth: 64,
  entries: 250_000,
  parents: 100_000,
  stringLength: 2 * 1024 * 1024,
  seals: 10_000,
  sealHeads: 10_000,
  sealWork: 20_000_000,
  issues: 100,
});

/** Nesting allowed in a value that is hashed (SPEC 3.1). */
export const CONTENT_DEPTH = 256;

/** Arrays and objects allowed in one value: parts that are shared count each time (SPEC 3.1). */
export const CONTENT_OBJECTS = 10_000_000;

/** UTF-16 units of canonical text allowed for one value (SPEC 3.1). */
export const CONTENT_LENGTH = 256 * 1024 * 1024;

/**
 * `overrides` on top of the defaults.
 *
 * @throws {RangeError} if a limit is not a positive safe integer.
 * @throws {TypeError} if a name is not a limit.
 */
export function resolveLimits(overrides: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(overrides)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) {
      throw new TypeError(
        `Unknown limit: ${name}; known are ${Object.keys(DEFAULT_LIMITS).join(", ")}`,
      );
    }
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Limit ${name} must be a positive integer: got ${value}`);
    }
  }
  return Object.freeze({ ...DEFAULT_LIMITS, ...overrides });
}
