/**
 * The whole picture in a corner, with what of it is seen.
 *
 * @module
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { GraphCanvas, Seen } from "./canvas.ts";
import { pixelOf } from "./canvas_colours.ts";
import { baseColours, bitmap } from "./canvas_far.ts";
import { followDrag } from "./canvas_input.ts";
import { frameOf, projectionOf, seen as partSeen } from "./canvas_view.ts";
import type { Session } from "./session.ts";

const WIDTH = 168;
const HEIGHT = 120;

/** Pixels of the bitmap for one of the page. */
const SHARP = 2;

/** A small picture to move by; nothing while all is seen anyway. */
export function Minimap({ session, graph, seen }: {
  readonly session: Session;
  readonly graph: GraphCanvas;
  readonly seen: Seen;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [image, setImage] = useState<HTMLCanvasElement | null>(null);
  const { scene, frame, view, colours } = seen;
  const { picture } = scene;
  const { left, right, top, bottom } = partSeen(frame, view);
  const { extent } = frame;
  const isHidden = left <= extent.left && right >= extent.right && top <= extent.top &&
    bottom >= extent.bottom;
  const small = useMemo(() => projectionOf(frameOf(picture.layout, WIDTH, HEIGHT, 5)), [picture]);

  useEffect(() => {
    let isCurrent = true;
    const node = baseColours(scene, colours);
    const side = (pixels: number) => Math.max(1, Math.round(pixels * SHARP));
    const width = side((extent.right - extent.left) * small.kx);
    const height = side((extent.bottom - extent.top) * small.ky);
    void session.model.overview({ width, height, node, edge: pixelOf(colours.edge, 90) }).then(
      (pixels) => isCurrent && setImage(bitmap(pixels, width)),
    );
    return () => void (isCurrent = false);
  }, [picture, colours, scene.trust]);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.setTransform(SHARP, 0, 0, SHARP, 0, 0);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    const [x, y] = [small.x(extent.left), small.y(extent.top)];
    if (image) {
      context.drawImage(image, x, y, small.x(extent.right) - x, small.y(extent.bottom) - y);
    }
    const inside = (value: number, most: number) => Math.max(1, Math.min(most - 1, value));
    const [fromX, fromY] = [inside(small.x(left), WIDTH), inside(small.y(top), HEIGHT)];
    const [toX, toY] = [inside(small.x(right), WIDTH), inside(small.y(bottom), HEIGHT)];
    context.strokeStyle = colours.focus;
    context.lineWidth = 2;
    context.strokeRect(fromX, fromY, Math.max(3, toX - fromX), Math.max(3, toY - fromY));
  });

  const place = useRef(small);
  place.current = small;
  useEffect(() => {
    if (!canvas.current) return;
    followDrag(canvas.current, (x, y) => graph.camera.centre(...place.current.inverse(x, y)));
  }, [isHidden]);

  if (isHidden) return null;
  return (
    <canvas
      class="minimap"
      ref={canvas}
      width={WIDTH * SHARP}
      height={HEIGHT * SHARP}
      aria-hidden
    />
  );
}
