/** Graphviz as an oracle for layouts, and crossings as a reader sees them. */

import { instance } from "@viz-js/viz";
import type { Dag } from "../../explorer/graph/dag.ts";

/** The centre of each node. */
export interface Centres {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Graphviz's fast setting: straight lines, few rounds. */
const FAST = "splines=false; mclimit=0.2; nslimit=2; nslimit1=2;";

/** Lays a graph out with Graphviz, for the same sizes as ours; with the time it took. */
export async function graphviz(dag: Dag): Promise<Centres & { readonly ms: number }> {
  const viz = await instance();
  const lines = [`digraph { ${FAST} nodesep=0.55; ranksep=0.83;`];
  lines.push(`node [shape=box, width=2.22, height=0.55, fixedsize=true, label=""];`);
  for (let node = 0; node < dag.size; node++) lines.push(`${node};`);
  for (let edge = 0; edge < dag.edges; edge++) {
    lines.push(`${dag.parents[edge]} -> ${dag.edgeChild[edge]};`);
  }
  const start = performance.now();
  const { objects } = viz.renderJSON(lines.join("\n") + "}") as {
    objects: { name: string; pos: string }[];
  };
  const ms = performance.now() - start;
  const x = new Float64Array(dag.size);
  const y = new Float64Array(dag.size);
  for (const { name, pos } of objects) {
    const [left, up] = pos.split(",").map(Number);
    x[Number(name)] = left!;
    y[Number(name)] = -up!;
  }
  return { x, y, ms };
}

/** Pairs of edges that cross if each is drawn straight between the centres of its ends. */
export function straightCrossings(dag: Dag, { x, y }: Centres): number {
  const turn = (a: number, b: number, c: number) =>
    Math.sign((x[b]! - x[a]!) * (y[c]! - y[a]!) - (y[b]! - y[a]!) * (x[c]! - x[a]!));
  let crossings = 0;
  for (let edge = 0; edge < dag.edges; edge++) {
    const [a, b] = [dag.parents[edge]!, dag.edgeChild[edge]!];
    for (let other = edge + 1; other < dag.edges; other++) {
      const [c, d] = [dag.parents[other]!, dag.edgeChild[other]!];
      if (a === c || a === d || b === c || b === d) continue;
      if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0) crossings++;
    }
  }
  return crossings;
}
