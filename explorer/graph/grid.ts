/**
 * Which nodes and edges lie in a rectangle, and which node at a point.
 *
 * @module
 */

import { type Boxes, boxesIn, boxesOf, type Rect } from "./box_index.ts";
import type { Dag } from "./dag.ts";
import type { Layout } from "./layout.ts";

/** An edge as points from the parent to the child. */
function* pointsOf(dag: Dag, layout: Layout, edge: number): Generator<[number, number]> {
  const { x, y, bendStart, bendX, bendY } = layout;
  yield [x[dag.parents[edge]!]!, y[dag.parents[edge]!]!];
  for (let i = bendStart[edge]!; i < bendStart[edge + 1]!; i++) yield [bendX[i]!, bendY[i]!];
  yield [x[dag.edgeChild[edge]!]!, y[dag.edgeChild[edge]!]!];
}

/** Whether a line from (x0, y0) to (x1, y1) meets a rectangle. */
function meets(x0: number, y0: number, x1: number, y1: number, rect: Rect): boolean {
  let first = 0;
  let last = 1;
  const clip = (from: number, to: number, low: number, high: number): boolean => {
    const length = to - from;
    if (length === 0) return from >= low && from <= high;
    const a = (low - from) / length;
    const b = (high - from) / length;
    first = Math.max(first, Math.min(a, b));
    last = Math.min(last, Math.max(a, b));
    return first <= last;
  };
  return clip(x0, x1, rect.left, rect.right) && clip(y0, y1, rect.top, rect.bottom);
}

/** Where the nodes and edges of a picture lie: plain data that a worker may hand over. */
export interface Places {
  readonly nodes: Boxes;
  readonly edges: Boxes;
}

/** The places of a picture. */
export function placesIn(dag: Dag, layout: Layout): Places {
  const { x, y, nodeWidth, nodeHeight, bendStart, bendX } = layout;
  const nodes = boxesOf(dag.size, (node, box) => {
    box.left = x[node]! - nodeWidth[node]! / 2;
    box.right = x[node]! + nodeWidth[node]! / 2;
    box.top = y[node]! - nodeHeight / 2;
    box.bottom = y[node]! + nodeHeight / 2;
  });
  const edges = boxesOf(dag.edges, (edge, box) => {
    const parent = dag.parents[edge]!;
    const child = dag.edgeChild[edge]!;
    box.left = Math.min(x[parent]!, x[child]!);
    box.right = Math.max(x[parent]!, x[child]!);
    for (let i = bendStart[edge]!; i < bendStart[edge + 1]!; i++) {
      box.left = Math.min(box.left, bendX[i]!);
      box.right = Math.max(box.right, bendX[i]!);
    }
    box.top = y[parent]!;
    box.bottom = y[child]!;
  });
  return { nodes, edges };
}

/** An index of a picture. */
export class Grid {
  readonly #dag: Dag;
  readonly #layout: Layout;
  readonly #places: Places;

  constructor(dag: Dag, layout: Layout, places: Places = placesIn(dag, layout)) {
    this.#dag = dag;
    this.#layout = layout;
    this.#places = places;
  }

  /** Nodes whose box meets a rectangle, ascending. */
  nodesIn(rect: Rect): Int32Array {
    return boxesIn(this.#places.nodes, rect);
  }

  /** Edges that run through a rectangle, ascending. */
  edgesIn(rect: Rect): Int32Array {
    return boxesIn(this.#places.edges, rect).filter((edge) => this.#runsThrough(edge, rect));
  }

  #runsThrough(edge: number, rect: Rect): boolean {
    let before: [number, number] | undefined;
    for (const point of pointsOf(this.#dag, this.#layout, edge)) {
      if (before && meets(...before, ...point, rect)) return true;
      before = point;
    }
    return false;
  }

  /** The node at a point; -1 if there is none. */
  nodeAt(x: number, y: number): number {
    return this.nodesIn({ left: x, right: x, top: y, bottom: y })[0] ?? -1;
  }
}
