/**
 * The overview: all nodes and edges as one picture of a few pixels each.
 *
 * @module
 */

import type { Rect } from "./box_index.ts";
import type { Dag } from "./dag.ts";
import type { Layout } from "./layout.ts";

/**
 * Size and colours of an overview. Colours are `0xAABBGGRR`, as canvases store
 * them; what has the colour 0 is left out.
 */
export interface SplatOptions {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** The part of the picture that is drawn; default all of it. */
  readonly part?: Rect;
  /** The colour of every edge, or of each. */
  readonly edge: number | Uint32Array;
  /** The colour of every node, or of each. */
  readonly node: number | Uint32Array;
  /** Pixels that every node is larger on each side; default 0. */
  readonly grow?: number;
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
  const result = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = Math.round((values[i]! - from) * scale);
  return result;
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

/** The ends of an edge in pixels, cut to the bitmap. */
class Segment {
  x0 = 0;
  y0 = 0;
  x1 = 0;
  y1 = 0;
  readonly #right: number;
  readonly #bottom: number;

  constructor(width: number, height: number) {
    this.#right = width - 1;
    this.#bottom = height - 1;
  }

  /** Takes the line between two points; false if it misses the bitmap. */
  cut(x0: number, y0: number, x1: number, y1: number): boolean {
    const [right, bottom] = [this.#right, this.#bottom];
    if ((x0 < 0 && x1 < 0) || (x0 > right && x1 > right)) return false;
    if ((y0 < 0 && y1 < 0) || (y0 > bottom && y1 > bottom)) return false;
    const [dx, dy] = [x1 - x0, y1 - y0];
    let first = 0;
    let last = 1;
    if (dx !== 0) {
      const [a, b] = [-x0 / dx, (right - x0) / dx];
      first = Math.max(first, Math.min(a, b));
      last = Math.min(last, Math.max(a, b));
    }
    if (dy !== 0) {
      const [a, b] = [-y0 / dy, (bottom - y0) / dy];
      first = Math.max(first, Math.min(a, b));
      last = Math.min(last, Math.max(a, b));
    }
    if (first > last) return false;
    this.x0 = Math.round(x0 + first * dx);
    this.y0 = Math.round(y0 + first * dy);
    this.x1 = Math.round(x0 + last * dx);
    this.y1 = Math.round(y0 + last * dy);
    return true;
  }

  get length(): number {
    return Math.max(Math.abs(this.x1 - this.x0), Math.abs(this.y1 - this.y0)) + 1;
  }
}

/** How many pixels all edges are long, as far as they are drawn. */
function lengthOf(
  { edges, parents, edgeChild }: Dag,
  x: Int32Array,
  y: Int32Array,
  segment: Segment,
  colours: number | Uint32Array,
): number {
  let length = 0;
  for (let edge = 0; edge < edges && length <= MAX_PIXELS; edge++) {
    if (typeof colours !== "number" && colours[edge] === 0) continue;
    const [parent, child] = [parents[edge]!, edgeChild[edge]!];
    if (segment.cut(x[parent]!, y[parent]!, x[child]!, y[child]!)) length += segment.length;
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
  { width, height, x, y }: Plot,
  pixels: Uint32Array,
  colours: number | Uint32Array,
): void {
  const { edges, parents, edgeChild } = dag;
  if (colours === 0) return;
  const seenFrom = new Int32Array(REMEMBERED).fill(-1);
  const seenTo = new Int32Array(REMEMBERED);
  const segment = new Segment(width, height);
  let left = MAX_PIXELS;
  const step = lengthOf(dag, x, y, segment, colours) <= MAX_PIXELS ? 1 : spread(edges);
  for (let visited = 0, next = 0; visited < edges && left > 0; visited++) {
    const edge = next;
    next = (next + step) % edges;
    const colour = typeof colours === "number" ? colours : colours[edge]!;
    if (colour === 0) continue;
    const [parent, child] = [parents[edge]!, edgeChild[edge]!];
    if (!segment.cut(x[parent]!, y[parent]!, x[child]!, y[child]!)) continue;
    const { x0, y0, x1, y1 } = segment;
    const from = y0 * width + x0;
    const to = y1 * width + x1;
    const slot = (Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca6b)) >>> 18;
    if (seenFrom[slot] === from && seenTo[slot] === to && typeof colours === "number") continue;
    seenFrom[slot] = from;
    seenTo[slot] = to;
    left -= segment.length;
    line(pixels, width, x0, y0, x1, y1, colour);
  }
}

/** Where the nodes of a layout lie in a bitmap of it, or of a part of it. */
export interface Plot {
  readonly layout: Layout;
  readonly width: number;
  readonly height: number;
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** Pixels per unit in both directions. */
  readonly across: number;
  readonly down: number;
}

/** The plot of a layout. @throws {RangeError} as {@linkcode splat} does. */
export function plotOf(
  layout: Layout,
  options: Pick<SplatOptions, "height" | "part" | "width">,
): Plot {
  const width = side("width", options.width);
  const height = side("height", options.height);
  const { left, width: across, height: down } = layout;
  const { part = { left, right: left + across, top: 0, bottom: down } } = options;
  const [partWidth, partHeight] = [part.right - part.left, part.bottom - part.top];
  return {
    ...{ layout, width, height },
    x: scaled(layout.x, part.left, partWidth, width),
    y: scaled(layout.y, part.top, partHeight, height),
    across: partWidth > 0 ? (width - 1) / partWidth : 0,
    down: partHeight > 0 ? (height - 1) / partHeight : 0,
  };
}

/** Draws the nodes into the pixels of a plot, each `grow` pixels larger on each side. */
export function splatNodes(
  { layout, width, height, x, y, across, down }: Plot,
  pixels: Uint32Array,
  colours: number | Uint32Array,
  grow = 0,
): void {
  const halfHeight = Math.floor(layout.nodeHeight * down / 2) + grow;
  for (let node = 0; node < x.length; node++) {
    const colour = typeof colours === "number" ? colours : colours[node]!;
    if (colour === 0) continue;
    const halfWidth = Math.floor(layout.nodeWidth[node]! * across / 2) + grow;
    const left = Math.max(0, x[node]! - halfWidth);
    const right = Math.min(width - 1, x[node]! + halfWidth);
    const bottom = Math.min(height - 1, y[node]! + halfHeight);
    if (left > right) continue;
    const top = Math.max(0, y[node]! - halfHeight);
    // In a crowd most nodes fall on pixels that their neighbour has coloured.
    const isDrawn = right - left <= 1 && top <= bottom &&
      pixels[top * width + left] === colour && pixels[bottom * width + right] === colour;
    if (isDrawn) continue;
    for (let row = top; row <= bottom; row++) {
      // Most are so short that fill() would take longer.
      for (let at = row * width + left; at <= row * width + right; at++) pixels[at] = colour;
    }
  }
}

/**
 * A bitmap of a picture, or of a part of it: edges first, nodes on top of them.
 * Pixels that nothing lies on are 0, transparent.
 *
 * @throws {RangeError} if a side is not an integer from 1 to 8,192.
 */
export function splat(dag: Dag, layout: Layout, options: SplatOptions): Uint32Array<ArrayBuffer> {
  const plot = plotOf(layout, options);
  const pixels = new Uint32Array(plot.width * plot.height);
  splatEdges(dag, plot, pixels, options.edge);
  splatNodes(plot, pixels, options.node, options.grow);
  return pixels;
}
