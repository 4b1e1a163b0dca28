/**
 * Where a reader stands in a picture: moves there, at once or in steps that the eye
 * can follow.
 *
 * @module
 */

import type { Layout } from "../graph/layout.ts";
import * as views from "./canvas_view.ts";
import type { Frame, Projection, View } from "./canvas_view.ts";

const GLIDE_MS = 220;

/** Pixels from the border that what is revealed keeps. */
const KEPT_CLEAR = -60;

/** The part of a picture that a canvas shows. */
export class Camera {
  readonly #canvas: HTMLCanvasElement;
  readonly #onMove: () => void;
  #layout: Layout | undefined;
  #frame: Frame | undefined;
  #gliding = 0;
  view: View = { x: 0, y: 0, k: 1 };

  /** @param onMove Hears that the canvas must be painted. */
  constructor(canvas: HTMLCanvasElement, onMove: () => void) {
    this.#canvas = canvas;
    this.#onMove = onMove;
  }

  /** `undefined` while there is nothing to see, or no room. */
  get frame(): Frame | undefined {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (!this.#layout || width === 0 || height === 0) return undefined;
    return this.#frame ??= views.frameOf(this.#layout, width, height);
  }

  /** Takes another picture. */
  set layout(layout: Layout) {
    this.#layout = layout;
    this.#frame = undefined;
  }

  /** The canvas has another size. */
  resized(): void {
    this.#frame = undefined;
  }

  end(): void {
    cancelAnimationFrame(this.#gliding);
  }

  get projection(): Projection | undefined {
    return this.frame && views.projectionOf(this.frame, this.view);
  }

  /** Moves there at once. */
  move(next: (frame: Frame) => View): void {
    cancelAnimationFrame(this.#gliding);
    if (!this.frame) return;
    this.view = next(this.frame);
    this.#onMove();
  }

  /** Moves there in steps, unless the reader asked for less motion. */
  glide(to: View): void {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.move(() => to);
    cancelAnimationFrame(this.#gliding);
    const from = this.view;
    const start = performance.now();
    const next = (now: number) => {
      const part = Math.min(1, Math.max(0, (now - start) / GLIDE_MS));
      const eased = part * (2 - part);
      this.view = {
        x: from.x + (to.x - from.x) * eased,
        y: from.y + (to.y - from.y) * eased,
        k: from.k * (to.k / from.k) ** eased,
      };
      this.#onMove();
      if (part < 1) this.#gliding = requestAnimationFrame(next);
    };
    this.#gliding = requestAnimationFrame(next);
  }

  pan(dx: number, dy: number): void {
    this.move((frame) => views.panned(frame, this.view, dx, dy));
  }

  /** Scales around a pixel; without one, around the centre. */
  zoom(factor: number, x?: number, y?: number): void {
    this.move((frame) =>
      views.zoomed(frame, this.view, factor, x ?? frame.width / 2, y ?? frame.height / 2)
    );
  }

  /** Looks at another place. */
  centre(x: number, y: number): void {
    this.move((frame) => views.bounded(frame, { ...this.view, x, y }));
  }

  /** All of the picture. */
  fit(): void {
    if (this.frame) this.glide(views.fitted(this.frame));
  }

  /** Puts a place of the picture at a pixel. */
  hold(x: number, y: number, px: number, py: number): void {
    const { frame, view: { k } } = this;
    if (!frame) return;
    const [kx, ky] = views.scalesOf(frame, k);
    this.view = { x: x - (px - frame.width / 2) / kx, y: y - (py - frame.height / 2) / ky, k };
  }

  /** Brings a place into view, if it is not. */
  reveal(x: number, y: number): void {
    const { frame, view } = this;
    if (!frame) return;
    const { left, top, right, bottom } = views.seen(frame, view, KEPT_CLEAR);
    if (x >= left && x <= right && y >= top && y <= bottom) return;
    this.glide(views.bounded(frame, { ...view, x, y }));
  }
}
