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

/** The frame of a picture on a canvas. */
export function frameOf(layout: Layout, width: number, height: number): Frame {
  const extent = {
    left: layout.left,
    right: layout.left + layout.width,
    top: 0,
    bottom: layout.height,
  };
  const across = Math.max(1, width - 2 * MARGIN) / Math.max(1, layout.width);
  const down = Math.max(1, height - 2 * MARGIN) / Math.max(1, layout.height);
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
    k: between(Math.min(fit, NEAREST), k, NEAREST),
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

/** A view moved by pixels. */
export function panned(frame: Frame, view: View, dx: number, dy: number): View {
  const [kx, ky] = scalesOf(frame, view.k);
  return bounded(frame, { ...view, x: view.x - dx / kx, y: view.y - dy / ky });
}

/** What lies at a pixel. */
export function worldAt(frame: Frame, view: View, px: number, py: number): [number, number] {
  const [kx, ky] = scalesOf(frame, view.k);
  return [view.x + (px - frame.width / 2) / kx, view.y + (py - frame.height / 2) / ky];
}

/** A view scaled by a factor around a pixel. */
export function zoomed(frame: Frame, view: View, factor: number, px: number, py: number): View {
  const [x, y] = worldAt(frame, view, px, py);
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
  const [left, top] = worldAt(frame, view, -around, -around);
  const [right, bottom] = worldAt(frame, view, frame.width + around, frame.height + around);
  return { left, top, right, bottom };
}
