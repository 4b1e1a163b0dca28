/**
 * What part of a picture is seen, and how large. A picture far higher than wide, or
 * the other way round, is stretched while it is far away, where it shows nothing
 * but its outline; near by nothing is.
 *
 * @module
 */

import type { Rect } from "../graph/box_index.ts";
import type { Layout } from "../graph/layout.ts";

/** A place to look at: the centre, in the picture's unit, and the scale. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

/** A canvas with a picture behind it. */
export interface Frame {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly extent: Rect;
  /** The scale at which all is seen. */
  readonly fit: number;
  /** How much more it is scaled in one direction then. */
  readonly stretchX: number;
  readonly stretchY: number;
}

const MARGIN = 28;
const NEAREST = 2.5;

/** From this scale on nothing is stretched. */
const TRUE_SCALE = 0.2;

/** The frame of a picture on a canvas, with some pixels around it. */
export function frameOf(layout: Layout, width: number, height: number, margin = MARGIN): Frame {
  const extent = {
    left: layout.left,
    right: layout.left + layout.width,
    top: 0,
    bottom: layout.height,
  };
  const across = Math.max(1, width - 2 * margin) / Math.max(1, layout.width);
  const down = Math.max(1, height - 2 * margin) / Math.max(1, layout.height);
  const fit = Math.min(across, down);
  const most = Math.max(1, TRUE_SCALE / fit);
  return {
    ...{ width, height, extent, fit },
    stretchX: Math.min(most, across / fit),
    stretchY: Math.min(most, down / fit),
  };
}

/** Pixels per unit in both directions. */
export function scalesOf({ fit, stretchX, stretchY }: Frame, k: number): [number, number] {
  if (k >= TRUE_SCALE || fit >= TRUE_SCALE) return [k, k];
  const far = Math.min(1, Math.log(TRUE_SCALE / k) / Math.log(TRUE_SCALE / fit));
  return [k * stretchX ** far, k * stretchY ** far];
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

/** The nearest view that a frame allows: the picture is never lost. */
export function bounded({ extent, fit }: Frame, { x, y, k }: View): View {
  return {
    x: between(extent.left, x, extent.right),
    y: between(extent.top, y, extent.bottom),
    // As far away as all is seen: a small picture is not scaled up for that.
    k: between(Math.min(fit, 1), k, NEAREST),
  };
}

/** All of a picture, no larger than `most`. */
export function fitted({ extent, fit }: Frame, most = 1): View {
  return {
    x: (extent.left + extent.right) / 2,
    y: (extent.top + extent.bottom) / 2,
    k: Math.min(fit, most),
  };
}

/** A view near another that leaves no room unused where the picture has more. */
export function settled({ extent, width, height, fit }: Frame, { x, y, k }: View): View {
  const along = (from: number, to: number, at: number, side: number) => {
    const half = (side / 2 - MARGIN) / k;
    return to - from <= 2 * half ? (from + to) / 2 : between(from + half, at, to - half);
  };
  if (k <= fit) return { x, y, k };
  return {
    x: along(extent.left, extent.right, x, width),
    y: along(extent.top, extent.bottom, y, height),
    k,
  };
}

/** From the picture's unit to pixels, and back. */
export interface Projection {
  readonly x: (x: number) => number;
  readonly y: (y: number) => number;
  readonly inverse: (px: number, py: number) => [x: number, y: number];
  readonly kx: number;
  readonly ky: number;
}

/** How a view maps the picture to the canvas; by default, all of it. */
export function projectionOf(frame: Frame, view: View = fitted(frame)): Projection {
  const [kx, ky] = scalesOf(frame, view.k);
  const [middleX, middleY] = [frame.width / 2, frame.height / 2];
  return {
    x: (x) => (x - view.x) * kx + middleX,
    y: (y) => (y - view.y) * ky + middleY,
    inverse: (px, py) => [view.x + (px - middleX) / kx, view.y + (py - middleY) / ky],
    ...{ kx, ky },
  };
}

/** A view moved by pixels. */
export function panned(frame: Frame, view: View, dx: number, dy: number): View {
  const [kx, ky] = scalesOf(frame, view.k);
  return bounded(frame, { ...view, x: view.x - dx / kx, y: view.y - dy / ky });
}

/** A view scaled by a factor around a pixel. */
export function zoomed(frame: Frame, view: View, factor: number, px: number, py: number): View {
  const [x, y] = projectionOf(frame, view).inverse(px, py);
  const { k } = bounded(frame, { ...view, k: view.k * factor });
  const [kx, ky] = scalesOf(frame, k);
  return bounded(frame, {
    x: x - (px - frame.width / 2) / kx,
    y: y - (py - frame.height / 2) / ky,
    k,
  });
}

/** What is seen, with some pixels around it. */
export function seen(frame: Frame, view: View, around = 0): Rect {
  const { inverse } = projectionOf(frame, view);
  const [left, top] = inverse(-around, -around);
  const [right, bottom] = inverse(frame.width + around, frame.height + around);
  return { left, top, right, bottom };
}
