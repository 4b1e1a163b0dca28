/**
 * Pictures from afar: bitmaps that a worker paints, and dots for what matters, which
 * are there at once.
 *
 * @module
 */

import type { Rect } from "../graph/box_index.ts";
import { splat, type SplatOptions } from "../graph/splat.ts";
import { KINDS } from "../work/columns.ts";
import { EDGE, NODE } from "../work/look.ts";
import { MARK } from "../work/marks.ts";
import { type Colours, pixelOf } from "./canvas_colours.ts";
import type { Projection } from "./canvas_edges.ts";
import type { Scene } from "./canvas_scene.ts";

/** Asks the worker for a bitmap of its last picture. */
export type Ask = (options: SplatOptions) => Promise<Uint32Array<ArrayBuffer>>;

/** A bitmap on a canvas of its own, which can be scaled. */
export function bitmap(pixels: Uint32Array<ArrayBuffer>, width: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = pixels.length / width;
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), width);
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return canvas;
}

/** The colour of every node by what it is, or by its trust. */
export function baseColours({ picture, columns, trust }: Scene, colours: Colours): Uint32Array {
  const [plain, bad, open, good, origin] = (["quiet", "bad", "open", "good", "accent"] as const)
    .map((name) => pixelOf(colours[name]));
  const byKind = KINDS.map((kind) =>
    kind === "denied" || kind === "failed" ? bad! : kind === "originate" ? origin! : plain!
  );
  return Uint32Array.from(picture.first, (entry) => {
    if (!trust) return byKind[columns.kind[entry]!]!;
    const score = columns.trust[entry]!;
    return score >= 0.75 ? good! : score >= 0.4 ? open! : score >= 0 ? bad! : plain!;
  });
}

/** Colours of what matters now; 0: it does not. */
function nodeDots({ nodes, selected }: Scene, colours: Colours): Uint32Array {
  const [bad, open, taint, lit, focus] = (["bad", "open", "taint", "accent", "focus"] as const)
    .map((name) => pixelOf(colours[name]));
  const dots = Uint32Array.from(nodes, (bits) => {
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
  return Uint32Array.from(edges, (bits) => {
    if (bits & EDGE.broken) return bad!;
    if (bits & (EDGE.carries | EDGE.path)) return taint!;
    return bits & EDGE.lit ? lit! : 0;
  });
}

/** A bitmap of a part of the picture; the one before is shown until the next is there. */
class Layer {
  readonly #options: (scene: Scene, colours: Colours) => Pick<SplatOptions, "edge" | "node">;
  #shown: { readonly canvas: HTMLCanvasElement; readonly part: Rect } | undefined;
  #key: unknown;
  #asked = "";
  #isBusy = false;

  constructor(options: Layer["options"]) {
    this.#options = options;
  }

  get options() {
    return this.#options;
  }

  /** Forgets what was painted of another picture. */
  clear(): void {
    this.#shown = undefined;
    this.#asked = "";
  }

  paint(context: CanvasRenderingContext2D, to: Projection): void {
    if (!this.#shown) return;
    const { canvas, part } = this.#shown;
    const [left, top] = [to.x(part.left), to.y(part.top)];
    context.drawImage(canvas, left, top, to.x(part.right) - left, to.y(part.bottom) - top);
  }

  /** Asks for a part unless it is there; what `key` is another is painted anew. */
  async want(
    key: unknown,
    part: Rect,
    [width, height]: readonly [number, number],
    scene: Scene,
    colours: Colours,
    ask: Ask,
  ): Promise<boolean> {
    const asked = Object.values(part).map(Math.round).join();
    if (this.#isBusy || (this.#key === key && this.#asked === asked)) return false;
    [this.#isBusy, this.#key, this.#asked] = [true, key, asked];
    try {
      const pixels = await ask({ width, height, part, ...this.#options(scene, colours) });
      if (this.#asked !== "") this.#shown = { canvas: bitmap(pixels, width), part };
    } finally {
      this.#isBusy = false;
    }
    return true;
  }
}

/** Paints a picture from afar. */
export class FarPainter {
  readonly #base = new Layer((scene, colours) => ({
    edge: pixelOf(colours.edge, 110),
    node: baseColours(scene, colours),
  }));
  readonly #lit = new Layer((scene, colours) => ({ edge: edgeColours(scene, colours), node: 0 }));
  #dots: { scene: Scene; colours: Uint32Array } | undefined;

  clear(): void {
    this.#base.clear();
    this.#lit.clear();
  }

  paint(
    context: CanvasRenderingContext2D,
    scene: Scene,
    colours: Colours,
    to: Projection,
    part: Rect,
    [width, height]: readonly [number, number],
  ): void {
    context.imageSmoothingEnabled = false;
    this.#base.paint(context, to);
    this.#lit.paint(context, to);
    if (this.#dots?.scene !== scene) this.#dots = { scene, colours: nodeDots(scene, colours) };
    const { dag, layout } = scene.picture;
    const options = { width, height, part, edge: 0, node: this.#dots.colours, grow: 1 };
    context.drawImage(bitmap(splat(dag, layout, options), width), 0, 0, width, height);
  }

  /** Asks for what is not yet painted; true if something new is there. */
  async want(
    scene: Scene,
    colours: Colours,
    part: Rect,
    size: readonly [number, number],
    ask: Ask,
  ): Promise<boolean> {
    const key = `${scene.trust} ${colours.ground}`;
    const news = await Promise.all([
      this.#base.want(key, part, size, scene, colours, ask),
      this.#lit.want(scene, part, size, scene, colours, ask),
    ]);
    return news.includes(true);
  }
}
