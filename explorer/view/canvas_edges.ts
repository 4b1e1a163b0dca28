/**
 * Paints edges: many at once, one path for each way in which they look.
 *
 * @module
 */

import { EDGE } from "../work/look.ts";
import type { Colours } from "./canvas_colours.ts";
import type { Scene } from "./canvas_scene.ts";
import type { Projection } from "./canvas_view.ts";

/** Ways to look, the most important last: the bit, the colour, the width. */
const STYLES: readonly (readonly [number, keyof Colours, number])[] = [
  [0, "edge", 1],
  [EDGE.lit, "accent", 1.8],
  [EDGE.carries, "taint", 1.8],
  [EDGE.broken, "bad", 2],
  [EDGE.path, "taint", 4],
];

/** From this scale on edges are curves with arrowheads. */
const CURVED = 0.3;

function styleOf(bits: number): number {
  let style = STYLES.length - 1;
  while (style > 0 && !(bits & STYLES[style]![0])) style--;
  return style;
}

function trace(path: Path2D, heads: Path2D, scene: Scene, edge: number, to: Projection): void {
  const { dag, layout } = scene.picture;
  const { bendStart, bendX, bendY, nodeHeight } = layout;
  const curved = to.ky >= CURVED;
  const half = curved ? nodeHeight / 2 : 0;
  const [parent, child] = [dag.parents[edge]!, dag.edgeChild[edge]!];
  let fromX = to.x(layout.x[parent]!);
  let fromY = to.y(layout.y[parent]! + half);
  path.moveTo(fromX, fromY);
  const last = bendStart[edge + 1]!;
  for (let bend = bendStart[edge]!; bend <= last; bend++) {
    const x = to.x(bend < last ? bendX[bend]! : layout.x[child]!);
    const y = to.y(bend < last ? bendY[bend]! : layout.y[child]! - half);
    const middle = (fromY + y) / 2;
    if (curved && Math.abs(x - fromX) > 1) path.bezierCurveTo(fromX, middle, x, middle, x, y);
    else path.lineTo(x, y);
    [fromX, fromY] = [x, y];
  }
  if (!curved) return;
  const size = Math.min(6, 9 * to.ky);
  heads.moveTo(fromX, fromY + 0.5);
  heads.lineTo(fromX - size * 0.6, fromY - size);
  heads.lineTo(fromX + size * 0.6, fromY - size);
}

/** A cross in the middle of an edge. */
function cross(context: CanvasRenderingContext2D, scene: Scene, edge: number, to: Projection) {
  const { dag, layout: { x, y } } = scene.picture;
  const [parent, child] = [dag.parents[edge]!, dag.edgeChild[edge]!];
  const centreX = to.x((x[parent]! + x[child]!) / 2);
  const centreY = to.y((y[parent]! + y[child]!) / 2);
  const size = 5;
  context.beginPath();
  for (const sign of [-1, 1]) {
    context.moveTo(centreX - size, centreY - sign * size);
    context.lineTo(centreX + size, centreY + sign * size);
  }
  context.stroke();
}

/** Edges that close a cycle, of which only a broken passport has any. */
function paintCycles(context: CanvasRenderingContext2D, scene: Scene, to: Projection): void {
  const { dag: { closing }, layout: { x, y } } = scene.picture;
  context.beginPath();
  for (let i = 0; i < Math.min(closing.length, 4000); i += 2) {
    context.moveTo(to.x(x[closing[i]!]!), to.y(y[closing[i]!]!));
    context.lineTo(to.x(x[closing[i + 1]!]!), to.y(y[closing[i + 1]!]!));
  }
  context.stroke();
}

/** Paints some edges. */
export function paintEdges(
  context: CanvasRenderingContext2D,
  scene: Scene,
  edges: Iterable<number>,
  colours: Colours,
  to: Projection,
): void {
  const paths = STYLES.map(() => ({ line: new Path2D(), heads: new Path2D() }));
  const broken: number[] = [];
  for (const edge of edges) {
    const bits = scene.edges[edge]!;
    const { line, heads } = paths[styleOf(bits)]!;
    trace(line, heads, scene, edge, to);
    if (bits & EDGE.broken) broken.push(edge);
  }
  paths.forEach(({ line, heads }, style) => {
    const [bit, colour, width] = STYLES[style]!;
    context.strokeStyle = context.fillStyle = colours[colour];
    context.lineWidth = width * Math.min(1, Math.max(0.75, to.ky * 1.5));
    context.setLineDash(bit === EDGE.broken ? [6, 4] : []);
    context.stroke(line);
    context.fill(heads);
  });
  context.strokeStyle = colours.bad;
  context.lineWidth = 2;
  paintCycles(context, scene, to);
  context.setLineDash([]);
  for (const edge of broken) cross(context, scene, edge, to);
}
