/**
 * Paints nodes: boxes from afar, and near by everything that is known of them.
 *
 * @module
 */

import { childrenOf, parentsOf } from "../graph/dag.ts";
import { KINDS } from "../work/columns.ts";
import { NODE } from "../work/look.ts";
import { MARK, MARK_WORDS } from "../work/marks.ts";
import type { Colours } from "./canvas_colours.ts";
import type { Scene } from "./canvas_scene.ts";
import type { Projection } from "./canvas_view.ts";
import { badge, type Box, shape, stripes } from "./canvas_shapes.ts";
import { write } from "./canvas_text.ts";
import { labelOf } from "./graph_words.ts";

/** Boxes lower than this, in pixels, are plain; lower than that, only dots. */
const PLAIN = 11.5;
const TINY = 5;

/** Boxes at least this high have a second line, and counts of what is not shown. */
const TWO_LINES = 25;

/** From this scale on taints are counted. */
const COUNTED = 0.5;

/** The colours of a node: inside, around, and how thick. */
function coloursOf(
  bits: number,
  isSelected: boolean,
  colours: Colours,
): [fill: string, border: string, width: number] {
  const mark = bits & NODE.mark;
  if (mark === MARK.changed || mark === MARK.wrong) return [colours["bad-ground"], colours.bad, 2];
  if (bits & NODE.path) return [colours["taint-ground"], colours.taint, 3];
  if (bits & NODE.carries) return [colours["taint-ground"], colours.taint, 1.5];
  if (isSelected) return [colours["accent-ground"], colours.accent, 2];
  return bits & NODE.lit
    ? [colours.raised, colours.accent, 1.5]
    : [colours.raised, colours.edge, 1];
}

/** Paints nodes of one picture at one scale. */
export class NodePainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #scene: Scene;
  readonly #colours: Colours;
  readonly #to: Projection;

  constructor(
    context: CanvasRenderingContext2D,
    scene: Scene,
    colours: Colours,
    to: Projection,
  ) {
    this.#context = context;
    this.#scene = scene;
    this.#colours = colours;
    this.#to = to;
  }

  paint(nodes: Int32Array): void {
    const { layout } = this.#scene.picture;
    const { kx, ky } = this.#to;
    const height = layout.nodeHeight * ky;
    this.#context.textBaseline = "middle";
    for (const node of nodes) {
      const box = {
        x: this.#to.x(layout.x[node]!),
        y: this.#to.y(layout.y[node]!),
        width: Math.max(2, layout.nodeWidth[node]! * kx),
        height: Math.max(2, height),
        k: ky,
      };
      if (height < PLAIN) this.#plain(node, box);
      else this.#full(node, box);
    }
  }

  /** A box, and what matters most of it as a colour; where it is tiny, nothing else. */
  #plain(node: number, box: Box): void {
    const context = this.#context;
    const { x, y, width, height } = box;
    const bits = this.#scene.nodes[node]!;
    const isSelected = node === this.#scene.selected;
    const [fill, border, thick] = coloursOf(bits, isSelected, this.#colours);
    const isSolid = isSelected || thick > 1.5 || (thick > 1 && height < TINY);
    const colour = bits & NODE.hit ? this.#colours.open : border;
    const out = isSelected || bits & NODE.hit ? 2 : 0;
    if (this.#scene.picture.count[node]! > 1 && height >= TINY) this.#stack({ ...box, k: 0.6 });
    context.fillStyle = isSolid || out ? colour : fill;
    context.fillRect(x - width / 2 - out, y - height / 2 - out, width + 2 * out, height + 2 * out);
    if (height < TINY) return;
    if (!isSolid && !out) {
      context.strokeStyle = border;
      context.lineWidth = thick;
      context.strokeRect(x - width / 2, y - height / 2, width, height);
    }
    // Too many may be of unknown signers to say so of each from here.
    this.#badges((bits & NODE.mark) === MARK.unknown ? bits - MARK.unknown : bits, box);
  }

  #full(node: number, box: Box): void {
    const context = this.#context;
    const { picture, columns, nodes, selected } = this.#scene;
    const kind = KINDS[columns.kind[picture.first[node]!]!]!;
    const bits = nodes[node]!;
    const mark = bits & NODE.mark;
    const [fill, border, width] = coloursOf(bits, node === selected, this.#colours);
    if (picture.count[node]! > 1) this.#stack(box);
    shape(context, kind, box);
    context.fillStyle = kind === "missing" ? this.#colours.ground : fill;
    context.fill();
    if (mark === MARK.affected) stripes(context, box, this.#colours.bad);
    shape(context, kind, box);
    this.#line(border, width, kind === "missing" ? [5, 4] : []);
    if (mark === MARK.open) {
      shape(context, kind, box, 4);
      this.#line(this.#colours.open, 1.5, [4, 3]);
    }
    if (node === selected) {
      shape(context, kind, box, mark === MARK.open ? 8 : 4);
      this.#line(this.#colours.focus, 2.5, []);
    }
    if (kind === "denied" || kind === "failed") {
      context.fillStyle = this.#colours.bad;
      context.fillRect(box.x - box.width / 2, box.y - box.height / 2, 4 * box.k, box.height);
    }
    this.#words(node, box, kind);
    this.#badges(bits, box);
    if (box.height >= TWO_LINES) this.#hidden(node, box);
  }

  #line(colour: string, width: number, dash: number[]): void {
    const context = this.#context;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
  }

  /** Sheets below the box of a group. */
  #stack({ x, y, width, height, k }: Box): void {
    const context = this.#context;
    for (const by of [6 * k, 3 * k]) {
      context.beginPath();
      context.roundRect(x - width / 2 + by, y - height / 2 + by, width, height, 6 * k);
      context.fillStyle = this.#colours.raised;
      context.fill();
      this.#line(this.#colours.edge, 1, []);
    }
  }

  #words(node: number, box: Box, kind: string): void {
    const context = this.#context;
    const { picture, columns, nodes, trust } = this.#scene;
    const { x, y, width, height, k } = box;
    const entry = picture.first[node]!;
    const bits = nodes[node]!;
    const pad = (kind === "originate" ? 16 : 10) * k;
    const left = x - width / 2 + pad;
    const pixels = Math.max(9, 12 * k);
    const score = columns.trust[entry]!;
    const hasScore = trust && !Number.isNaN(score);
    const mark = bits & NODE.mark;
    const label = labelOf(this.#scene, node);
    const note = [
      ...mark > 0 ? [MARK_WORDS[mark]![1]] : [],
      ...kind === "step" || kind === label ? [] : [kind],
    ].join(" · ");
    const isDouble = note !== "" && height >= TWO_LINES;
    const line = isDouble ? y - 7 * k : y;
    const aside = hasScore ? 26 * k : this.#taints(entry, x + width / 2 - pad, line, k);
    const room = Math.max(0, width - 2 * pad - aside);
    if (bits & NODE.hit) {
      context.fillStyle = this.#colours["open-ground"];
      context.fillRect(left - 3, line - pixels * 0.65, room + 6, pixels * 1.3);
      context.fillStyle = this.#colours.open;
      context.fillRect(left - 3, line + pixels * 0.6, room + 6, 2);
    }
    context.fillStyle = this.#colours[kind === "missing" ? "quiet" : "text"];
    write(context, label, left, line, room, pixels);
    if (isDouble) {
      const isBad = mark === MARK.changed || mark === MARK.wrong || kind === "denied" ||
        kind === "failed";
      context.fillStyle = this.#colours[isBad ? "bad" : mark > MARK.affected ? "open" : "quiet"];
      write(context, note, left, y + 8 * k, width - 2 * pad, Math.max(9, 10.5 * k));
    }
    if (hasScore) this.#score(score, box, pad, line);
  }

  /** How many taints an entry has; the width that this takes. */
  #taints(entry: number, right: number, y: number, k: number): number {
    const { taintStart } = this.#scene.columns;
    const count = taintStart[entry + 1]! - taintStart[entry]!;
    if (count === 0 || k < COUNTED) return 0;
    const context = this.#context;
    const size = 4 * k;
    context.fillStyle = this.#colours.taint;
    context.textAlign = "right";
    write(context, String(count), right, y, 20, Math.max(9, 11 * k));
    context.textAlign = "left";
    const middle = right - (7 * String(count).length + 6) * k;
    context.beginPath();
    context.moveTo(middle, y - size);
    context.lineTo(middle + size, y);
    context.lineTo(middle, y + size);
    context.lineTo(middle - size, y);
    context.fill();
    return right - middle + size + 4 * k;
  }

  /** A trust score: a bar as long as it is high, and the number. */
  #score(score: number, { x, y, width, height, k }: Box, pad: number, line: number): void {
    const context = this.#context;
    const [left, top] = [x - width / 2 + pad, y + height / 2 - 5 * k];
    context.fillStyle = this.#colours.edge;
    context.fillRect(left, top, width - 2 * pad, 1);
    context.fillStyle = this.#colours[score >= 0.75 ? "good" : score >= 0.4 ? "open" : "bad"];
    context.fillRect(left, top - 1.5 * k, (width - 2 * pad) * score, 3 * k);
    context.fillStyle = this.#colours.text;
    context.textAlign = "right";
    write(context, String(Math.round(score * 100) / 100), x + width / 2 - pad, line, 40, 11 * k);
    context.textAlign = "left";
  }

  #badges(bits: number, { x, y, width, height, k }: Box): void {
    const context = this.#context;
    const [left, right, top] = [x - width / 2, x + width / 2, y - height / 2];
    const mark = bits & NODE.mark;
    const sign = (text: string, at: number, colour: string) =>
      badge(context, text, at, top, colour, this.#colours, Math.min(8, Math.max(5, 11 * k)));
    if (mark === MARK.changed || mark === MARK.wrong) {
      sign(MARK_WORDS[mark]![0], right - 2, this.#colours.bad);
    }
    if (mark === MARK.unknown) sign("?", right - 2, this.#colours.open);
    if (bits & NODE.adds) sign("+", left + 2, this.#colours.taint);
    if (bits & NODE.removes) sign("−", left + 2, this.#colours.good);
  }

  /** How many parents and children the picture does not show. */
  #hidden(node: number, { x, y, width, height, k }: Box): void {
    const { dag, picture } = this.#scene;
    const entry = picture.first[node]!;
    if (picture.count[node]! > 1) return;
    const context = this.#context;
    const pixels = Math.max(9, 10 * k);
    const more = (all: Int32Array, at: number) => {
      let count = 0;
      for (const each of all) if (picture.nodeOf[each]! < 0) count++;
      if (count === 0) return;
      context.fillStyle = this.#colours.quiet;
      write(context, `+${count}`, x - width / 2 + 8 * k, at, 60, pixels);
    };
    more(parentsOf(dag, entry), y - height / 2 - 9 * k);
    more(childrenOf(dag, entry), y + height / 2 + 10 * k);
  }
}
