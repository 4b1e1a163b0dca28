/**
 * Benchmarks of the explorer's graph: milliseconds against the targets, and
 * crossings against Graphviz.
 *
 *     deno run -A tests/bench_explorer.ts            a table
 *     deno run -A tests/bench_explorer.ts --json     one object, name to number
 *
 * Every time is that of a first call in a new worker, where nothing is compiled
 * yet, as in a page that was just opened: of several workers the one least disturbed.
 * `cpu` is what that call took of all processors, which a busy machine changes
 * little; `warm` is the median of the calls that follow.
 */

import { gzipSync } from "node:zlib";
import { parentsFor, type Shape } from "../examples/generate.ts";
import { dagOf } from "../explorer/graph/dag.ts";
import { layoutOf } from "../explorer/graph/layout.ts";
import { type Job, KEYSTROKES, type Times } from "./explorer/bench_worker.ts";
import { graphviz, straightCrossings } from "./explorer/graphviz.ts";

interface Row {
  readonly name: string;
  readonly value: number;
  readonly target: string;
  readonly detail: string;
}

const WORKERS = 5;

function inWorker(job: Job): Promise<Times> {
  const worker = new Worker(new URL("./explorer/bench_worker.ts", import.meta.url), {
    type: "module",
  });
  return new Promise<Times>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(job);
  }).finally(() => worker.terminate());
}

const SIZES: Readonly<Record<number, string>> = { 1_000: "1k", 10_000: "10k", 100_000: "100k" };

async function timed(what: string, shape: Shape, size: number, target?: number): Promise<Row> {
  const times: Times[] = [];
  const lists = parentsFor(shape, size, 7);
  for (let i = 0; i < WORKERS; i++) times.push(await inWorker({ what, lists }));
  const least = (name: keyof Times) => Math.min(...times.map((each) => each[name])).toFixed(1);
  return {
    name: `${what}_${shape}_${SIZES[size]}_ms`,
    value: Math.min(...times.map((each) => each.cold)),
    target: target === undefined ? "" : `<= ${target}`,
    detail: `cpu ${least("cpu")} ms, warm ${least("warm")} ms`,
  };
}

/** The slowest of several keystrokes. */
async function keystroke(): Promise<Row> {
  const rows: [string, Row][] = [];
  for (const [index, query] of KEYSTROKES.entries()) {
    rows.push([query, await timed(`search_${index}`, "temporal", 100_000, 20)]);
  }
  const [query, slowest] = rows.reduce((a, b) => a[1].value > b[1].value ? a : b);
  const each = rows.map(([query, { value }]) => `${query} ${value.toFixed(1)}`).join(", ");
  return { ...slowest, name: "search_temporal_100k_ms", detail: `slowest: ${query}; ${each}` };
}

async function crossings(shape: Shape): Promise<Row> {
  const ratios: string[] = [];
  let worst = 0;
  let theirMs = 0;
  for (const seed of [1, 7, 42]) {
    const graph = dagOf(parentsFor(shape, 1_000, seed));
    const oracle = await graphviz(graph);
    const [ours, theirs] = [layoutOf(graph), oracle].map((each) => straightCrossings(graph, each));
    worst = Math.max(worst, ours! / theirs!);
    theirMs = oracle.ms;
    ratios.push(`${ours}/${theirs}`);
  }
  return {
    name: `crossings_${shape}_1k_over_graphviz`,
    value: worst,
    target: "<= 1.25",
    detail: `${ratios.join(", ")}; Graphviz took ${theirMs.toFixed(0)} ms`,
  };
}

/** The layout, bundled for browsers. */
async function layoutSize(): Promise<Row> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "-q", "--minify", "--platform", "browser", "explorer/graph/layout.ts"],
    cwd: new URL("..", import.meta.url),
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("The layout could not be bundled");
  return {
    name: "layout_gzip_bytes",
    value: gzipSync(stdout, { level: 9 }).length,
    target: "<= 5120",
    detail: `${stdout.length} bytes minified`,
  };
}

const MEASUREMENTS: readonly (() => Promise<Row>)[] = [
  () => timed("layout", "temporal", 1_000, 50),
  () => timed("layout", "temporal", 10_000, 200),
  () => timed("layout", "temporal", 100_000, 1_500),
  () => timed("layout", "layered", 1_000),
  () => timed("layout", "layered", 10_000),
  () => timed("layout", "layered", 100_000),
  () => timed("layout", "chain", 100_000, 1_500),
  () => timed("layout", "fan", 100_000, 1_500),
  () => crossings("layered"),
  () => crossings("temporal"),
  layoutSize,
  () => timed("lanes", "temporal", 100_000, 50),
  () => timed("lanes", "fan", 100_000, 50),
  () => timed("rows", "temporal", 100_000),
  () => timed("select", "temporal", 100_000, 50),
  () => timed("taint_first", "temporal", 100_000),
  () => timed("taint_toggle", "temporal", 100_000, 20),
  () => timed("search_index", "temporal", 100_000),
  keystroke,
  () => timed("grid", "temporal", 100_000),
  () => timed("cull", "temporal", 100_000, 16),
  () => timed("cull", "fan", 100_000, 16),
  () => timed("splat", "temporal", 100_000, 60),
  () => timed("splat", "layered", 100_000, 60),
  () => timed("splat", "fan", 100_000, 60),
  () => timed("collapse", "temporal", 100_000),
  () => timed("csv", "temporal", 100_000),
];

async function main(): Promise<void> {
  const rows: Row[] = [];
  for (const each of MEASUREMENTS) {
    const row = await each();
    rows.push(row);
    if (Deno.args.includes("--json")) continue;
    const value = row.value >= 100 ? row.value.toFixed(0) : row.value.toFixed(2);
    console.log(
      `${row.name.padEnd(36)} ${value.padStart(8)}  ${row.target.padEnd(9)} ${row.detail}`,
    );
  }
  if (Deno.args.includes("--json")) {
    console.log(JSON.stringify(Object.fromEntries(rows.map(({ name, value }) => [name, value]))));
  }
}

await main();
