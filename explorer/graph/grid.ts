/**
 * Which nodes and edges lie in a rectangle, and which node at a point.
 *
 * @module
 */

import { type Boxes, boxesIn, boxesOf, type Rect } from "./box_index.ts";
import type { Dag } from "./dag.ts";
import type { Layout } from "./layout.ts";

/** Whether a line that runs down from (x0, y0) to (x1, y1) meets a rectangle. */
function meets(x0: number, y0: number, x1: number, y1: number, rect: Rect): boolean {
  if (y1 < rect.top || y0 > rect.bottom) return false;
  const slope = (x1 - x0) / (y1 - y0);
  const enter = y0 >= rect.top ? x0 : x0 + (rect.top - y0) * slope;
  const leave = y1 <= rect.bottom ? x1 : x0 + (rect.bottom - y0) * slope;
  return Math.min(enter, leave) <= rect.right && Math.max(enter, leave) >= rect.left;
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
    const { x, y, bendStart, bendX, bendY } = this.#layout;
    let fromX = x[this.#dag.parents[edge]!]!;
    let fromY = y[this.#dag.parents[edge]!]!;
    for (let i = bendStart[edge]!; i < bendStart[edge + 1]!; i++) {
      if (meets(fromX, fromY, bendX[i]!, bendY[i]!, rect)) return true;
      fromX = bendX[i]!;
      fromY = bendY[i]!;
    }
    const child = this.#dag.edgeChild[edge]!;
    return meets(fromX, fromY, x[child]!, y[child]!, rect);
  }

  /** The node at a point; -1 if there is none. */
  nodeAt(x: number, y: number): number {
    return this.nodesIn({ left: x, right: x, top: y, bottom: y })[0] ?? -1;
  }
}
