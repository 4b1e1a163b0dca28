/**
 * What tests/bench_explorer.ts times, one measurement in each worker, so that nothing
 * is compiled when it starts.
 */

import process from "node:process";
import { collapse } from "../../explorer/graph/collapse.ts";
import { nodesCsv } from "../../explorer/graph/csv.ts";
import { dagOf } from "../../explorer/graph/dag.ts";
import type { EntryFacts } from "../../explorer/graph/facts.ts";
import { Grid } from "../../explorer/graph/grid.ts";
import { lanesOf } from "../../explorer/graph/lanes.ts";
import { layoutOf } from "../../explorer/graph/layout.ts";
import { ancestors, descendants } from "../../explorer/graph/reach.ts";
import { rowOrder } from "../../explorer/graph/rows.ts";
import { SearchIndex } from "../../explorer/graph/search.ts";
import { splat } from "../../explorer/graph/splat.ts";
import { Taints } from "../../explorer/graph/taints.ts";

/** One measurement. */
export interface Job {
  /** Its name in {@linkcode PREPARE}. */
  readonly what: string;
  /** The parents of each node. */
  readonly lists: readonly (readonly number[])[];
}

/** Milliseconds of the first call, and the median of those that follow. */
export interface Times {
  readonly cold: number;
  /** What the first call took of all processors, compiling included. */
  readonly cpu: number;
  readonly warm: number;
}

type Lists = Job["lists"];

/** Makes what a measurement needs, and returns what is timed. */
type Prepare = (lists: Lists) => () => unknown;

const WARM = 5;

/** Facts as a real passport of this shape would have them. */
function factsFor(lists: Lists): EntryFacts[] {
  let state = 1;
  const random = () => (state = state * 48271 % 0x7fffffff) / 0x7fffffff;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const hex = (length: number) =>
    Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
  return lists.map((parents, node) => ({
    id: `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    hash: hex(64),
    nodeId: pick(["parse", "clean", "enrich", "score", "merge", "summarise", "publish"]),
    kind: parents.length === 0 ? "originate" : "step",
    parents,
    addedTaint: parents.length === 0 ? [pick(["pii_data", "web_data", "secret"])] : [],
    removedTaint: random() < 0.001 ? ["pii_data"] : [],
    accumulatedTaint: pick([["pii_data", "web_data"], ["web_data"], ["pii_data", "secret"]]),
    labels: { team: pick(["billing", "care", "research"]), stage: String(node % 9) },
    origin: parents.length === 0 ? { userId: pick(["alice", "bob"]), sessionId: "s" } : null,
    keyId: pick(["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "b0N6bWpvd0Q"]),
    trustScore: 1,
    timestampMs: 1_795_000_000_000 + 700 * node,
  }));
}

/** What somebody types. */
export const KEYSTROKES = [
  "p",
  "pu",
  "taint:p",
  "taint:pii n",
  "e",
  "3f",
  "label:team=care b",
  "-a",
  "zzz",
];

const PREPARE: Readonly<Record<string, Prepare>> = {
  layout: (lists) => {
    const graph = dagOf(lists);
    return () => layoutOf(graph);
  },
  lanes: (lists) => {
    const graph = dagOf(lists);
    return () => lanesOf(graph);
  },
  rows: (lists) => {
    const graph = dagOf(lists);
    const times = Array.from({ length: lists.length }, (_, node) => node);
    return () => rowOrder(graph, times);
  },
  select: (lists) => {
    const graph = dagOf(lists);
    const middle = lists.length >> 1;
    return () => [ancestors(graph, middle), descendants(graph, middle)];
  },
  taint_first: (lists) => {
    const graph = dagOf(lists);
    const facts = factsFor(lists);
    return () => new Taints(graph, facts).flow("pii_data");
  },
  taint_toggle: (lists) => {
    const taints = new Taints(dagOf(lists), factsFor(lists));
    return () => taints.flow("pii_data");
  },
  search_index: (lists) => {
    const facts = factsFor(lists);
    return () => new SearchIndex(facts);
  },
  grid: (lists) => {
    const graph = dagOf(lists);
    const layout = layoutOf(graph);
    return () => new Grid(graph, layout);
  },
  cull: (lists) => {
    const graph = dagOf(lists);
    const layout = layoutOf(graph);
    const grid = new Grid(graph, layout);
    const [left, top] = [layout.width / 2, layout.height / 2];
    const rect = { left, top, right: left + 1280, bottom: top + 800 };
    return () => [grid.nodesIn(rect), grid.edgesIn(rect)];
  },
  splat: (lists) => {
    const graph = dagOf(lists);
    const layout = layoutOf(graph);
    const [edge, node] = [0xff888888, 0xff333333];
    return () => splat(graph, layout, { width: 1280, height: 800, edge, node });
  },
  collapse: (lists) => {
    const graph = dagOf(lists);
    const facts = factsFor(lists);
    return () => collapse(graph, facts);
  },
  csv: (lists) => {
    const graph = dagOf(lists);
    const facts = factsFor(lists);
    return () => nodesCsv(graph, facts);
  },
};
KEYSTROKES.forEach((query, index) => {
  (PREPARE as Record<string, Prepare>)[`search_${index}`] = (lists) => {
    const search = new SearchIndex(factsFor(lists));
    return () => {
      search.find(""); // forgets the terms of the query before
      return search.find(query);
    };
  };
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function measure({ what, lists }: Job): Times {
  const run = PREPARE[what]!(lists);
  const before = process.cpuUsage();
  let cpu = 0;
  const times = Array.from({ length: 1 + WARM }, (_, call) => {
    const start = performance.now();
    run();
    const time = performance.now() - start;
    if (call === 0) cpu = process.cpuUsage(before).user / 1000;
    return time;
  });
  return { cold: times[0]!, cpu, warm: median(times.slice(1)) };
}

if (typeof document === "undefined" && "WorkerGlobalScope" in globalThis) {
  self.onmessage = ({ data }: MessageEvent<Job>) => self.postMessage(measure(data));
}
