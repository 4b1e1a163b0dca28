/**
 * The layered picture: where each node stands, and how each edge runs.
 *
 * @module
 */

import { arrangementOf } from "./order.ts";
import type { Dag } from "./dag.ts";
import { type Levels, levelsOf } from "./levels.ts";
import { placesOf } from "./place.ts";

/** Sizes in the picture's own unit, and where nodes stood before. */
export interface LayoutOptions {
  /** The width of every node, or of each; default 160. */
  readonly width?: number | Float64Array;
  /** The height of every node; default 40. */
  readonly height?: number;
  /** Between neighbours of one rank; default 40. */
  readonly gap?: number;
  /** Between ranks; default 60. */
  readonly rankGap?: number;
  /**
   * Where each node stood, from left to right, and `NaN` for new ones: nodes that
   * stay keep their order, and stand as near as can be to where they stood.
   */
  readonly previous?: Float64Array;
}

/** A picture. The arrays are shared and must not be written. */
export interface Layout {
  /** The left end of the picture: 0, unless nodes were kept where they stood. */
  readonly left: number;
  /** Width of the whole picture. */
  readonly width: number;
  /** Height of the whole picture. */
  readonly height: number;
  /** Number of ranks. */
  readonly ranks: number;
  /** The rank of each node, from the top. */
  readonly rank: Int32Array;
  /** The centre of each node. */
  readonly x: Float64Array;
  /** The centre of each node. */
  readonly y: Float64Array;
  /** The width of each node. */
  readonly nodeWidth: Float64Array;
  /** The height of every node. */
  readonly nodeHeight: number;
  /** Where each edge's bends start; one longer than the edges. */
  readonly bendStart: Int32Array;
  /** Bends between the centre of the parent and that of the child. */
  readonly bendX: Float64Array;
  /** Bends between the centre of the parent and that of the child. */
  readonly bendY: Float64Array;
}

function size(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`Layout: ${name} must be a number from 0: got ${value}`);
}

function widthsOf(dag: Dag, width: number | Float64Array): Float64Array {
  if (typeof width === "number") return new Float64Array(dag.size).fill(size("width", width));
  if (width.length !== dag.size) {
    throw new RangeError(`Layout: ${width.length} widths for ${dag.size} nodes`);
  }
  for (const each of width) size("width", each);
  return width;
}

/** Moves the picture so that nodes that stay move least. */
function keepInPlace(levels: Levels, x: Float64Array, previous: Float64Array): void {
  const moved: number[] = [];
  for (let node = 0; node < levels.nodes; node++) {
    if (!Number.isNaN(previous[node]!)) moved.push(x[node]! - previous[node]!);
  }
  if (moved.length === 0) return;
  const middle = moved.sort((a, b) => a - b)[moved.length >> 1]!;
  for (let node = 0; node < levels.count; node++) x[node]! -= middle;
}

function extentOf(levels: Levels, x: Float64Array, widths: Float64Array) {
  if (levels.count === 0) return { left: 0, right: 0 };
  let left = Infinity;
  let right = -Infinity;
  for (let node = 0; node < levels.count; node++) {
    const half = node < levels.nodes ? widths[node]! / 2 : 0;
    if (x[node]! - half < left) left = x[node]! - half;
    if (x[node]! + half > right) right = x[node]! + half;
  }
  return { left, right };
}

/**
 * Lays a graph out. Deterministic; time is near linear in nodes and edges, and
 * nothing is recursive.
 *
 * @throws {RangeError} if a size is not a number from 0.
 */
export function layoutOf(dag: Dag, options: LayoutOptions = {}): Layout {
  const nodeWidth = widthsOf(dag, options.width ?? 160);
  const nodeHeight = size("height", options.height ?? 40);
  const pitch = nodeHeight + size("rankGap", options.rankGap ?? 60);
  const gap = size("gap", options.gap ?? 40);
  const { previous } = options;
  if (previous && previous.length !== dag.size) {
    throw new RangeError(`Layout: ${previous.length} previous places for ${dag.size} nodes`);
  }
  const levels = levelsOf(dag);
  const x = placesOf(levels, arrangementOf(levels, previous), nodeWidth, gap);
  if (previous) keepInPlace(levels, x, previous);
  const y = Float64Array.from(levels.rank, (rank) => rank * pitch + nodeHeight / 2);
  const { left, right } = extentOf(levels, x, nodeWidth);
  return Object.freeze({
    left,
    width: right - left,
    height: levels.ranks === 0 ? 0 : (levels.ranks - 1) * pitch + nodeHeight,
    ranks: levels.ranks,
    rank: levels.rank.subarray(0, dag.size),
    x: x.subarray(0, dag.size),
    y: y.subarray(0, dag.size),
    nodeWidth,
    nodeHeight,
    bendStart: levels.bendStart.map((start) => start - dag.size),
    bendX: x.subarray(dag.size),
    bendY: y.subarray(dag.size),
  });
}
