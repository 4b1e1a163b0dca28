/**
 * The overview: all nodes and edges as one picture of a few pixels each.
 *
 * @module
 */

import type { Dag } from "./dag.ts";
import type { Layout } from "./layout.ts";

/** Size and colours of an overview. Colours are `0xAABBGGRR`, as canvases store them. */
export interface SplatOptions {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** The colour of edges. */
  readonly edge: number;
  /** The colour of every node, or of each. */
  readonly node: number | Uint32Array;
}

/** Pixels that edges may write; in a wider picture they lie upon each other anyway. */
const MAX_PIXELS = 6_000_000;

/** Pixels of one side, so that nobody asks for more memory than there is. */
const MAX_SIDE = 8192;

/** Edges drawn lately, by their ends: of those that look alike one is enough. */
const REMEMBERED = 1 << 14;

function side(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_SIDE) return value;
  throw new RangeError(`Splat: ${name} must be an integer from 1 to ${MAX_SIDE}: got ${value}`);
}

/** From the picture's units to pixels. */
function scaled(values: Float64Array, from: number, length: number, pixels: number): Int32Array {
  const scale = length > 0 ? (pixels - 1) / length : 0;
  return Int32Array.from(values, (value) => Math.round((value - from) * scale));
}

/** Draws the line between two pixels, at least one pixel long. */
function line(
  pixels: Uint32Array,
  stride: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  colour: number,
): void {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  const dx = (x1 - x0) / steps;
  const dy = (y1 - y0) / steps;
  let x = x0 + 0.5;
  let y = y0 + 0.5;
  for (let step = 0; step <= steps; step++) {
    pixels[(y | 0) * stride + (x | 0)] = colour;
    x += dx;
    y += dy;
  }
}

/** How many pixels all edges are long. */
function lengthOf({ edges, parents, edgeChild }: Dag, x: Int32Array, y: Int32Array): number {
  let length = edges;
  for (let edge = 0; edge < edges; edge++) {
    const [parent, child] = [parents[edge]!, edgeChild[edge]!];
    length += Math.max(Math.abs(x[child]! - x[parent]!), Math.abs(y[child]! - y[parent]!));
  }
  return length;
}

function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** A step that visits all edges, spread evenly: when the allowance ends, no part is bare. */
function spread(edges: number): number {
  let step = Math.floor(edges * 0.381966) + 1;
  while (gcd(step, edges) !== 1) step++;
  return step;
}

/** The edges, as straight lines between the ends. */
function splatEdges(
  dag: Dag,
  x: Int32Array,
  y: Int32Array,
  pixels: Uint32Array,
  { width, edge: colour }: SplatOptions,
): void {
  const { edges, parents, edgeChild } = dag;
  const seenFrom = new Int32Array(REMEMBERED).fill(-1);
  const seenTo = new Int32Array(REMEMBERED);
  let left = MAX_PIXELS;
  const step = lengthOf(dag, x, y) <= MAX_PIXELS ? 1 : spread(edges);
  for (let visited = 0, edge = 0; visited < edges && left > 0; visited++) {
    const x0 = x[parents[edge]!]!, y0 = y[parents[edge]!]!;
    const x1 = x[edgeChild[edge]!]!, y1 = y[edgeChild[edge]!]!;
    edge = (edge + step) % edges;
    const from = y0 * width + x0;
    const to = y1 * width + x1;
    const slot = (Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca6b)) >>> 18;
    if (seenFrom[slot] === from && seenTo[slot] === to) continue;
    seenFrom[slot] = from;
    seenTo[slot] = to;
    left -= Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) + 1;
    line(pixels, width, x0, y0, x1, y1, colour);
  }
}

/**
 * A bitmap of a whole picture: edges first, nodes on top of them. Pixels that
 * nothing lies on are 0, transparent.
 *
 * @throws {RangeError} if a side is not an integer from 1 to 8,192.
 */
export function splat(dag: Dag, layout: Layout, options: SplatOptions): Uint32Array<ArrayBuffer> {
  const width = side("width", options.width);
  const height = side("height", options.height);
  const pixels = new Uint32Array(width * height);
  const x = scaled(layout.x, layout.left, layout.width, width);
  const y = scaled(layout.y, 0, layout.height, height);
  splatEdges(dag, x, y, pixels, options);
  const across = layout.width > 0 ? (width - 1) / layout.width : 0;
  const down = layout.height > 0 ? (height - 1) / layout.height : 0;
  const halfHeight = Math.floor(layout.nodeHeight * down / 2);
  const { node: colour } = options;
  for (let node = 0; node < dag.size; node++) {
    const halfWidth = Math.floor(layout.nodeWidth[node]! * across / 2);
    const left = Math.max(0, x[node]! - halfWidth);
    const right = Math.min(width - 1, x[node]! + halfWidth);
    const bottom = Math.min(height - 1, y[node]! + halfHeight);
    const own = typeof colour === "number" ? colour : colour[node]!;
    for (let row = Math.max(0, y[node]! - halfHeight); row <= bottom; row++) {
      pixels.fill(own, row * width + left, row * width + right + 1);
    }
  }
  return pixels;
}
