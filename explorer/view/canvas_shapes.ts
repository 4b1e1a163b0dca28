/**
 * Shapes and signs of nodes.
 *
 * @module
 */

import type { Colours } from "./canvas_colours.ts";
import { write } from "./canvas_text.ts";

/** A box in pixels, by its centre. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Pixels per unit. */
  readonly k: number;
}

/** Traces the border of a box, by what the entry is; `out` pixels larger. */
export function shape(context: CanvasRenderingContext2D, kind: string, box: Box, out = 0): void {
  const { x, y, width, height, k } = box;
  const [left, top] = [x - width / 2 - out, y - height / 2 - out];
  const [right, bottom] = [x + width / 2 + out, y + height / 2 + out];
  context.beginPath();
  if (kind !== "declassify") {
    const radius = (kind === "originate" ? height / 2 : kind === "step" ? 6 * k : 0) + out;
    return context.roundRect(left, top, right - left, bottom - top, radius);
  }
  const corner = 9 * k + out / 2;
  context.moveTo(left + corner, top);
  context.lineTo(right - corner, top);
  context.lineTo(right, top + corner);
  context.lineTo(right, bottom - corner);
  context.lineTo(right - corner, bottom);
  context.lineTo(left + corner, bottom);
  context.lineTo(left, bottom - corner);
  context.lineTo(left, top + corner);
  context.closePath();
}

/** Stripes, for what is affected by a change and not changed itself. */
export function stripes(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: Box,
  colour: string,
) {
  context.save();
  context.clip();
  context.beginPath();
  for (let at = -height; at < width; at += 7) {
    context.moveTo(x - width / 2 + at, y + height / 2);
    context.lineTo(x - width / 2 + at + height, y - height / 2);
  }
  context.globalAlpha = 0.3;
  context.lineWidth = 1.5;
  context.strokeStyle = colour;
  context.stroke();
  context.restore();
}

/** A sign in a disc. */
export function badge(
  context: CanvasRenderingContext2D,
  sign: string,
  x: number,
  y: number,
  colour: string,
  colours: Colours,
  radius = 8,
): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  context.strokeStyle = colours.ground;
  context.lineWidth = 1.5;
  context.stroke();
  context.fillStyle = colours.ground;
  context.textAlign = "center";
  write(context, sign, x, y + 0.5, 16, radius + 3);
  context.textAlign = "left";
}
