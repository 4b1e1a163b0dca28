/**
 * How nodes and edges of a picture look, as bits: the page paints by them, and the
 * worker writes SVG by them.
 *
 * @module
 */

/** Bits of a node; the lowest three are its mark. */
export const NODE = {
  mark: 7,
  /** The selected entry, or above or below it. */
  lit: 8,
  /** Found by the search. */
  hit: 16,
  /** Carries the taint that is highlighted. */
  carries: 32,
  adds: 64,
  removes: 128,
  /** On the shortest way by which the taint came. */
  path: 256,
} as const;

/** Bits of an edge. */
export const EDGE = {
  /** It leads to another version of its parent. */
  broken: 1,
  path: 2,
  carries: 4,
  lit: 8,
} as const;
