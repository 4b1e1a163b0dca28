/**
 * Pointers and wheels on the canvas, by d3-drag and d3-selection.
 *
 * @module
 */

// @ts-types="npm:@types/d3-drag@3.0.7"
import { type D3DragEvent, drag } from "d3-drag";
// @ts-types="npm:@types/d3-selection@3.0.12"
import { pointer, select } from "d3-selection";

/** What pointers can do. Places are pixels from the canvas' corner. */
export interface Gestures {
  pan(dx: number, dy: number): void;
  zoom(factor: number, x: number, y: number): void;
  click(x: number, y: number): void;
  double(x: number, y: number): unknown;
}

/** Pixels that a click may move. */
const CLICK = 4;

type Drag = D3DragEvent<HTMLCanvasElement, unknown, unknown>;

/** Follows every pointer: one moves the picture, two scale it too. */
function dragging({ pan, zoom }: Gestures) {
  const touches = new Map<number | string, [number, number]>();
  const spread = (): [distance: number, x: number, y: number] => {
    const [[ax, ay], [bx, by]] = [...touches.values()] as [[number, number], [number, number]];
    return [Math.hypot(ax - bx, ay - by), (ax + bx) / 2, (ay + by) / 2];
  };
  return drag<HTMLCanvasElement, unknown>()
    .clickDistance(CLICK)
    .on("start", ({ identifier, x, y }: Drag) => touches.set(identifier, [x, y]))
    .on("drag", ({ identifier, x, y, dx, dy }: Drag) => {
      if (touches.size !== 2) {
        touches.set(identifier, [x, y]);
        return pan(dx, dy);
      }
      const [before, fromX, fromY] = spread();
      touches.set(identifier, [x, y]);
      const [now, toX, toY] = spread();
      pan(toX - fromX, toY - fromY);
      if (before > 0) zoom(now / before, toX, toY);
    })
    .on("end", ({ identifier }: Drag) => void touches.delete(identifier));
}

function wheelFactor({ deltaY, deltaMode, ctrlKey }: WheelEvent): number {
  const unit = deltaMode === 1 ? 16 : deltaMode === 2 ? 400 : 1;
  return 2 ** (-deltaY * unit * (ctrlKey ? 0.01 : 0.002));
}

/** Makes a canvas follow pointers and wheels. */
export function followPointers(canvas: HTMLCanvasElement, gestures: Gestures): void {
  select(canvas)
    .call(dragging(gestures))
    .on("wheel", (event: WheelEvent) => {
      event.preventDefault();
      gestures.zoom(wheelFactor(event), ...pointer(event, canvas));
    }, { passive: false })
    .on("click", (event: MouseEvent) => gestures.click(...pointer(event, canvas)))
    .on("dblclick", (event: MouseEvent) => gestures.double(...pointer(event, canvas)));
}

/** Calls back with every place, in pixels, that a pointer is pressed at or dragged to. */
export function followDrag(canvas: HTMLCanvasElement, at: (x: number, y: number) => void): void {
  select(canvas).call(
    drag<HTMLCanvasElement, unknown>()
      .container(() => canvas)
      .subject(({ x, y }: Drag) => ({ x, y }))
      .on("start drag", ({ x, y }: Drag) => at(x, y)),
  );
}
