/**
 * Pictures from afar: bitmaps that a worker paints, and dots for what matters, which
 * are there at once.
 *
 * @module
 */

import type { Rect } from "../graph/box_index.ts";
import type { Layout } from "../graph/layout.ts";
import { type Plot, plotOf, splatNodes, type SplatOptions } from "../graph/splat.ts";
import { KINDS } from "../work/columns.ts";
import { EDGE, NODE } from "../work/look.ts";
import { MARK, MARK_WORDS } from "../work/marks.ts";
import { type Colours, pixelOf } from "./canvas_colours.ts";
import { badge } from "./canvas_shapes.ts";
import type { Scene } from "./canvas_scene.ts";
import type { Projection } from "./canvas_view.ts";

/** Signs that are drawn at once; more would cover everything. */
const MOST_FLAGS = 200;

/** Asks the worker for a bitmap of its last picture. */
export type Ask = (options: SplatOptions) => Promise<Uint32Array<ArrayBuffer>>;

/** A bitmap on a canvas, which can be scaled. */
export function bitmap(
  pixels: Uint32Array<ArrayBuffer>,
  width: number,
  canvas: HTMLCanvasElement = document.createElement("canvas"),
): HTMLCanvasElement {
  const height = pixels.length / width;
  if (canvas.width !== width || canvas.height !== height) {
    [canvas.width, canvas.height] = [width, height];
  }
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), width);
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return canvas;
}

/** A colour for each of some bits or entries; much faster than `Uint32Array.from`. */
function coloursFor(
  all: ArrayLike<number>,
  colourOf: (each: number) => number,
): Uint32Array {
  const colours = new Uint32Array(all.length);
  for (let i = 0; i < all.length; i++) colours[i] = colourOf(all[i]!);
  return colours;
}

/** The colour of every node by what it is, or by its trust. */
export function baseColours({ picture, columns, trust }: Scene, colours: Colours): Uint32Array {
  const [plain, bad, open, good, origin] = (["quiet", "bad", "open", "good", "accent"] as const)
    .map((name) => pixelOf(colours[name]));
  const byKind = KINDS.map((kind) =>
    kind === "denied" || kind === "failed" ? bad! : kind === "originate" ? origin! : plain!
  );
  return coloursFor(picture.first, (entry) => {
    if (!trust) return byKind[columns.kind[entry]!]!;
    const score = columns.trust[entry]!;
    return score >= 0.75 ? good! : score >= 0.4 ? open! : score >= 0 ? bad! : plain!;
  });
}

/** Colours of what matters now; 0: it does not. */
function nodeDots({ nodes, selected }: Scene, colours: Colours): Uint32Array {
  const [bad, open, taint, lit, focus] = (["bad", "open", "taint", "accent", "focus"] as const)
    .map((name) => pixelOf(colours[name]));
  const dots = coloursFor(nodes, (bits) => {
    const mark = bits & NODE.mark;
    if (mark === MARK.changed || mark === MARK.wrong) return bad!;
    if (bits & NODE.hit) return open!;
    if (bits & (NODE.carries | NODE.path)) return taint!;
    return bits & NODE.lit ? lit! : 0;
  });
  if (selected >= 0) dots[selected] = focus!;
  return dots;
}

function edgeColours({ edges }: Scene, colours: Colours): Uint32Array {
  const [bad, taint, lit] = (["bad", "taint", "accent"] as const)
    .map((name) => pixelOf(colours[name], 170));
  return coloursFor(edges, (bits) => {
    if (bits & EDGE.broken) return bad!;
    if (bits & (EDGE.carries | EDGE.path)) return taint!;
    return bits & EDGE.lit ? lit! : 0;
  });
}

/** What a bitmap is wanted of. */
export interface Wanted {
  /** What is seen, and a bitmap that has more. */
  readonly seen: Rect;
  readonly part: Rect;
  readonly size: readonly [width: number, height: number];
  /** Whether it must be sharp: nothing moves. */
  readonly isStill: boolean;
  readonly ask: Ask;
}

/** Whether a bitmap of a part shows what is seen, and about as large. */
function willDo(asked: Rect, { seen, part, isStill }: Wanted): boolean {
  const ratio = (part.right - part.left) / (asked.right - asked.left);
  if (isStill) return Math.abs(ratio - 1) < 0.01 && covers(asked, seen);
  return ratio > 0.5 && covers(asked, seen);
}

function covers(outer: Rect, inner: Rect): boolean {
  return outer.left <= inner.left && outer.right >= inner.right && outer.top <= inner.top &&
    outer.bottom >= inner.bottom;
}

/** What is painted in a bitmap. */
type Paint = Pick<SplatOptions, "edge" | "node">;

/** A bitmap of a part of the picture; the one before is shown until the next is there. */
class Layer {
  readonly #paintOf: (scene: Scene, colours: Colours) => Paint;
  #shown: { readonly canvas: HTMLCanvasElement; readonly part: Rect } | undefined;
  #key: unknown;
  #paint: Paint | undefined;
  #asked: Rect | undefined;
  #isBusy = false;

  constructor(paintOf: (scene: Scene, colours: Colours) => Paint) {
    this.#paintOf = paintOf;
  }

  /** Forgets what was painted of another picture. */
  clear(): void {
    this.#shown = this.#asked = this.#paint = undefined;
  }

  paint(context: CanvasRenderingContext2D, to: Projection): void {
    if (!this.#shown) return;
    const { canvas, part } = this.#shown;
    const [left, top] = [to.x(part.left), to.y(part.top)];
    context.drawImage(canvas, left, top, to.x(part.right) - left, to.y(part.bottom) - top);
  }

  /** Asks for a part unless what is there will do; what has another key is painted anew. */
  async want(key: unknown, scene: Scene, colours: Colours, wanted: Wanted): Promise<boolean> {
    if (this.#isBusy) return false;
    const isKnown = this.#key === key && this.#paint !== undefined;
    if (isKnown && this.#asked && willDo(this.#asked, wanted)) return false;
    if (!isKnown) this.#paint = this.#paintOf(scene, colours);
    const { part, size: [width, height], ask } = wanted;
    [this.#isBusy, this.#key, this.#asked] = [true, key, part];
    try {
      const pixels = await ask({ width, height, part, ...this.#paint! });
      if (this.#asked === part) this.#shown = { canvas: bitmap(pixels, width), part };
    } finally {
      this.#isBusy = false;
    }
    return true;
  }
}

/** Nodes that were changed or are wrong. */
function flaggedIn({ nodes }: Scene): number[] {
  const flagged: number[] = [];
  for (let node = 0; node < nodes.length && flagged.length < MOST_FLAGS; node++) {
    const mark = nodes[node]! & NODE.mark;
    if (mark === MARK.changed || mark === MARK.wrong) flagged.push(node);
  }
  return flagged;
}

/** Dots for all that matters; drawn anew only if something has changed or moved. */
class Dots {
  readonly #canvas = document.createElement("canvas");
  #pixels = new Uint32Array(0);
  #plot: Plot | undefined;
  #part: Rect | undefined;
  #scene: Scene | undefined;
  #colours: Colours | undefined;

  /** The bitmap of a part. */
  of(scene: Scene, colours: Colours, part: Rect, size: Wanted["size"]): HTMLCanvasElement {
    const plot = this.#plotOf(scene.picture.layout, part, size);
    if (plot === this.#plot && scene === this.#scene && colours === this.#colours) {
      return this.#canvas;
    }
    [this.#plot, this.#scene, this.#colours] = [plot, scene, colours];
    const length = plot.width * plot.height;
    if (this.#pixels.length === length) this.#pixels.fill(0);
    else this.#pixels = new Uint32Array(length);
    splatNodes(plot, this.#pixels, nodeDots(scene, colours), 1);
    return bitmap(this.#pixels, plot.width, this.#canvas);
  }

  #plotOf(layout: Layout, part: Rect, [width, height]: Wanted["size"]): Plot {
    const [last, before] = [this.#plot, this.#part];
    const isKnown = last?.layout === layout && last.width === width && last.height === height &&
      before !== undefined && covers(before, part) && covers(part, before);
    this.#part = part;
    return isKnown ? last : plotOf(layout, { width, height, part });
  }
}

/** Paints a picture from afar. */
export class FarPainter {
  readonly #base = new Layer((scene, colours) => ({
    edge: pixelOf(colours.edge, 110),
    node: baseColours(scene, colours),
  }));
  readonly #lit = new Layer((scene, colours) => ({ edge: edgeColours(scene, colours), node: 0 }));
  readonly #dots = new Dots();

  clear(): void {
    this.#base.clear();
    this.#lit.clear();
  }

  /** Paints all nodes and edges, as far as their bitmaps are there. */
  paint(context: CanvasRenderingContext2D, to: Projection): void {
    context.imageSmoothingEnabled = false;
    this.#base.paint(context, to);
    this.#lit.paint(context, to);
  }

  /** Paints what matters now on top. */
  paintDots(
    context: CanvasRenderingContext2D,
    scene: Scene,
    colours: Colours,
    to: Projection,
    part: Rect,
    size: Wanted["size"],
  ): void {
    context.drawImage(this.#dots.of(scene, colours, part, size), 0, 0, ...size);
    this.#signs(context, scene, colours, to);
  }

  /** What must be found from afar: the selected node, and what was changed. */
  #signs(context: CanvasRenderingContext2D, scene: Scene, colours: Colours, to: Projection) {
    const { x, y } = scene.picture.layout;
    for (const node of flaggedIn(scene)) {
      const [sign] = MARK_WORDS[scene.nodes[node]! & NODE.mark]!;
      badge(context, sign, to.x(x[node]!), to.y(y[node]!), colours.bad, colours);
    }
    const { selected } = scene;
    if (selected < 0) return;
    for (const [width, colour] of [[5, colours.ground], [2.5, colours.focus]] as const) {
      context.beginPath();
      context.arc(to.x(x[selected]!), to.y(y[selected]!), 10, 0, 2 * Math.PI);
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
    }
  }

  /** Asks for what is not yet painted; true if something new is there. */
  async want(scene: Scene, colours: Colours, wanted: Wanted): Promise<boolean> {
    const key = `${scene.trust} ${colours.ground}`;
    const news = await Promise.all([
      this.#base.want(key, scene, colours, wanted),
      this.#lit.want(scene, scene, colours, wanted),
    ]);
    return news.includes(true);
  }
}
