/**
 * The whole picture in a corner, with what of it is seen.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import type { GraphCanvas, Seen } from "./canvas.ts";
import { pixelOf } from "./canvas_colours.ts";
import { baseColours, bitmap } from "./canvas_far.ts";
import { followDrag } from "./canvas_input.ts";
import { seen as partSeen } from "./canvas_view.ts";
import type { Session } from "./session.ts";

const WIDTH = 168;
const HEIGHT = 120;
const MARGIN = 4;

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

  useEffect(() => {
    let isCurrent = true;
    const node = baseColours(scene, colours);
    const [width, height] = [WIDTH * 2, HEIGHT * 2];
    void session.model.overview({ width, height, node, edge: pixelOf(colours.edge, 90) }).then(
      (pixels) => isCurrent && setImage(bitmap(pixels, width)),
    );
    return () => void (isCurrent = false);
  }, [picture, colours, scene.trust]);

  const across = (WIDTH - 2 * MARGIN) / Math.max(1, extent.right - extent.left);
  const down = (HEIGHT - 2 * MARGIN) / Math.max(1, extent.bottom - extent.top);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    const [width, height] = [WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN];
    if (image) context.drawImage(image, MARGIN, MARGIN, width, height);
    const clamp = (value: number, most: number) => Math.max(1, Math.min(most - 1, value));
    const x = clamp(MARGIN + (left - extent.left) * across, WIDTH);
    const y = clamp(MARGIN + (top - extent.top) * down, HEIGHT);
    const toX = clamp(MARGIN + (right - extent.left) * across, WIDTH);
    const toY = clamp(MARGIN + (bottom - extent.top) * down, HEIGHT);
    context.strokeStyle = colours.focus;
    context.lineWidth = 2;
    context.strokeRect(x, y, Math.max(3, toX - x), Math.max(3, toY - y));
  });

  const place = useRef({ extent, across, down });
  place.current = { extent, across, down };
  useEffect(() => {
    if (!canvas.current) return;
    followDrag(canvas.current, (x, y) => {
      const { extent, across, down } = place.current;
      graph.camera.centre(
        extent.left + (x - MARGIN) / across,
        extent.top + (y - MARGIN) / down,
      );
    });
  }, [isHidden]);

  if (isHidden) return null;
  return <canvas class="minimap" ref={canvas} width={WIDTH * 2} height={HEIGHT * 2} aria-hidden />;
}
