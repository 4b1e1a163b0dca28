/**
 * The lanes beside the rows, on one canvas that moves with them.
 *
 * @module
 */

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Dag } from "../graph/dag.ts";
import { DRAWN_LANES, type Lanes, type Stroke, strokesBetween } from "../graph/lanes.ts";
import type { TaintFlow } from "../graph/taints.ts";
import { MARK } from "../work/marks.ts";
import { type Colours, coloursIn } from "./canvas_colours.ts";
import { ROW } from "./rows_window.ts";

/** Lanes by which the width grows: it should not jump with every row. */
const WIDTH_STEP = 4;

/** Colours of lines, those that stay on top last. */
const LINES = ["edge", "accent", "taint"] as const;

/** What is drawn. */
export interface LanesProps {
  readonly dag: Dag;
  readonly lanes: Lanes;
  /** The entries of all rows. */
  readonly nodes: Int32Array;
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly selected: number;
  /** 1 for each entry above or below the selected one, and itself. */
  readonly related: Uint8Array | null;
  readonly flow: TaintFlow | null;
  readonly marks: Uint8Array | null;
  readonly dark: boolean;
}

/** How many lanes are side by side in some rows, rounded up. */
export function lanesWide({ below, folded, lane, rows }: Lanes, from: number, to: number): number {
  let all = 1;
  for (let row = Math.max(0, from - 1); row < to; row++) {
    all |= below[row]! | 1 << lane[rows[row]!]!;
    if (folded[row]! > 0) all |= 1 << DRAWN_LANES;
  }
  return Math.ceil((32 - Math.clz32(all)) / WIDTH_STEP) * WIDTH_STEP;
}

function gapOf(wide: number): number {
  return Math.max(6, Math.min(13, 156 / wide));
}

/** The width of the canvas. */
export function lanesWidth(wide: number): number {
  return Math.ceil(wide * gapOf(wide)) + 8;
}

/** Draws rows, each pixel row from the top of the canvas. */
class Pen {
  readonly #context: CanvasRenderingContext2D;
  readonly #colours: Colours;
  readonly #gap: number;
  readonly #props: LanesProps;

  constructor(
    context: CanvasRenderingContext2D,
    props: LanesProps & { readonly wide: number },
    colours: Colours,
  ) {
    this.#context = context;
    this.#colours = colours;
    this.#gap = gapOf(props.wide);
    this.#props = props;
  }

  #x(lane: number): number {
    return 4 + (lane + 0.5) * this.#gap;
  }

  /** How a line is drawn: by the taint that flows along it, or by the selection. */
  #lineOf({ kind, node }: Stroke): typeof LINES[number] {
    const { flow, related, lanes: { newestFirst }, dag } = this.#props;
    if (kind === "folded") return "edge";
    if (flow) {
      const flows = newestFirst
        ? flow.edges.subarray(dag.parentStart[node], dag.parentStart[node + 1]).includes(1)
        : flow.nodes[node] === 1;
      return flows ? "taint" : "edge";
    }
    return related?.[node] ? "accent" : "edge";
  }

  #stroke({ kind, lane }: Stroke, own: number, top: number): void {
    const context = this.#context;
    const [x, centre, bottom] = [this.#x(lane), top + ROW / 2, top + ROW];
    context.moveTo(x, kind === "out" ? centre : top);
    if (kind !== "in") context.lineTo(x, bottom);
    else context.bezierCurveTo(x, centre, this.#x(own), top, this.#x(own), centre);
  }

  #dot(node: number, top: number): void {
    const { marks, selected, flow, related, lanes, dag } = this.#props;
    const context = this.#context;
    const mark = marks?.[node] ?? 0;
    const name = mark === MARK.changed || mark === MARK.wrong
      ? "bad"
      : flow?.nodes[node]
      ? "taint"
      : !flow && related?.[node]
      ? "accent"
      : "quiet";
    const isOrigin = dag.parentStart[node] === dag.parentStart[node + 1];
    const [x, y, r] = [this.#x(lanes.lane[node]!), top + ROW / 2, node === selected ? 6 : 4];
    context.beginPath();
    if (isOrigin) context.rect(x - r + 0.5, y - r + 0.5, r * 2 - 1, r * 2 - 1);
    else context.arc(x, y, r, 0, 7);
    context.fillStyle = context.strokeStyle = this.#colours[name];
    context.lineWidth = 2;
    context.fill();
    context.strokeStyle = this.#colours.ground;
    context.stroke();
  }

  /** Draws everything; thin lines first, so that the others stay on top. */
  draw(): void {
    const { dag, lanes, nodes, from, to } = this.#props;
    const isWhole = nodes === lanes.rows;
    const strokes = isWhole ? strokesBetween(dag, lanes, from, to) : [];
    for (const line of LINES) {
      this.#context.beginPath();
      strokes.forEach((row, i) => {
        const own = lanes.lane[nodes[from + i]!]!;
        for (const each of row) if (this.#lineOf(each) === line) this.#stroke(each, own, i * ROW);
      });
      this.#context.strokeStyle = this.#colours[line];
      this.#context.lineWidth = line === "edge" ? 1 : this.#gap / 8 + 1;
      this.#context.stroke();
    }
    for (let row = from; row < to; row++) this.#dot(nodes[row]!, (row - from) * ROW);
  }
}

/** The lanes of the rows that are in the page. */
export function LaneCanvas(props: LanesProps & { readonly wide: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { from, to, top, wide, dark } = props;
  const [width, height] = [lanesWidth(wide), (to - from) * ROW];
  const colours = useRef<Colours | null>(null);
  useLayoutEffect(() => void (colours.current = coloursIn(canvas.current!.parentElement!)), [dark]);
  useLayoutEffect(() => {
    const element = canvas.current!;
    element.width = width * devicePixelRatio;
    element.height = height * devicePixelRatio;
    const context = element.getContext("2d")!;
    context.scale(devicePixelRatio, devicePixelRatio);
    new Pen(context, props, colours.current!).draw();
  }, [
    ...[props.lanes, props.nodes, from, to, wide],
    ...[props.selected, props.flow, props.marks, props.related, dark],
  ]);
  return (
    <canvas
      ref={canvas}
      class="lanes"
      aria-hidden="true"
      style={{
        transform: `translateY(${top + from * ROW}px)`,
        width: `${width}px`,
        height: `${height}px`,
      }}
    />
  );
}
