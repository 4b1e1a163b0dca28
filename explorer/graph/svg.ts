/**
 * A picture as one SVG file that needs nothing else: no script, no style sheet, no
 * font, no link.
 *
 * @module
 */

import type { Dag } from "./dag.ts";
import type { Layout } from "./layout.ts";

/** CSS colours of a picture. */
export interface SvgColours {
  /** Behind everything. */
  readonly background: string;
  /** Inside of nodes. */
  readonly node: string;
  /** Around nodes. */
  readonly border: string;
  /** Names. */
  readonly text: string;
  /** Edges. */
  readonly edge: string;
}

/** Colours for light pages and paper. */
export const LIGHT: SvgColours = Object.freeze({
  background: "#ffffff",
  node: "#f4f5f7",
  border: "#5b6472",
  text: "#16191d",
  edge: "#717b8a",
});

/** Colours for dark pages. */
export const DARK: SvgColours = Object.freeze({
  background: "#14171c",
  node: "#242a33",
  border: "#9aa5b5",
  text: "#f0f2f5",
  edge: "#7f8b9c",
});

/** How one node is drawn. */
export interface SvgNode {
  /** Its name. */
  readonly label: string;
  /** A second line. */
  readonly note?: string;
  /** Its inside, instead of the colour of all. */
  readonly fill?: string;
  /** Its border, instead of the colour of all. */
  readonly border?: string;
  /** A dashed border: the entry is missing. */
  readonly dashed?: boolean;
}

/** What is drawn. */
export interface SvgOptions {
  /** What the picture is, for those who cannot see it. */
  readonly title: string;
  /** What it shows. */
  readonly description: string;
  /** Default {@linkcode LIGHT}. */
  readonly colours?: SvgColours;
  /** How each node is drawn. */
  readonly node: (node: number) => SvgNode;
  /** The colour of an edge, where it is not that of all. */
  readonly edge?: (edge: number) => string | undefined;
}

const MARGIN = 20;

/** The width of a character of the names, about. */
const CHARACTER = 6.6;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Characters that cannot be seen, that turn the text around, or that XML forbids. */
const HIDDEN =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\uffff]/;

/** Text for XML; what cannot be seen is shown as `\uXXXX`. */
function escaped(text: string): string {
  let result = "";
  for (const char of text) {
    result += ENTITIES[char] ??
      (HIDDEN.test(char) && char.length === 1
        ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
        : char);
  }
  return result;
}

/** As many characters as fit a width. */
function shortened(text: string, width: number): string {
  const most = Math.max(1, Math.floor((width - 12) / CHARACTER));
  const start = text.slice(0, 2 * most + 2);
  const characters = [...start];
  return characters.length <= most ? start : characters.slice(0, most - 1).join("") + "…";
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** The path of an edge: from the bottom of the parent, by its bends, to the top of the child. */
function pathOf(dag: Dag, layout: Layout, edge: number): string {
  const { x, y, nodeHeight, bendStart, bendX, bendY } = layout;
  const parent = dag.parents[edge]!;
  const child = dag.edgeChild[edge]!;
  const points: [number, number][] = [[x[parent]!, y[parent]! + nodeHeight / 2]];
  for (let i = bendStart[edge]!; i < bendStart[edge + 1]!; i++) points.push([bendX[i]!, bendY[i]!]);
  points.push([x[child]!, y[child]! - nodeHeight / 2]);
  let path = `M${n(points[0]![0])} ${n(points[0]![1])}`;
  for (let i = 1; i < points.length; i++) {
    const [[fromX, fromY], [toX, toY]] = [points[i - 1]!, points[i]!];
    const middle = n((fromY + toY) / 2);
    path += fromX === toX
      ? `V${n(toY)}`
      : `C${n(fromX)} ${middle} ${n(toX)} ${middle} ${n(toX)} ${n(toY)}`;
  }
  return path;
}

function edgesOf(dag: Dag, layout: Layout, options: SvgOptions, colours: SvgColours): string {
  let all = `<g fill="none" stroke="${escaped(colours.edge)}" stroke-width="1.5">\n`;
  for (let edge = 0; edge < dag.edges; edge++) {
    const own = options.edge?.(edge);
    const stroke = own === undefined ? "" : ` stroke="${escaped(own)}"`;
    all += `<path d="${pathOf(dag, layout, edge)}"${stroke}/>\n`;
  }
  const { x, y } = layout;
  for (let i = 0; i < dag.closing.length; i += 2) {
    const [parent, child] = [dag.closing[i]!, dag.closing[i + 1]!];
    const line = `M${n(x[parent]!)} ${n(y[parent]!)}L${n(x[child]!)} ${n(y[child]!)}`;
    all += `<path d="${line}" stroke-dasharray="4 4"/>\n`;
  }
  return all + "</g>\n";
}

function nodesOf(dag: Dag, layout: Layout, options: SvgOptions, colours: SvgColours): string {
  const { x, y, nodeWidth, nodeHeight } = layout;
  let all = `<g font-family="system-ui, sans-serif" font-size="12" text-anchor="middle">\n`;
  for (let node = 0; node < dag.size; node++) {
    const { label, note, fill, border, dashed } = options.node(node);
    const width = nodeWidth[node]!;
    const left = n(x[node]! - width / 2);
    const text = (content: string, down: number, size = "") =>
      `<text x="${n(x[node]!)}" y="${n(y[node]! + down)}"${size} fill="${escaped(colours.text)}">` +
      `${escaped(shortened(content, width))}</text>`;
    all += `<g><title>${escaped(note === undefined ? label : `${label}: ${note}`)}</title>` +
      `<rect x="${left}" y="${n(y[node]! - nodeHeight / 2)}" width="${n(width)}"` +
      ` height="${n(nodeHeight)}" rx="6" fill="${escaped(fill ?? colours.node)}"` +
      ` stroke="${escaped(border ?? colours.border)}"${dashed ? ' stroke-dasharray="4 3"' : ""}/>` +
      (note === undefined ? text(label, 4) : text(label, -3) + text(note, 12, ' font-size="10"')) +
      "</g>\n";
  }
  return all + "</g>\n";
}

/** The SVG text of a picture. */
export function svgOf(dag: Dag, layout: Layout, options: SvgOptions): string {
  const colours = options.colours ?? LIGHT;
  const box = [
    n(layout.left - MARGIN),
    n(-MARGIN),
    n(layout.width + 2 * MARGIN),
    n(layout.height + 2 * MARGIN),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box.join(" ")}"` +
    ` width="${box[2]}" height="${box[3]}" role="img" aria-labelledby="title desc">\n` +
    `<title id="title">${escaped(options.title)}</title>\n` +
    `<desc id="desc">${escaped(options.description)}</desc>\n` +
    `<rect x="${box[0]}" y="${box[1]}" width="${box[2]}" height="${box[3]}"` +
    ` fill="${escaped(colours.background)}"/>\n` +
    edgesOf(dag, layout, options, colours) +
    nodesOf(dag, layout, options, colours) +
    "</svg>\n";
}
