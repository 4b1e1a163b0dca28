/**
 * Measures pages in Chromium, over file:// as an auditor opens them: how large they
 * are, how soon they are open and rechecked, and whether they ever hang.
 *
 *     deno run -A tests/bench_page.ts                          a table
 *     deno run -A tests/bench_page.ts --json                   one object, name to number
 *     deno run -A tests/bench_page.ts --sizes 1000,10000       only these sizes
 *
 * Every page is opened three times, each time in a browser of its own; figures are
 * medians. The seconds of a busy machine say little: the load is printed with them.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Locator, Page } from "playwright-core";
import { generate, textOf } from "../examples/generate.ts";
import { APP, ENGINE } from "../lib/page/built.ts";
import { composePage } from "../lib/page/compose.ts";
import { median, type Row, rowText } from "./bench_tools.ts";
import { NO_BROWSER, settled, withBrowser } from "./browser/browser.ts";
import {
  type Noted,
  notedBy,
  noteTimes,
  scrollTimes,
  timeOfInput,
  timeToAnswer,
} from "./browser/clock.ts";

const OPENINGS = 3;
const SEED = 7;

/** Limits for one size. */
interface Limits {
  readonly name: string;
  readonly megabytes: number;
  /** Seconds until the passport is open. */
  readonly open: number;
  /** Seconds of the recheck, alone in its worker. */
  readonly recheck: number;
  /** Milliseconds from there to the first picture. */
  readonly paint: number;
}

const LIMITS: Readonly<Record<number, Limits>> = {
  1_000: { name: "1k", megabytes: 0.4, open: 1, recheck: 0.2, paint: 100 },
  10_000: { name: "10k", megabytes: 2.5, open: 1.5, recheck: 0.6, paint: 100 },
  100_000: { name: "100k", megabytes: 25, open: 4, recheck: 5, paint: 200 },
};

const say = (text: string) => console.error(`${text} (load ${Deno.loadavg()[0]!.toFixed(1)})`);

function row(name: string, value: number, limit: number | "", detail = ""): Row {
  return { name, value, target: limit === "" ? "" : `<= ${limit}`, detail };
}

/** A realistic passport and its page in a file; its size in bytes. */
async function writePage(entries: number, file: string): Promise<number> {
  const { passport, trust } = await generate({
    ...{ shape: "temporal", entries, seed: SEED },
    progress: (done) => console.error(`  ${done} entries`),
  });
  const html = composePage({
    passport: new Uint8Array(await new Blob([...textOf(passport)]).arrayBuffer()),
    name: "passport.json",
    trust: JSON.stringify(trust),
  });
  const bytes = new TextEncoder().encode(html);
  writeFileSync(file, bytes);
  return bytes.length;
}

/** What one opening came to; `more` is measured in the page once it is at rest. */
async function openOnce(file: string, more: (page: Page) => Promise<void>): Promise<Noted> {
  let noted: Noted | undefined;
  await withBrowser(async (browser) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await noteTimes(page);
    await page.goto(pathToFileURL(file).href);
    await settled(page);
    await page.waitForFunction(() => globalThis.noted.painted > 0);
    await page.waitForTimeout(500);
    noted = await notedBy(page);
    await more(page);
  });
  return noted!;
}

/** Seconds that a worker took for a call. */
function seconds({ calls }: Noted, worker: string, method: string): number {
  const call = calls.find((each) => each.worker === `kest-${worker}` && each.method === method)!;
  return (call.answered - call.asked) / 1000;
}

function openingRows(all: readonly Noted[], { name, open, paint, recheck }: Limits): Row[] {
  const middle = (of: (noted: Noted) => number) => median(all.map(of));
  const call = (worker: string, method: string) =>
    middle((noted) => seconds(noted, worker, method)).toFixed(2);
  const longest = middle(({ tasks }) => Math.max(0, ...tasks.map(({ ms }) => ms)));
  const tasks = all.at(-1)!.tasks.map(({ start, ms }) => `${ms} at ${start.toFixed(0)}`);
  const verdict = (noted: Noted) =>
    noted.verdict / 1000 - noted.calls.find(({ method }) => method === "verify")!.asked / 1000;
  return [
    row(
      ...[`open_${name}_s`, middle((noted) => noted.open / 1000), open] as const,
      `unpacked in ${call("model", "identifyBlocks")} s, read in ${call("model", "open")} s`,
    ),
    row(`paint_${name}_ms`, middle((noted) => noted.painted - noted.open), paint),
    row(
      ...[`recheck_${name}_s`, middle((n) => seconds(n, "verify", "verify")), recheck] as const,
      `its own reading took ${call("verify", "open")} s`,
    ),
    row(`first_verdict_${name}_s`, middle(verdict), 0.5),
    row(`rechecked_${name}_s`, middle((noted) => noted.rechecked / 1000), "", "from navigation"),
    row(`longest_task_${name}_ms`, longest, 50, tasks.join(", ")),
  ];
}

/** Medians of what a reader does in an open page. */
class Handling {
  readonly #times = new Map<string, number[]>();

  #note(what: string, ms: number): void {
    this.#times.set(what, [...this.#times.get(what) ?? [], ms]);
  }

  async measure(page: Page): Promise<void> {
    const canvas = page.locator(".stage > canvas").first();
    await canvas.focus();
    const select = async (what: string) => {
      for (let i = 0; i < 8; i++) {
        // There and back, so that no key finds the end of the graph.
        const key = i % 2 === 0 ? "ArrowUp" : "ArrowDown";
        this.#note(what, await timeOfInput(page, () => page.keyboard.press(key)));
        await page.waitForTimeout(300);
      }
    };
    await select("select");
    await page.keyboard.press("w");
    await page.waitForTimeout(4_000);
    await select("select_whole");
    const chips = await page.locator("[aria-labelledby=taints] .chip").all();
    for (const chip of chips) await this.#toggle(page, chip);
    await page.keyboard.press("r");
    await page.locator("#search").focus();
    await page.waitForTimeout(3_000);
    for (const key of "merge team:b") {
      this.#note("search", await timeToAnswer(page, "search", () => page.keyboard.press(key)));
      await page.waitForTimeout(100);
    }
    await page.keyboard.press("Escape");
    await page.waitForTimeout(500);
    for (const ms of await scrollTimes(page, "[role=grid]", 150)) this.#note("scroll", ms);
  }

  /** Highlights a taint for the first time, and again. */
  async #toggle(page: Page, chip: Locator): Promise<void> {
    const press = () => page.keyboard.press("Enter");
    const reach = async () => {
      await chip.focus();
      // A hand takes longer from a button to its key.
      await page.waitForTimeout(100);
    };
    this.#note("taint", await timeToAnswer(page, "taint", press, reach));
    for (const what of ["taint_off", "taint_again", "taint_off"]) {
      await page.waitForTimeout(600);
      this.#note(what, await timeOfInput(page, press));
    }
    await page.waitForTimeout(600);
  }

  rows(name: string): Row[] {
    const part = (what: string, at: number) => {
      const sorted = this.#times.get(what)!.toSorted((a, b) => a - b);
      return sorted[Math.floor(at * (sorted.length - 1))]!;
    };
    const most = (what: string) => `the slowest ${part(what, 1).toFixed(0)} ms`;
    const middle = (what: string, limit: number) =>
      row(`${what}_${name}_ms`, part(what, 0.5), limit, most(what));
    return [
      middle("select", 50),
      middle("select_whole", 50),
      middle("taint", 20),
      middle("taint_again", 20),
      middle("taint_off", 20),
      middle("search", 20),
      row(`scroll_p95_${name}_ms`, part("scroll", 0.95), 20, most("scroll")),
    ];
  }
}

/** All rows of one size. @param isLargest Whether it is also tried out. */
async function rowsOf(entries: number, isLargest: boolean): Promise<Row[]> {
  const limits = LIMITS[entries]!;
  const directory = mkdtempSync(join(tmpdir(), "kest-bench-"));
  const file = join(directory, "page.html");
  try {
    say(`Making a page of ${entries} entries`);
    const bytes = await writePage(entries, file);
    const handling = new Handling();
    const all: Noted[] = [];
    for (let i = 0; i < OPENINGS; i++) {
      say(`Opening it, ${i + 1} of ${OPENINGS}`);
      const isTried = isLargest && i === OPENINGS - 1;
      all.push(
        await openOnce(file, async (page) => {
          if (isTried) await handling.measure(page);
        }),
      );
    }
    return [
      row(`page_${limits.name}_mb`, bytes / 1e6, limits.megabytes),
      ...openingRows(all, limits),
      ...isLargest ? handling.rows(limits.name) : [],
    ];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function sizesIn(args: readonly string[]): number[] {
  const at = args.indexOf("--sizes");
  const sizes = at < 0 ? Object.keys(LIMITS) : (args[at + 1] ?? "").split(",");
  return sizes.map((size) => {
    if (Object.hasOwn(LIMITS, size)) return Number(size);
    throw new RangeError(`No such size: ${size}; known are ${Object.keys(LIMITS).join(", ")}`);
  });
}

async function main(args: readonly string[]): Promise<void> {
  if (NO_BROWSER !== undefined) throw new Error(NO_BROWSER);
  const kilobytes = (text: string) => gzipSync(text, { level: 9 }).length / 1000;
  const rows = [
    row("app_gzip_kb", kilobytes(APP.text), 60),
    row("engine_gzip_kb", kilobytes(ENGINE.text), 120),
  ];
  const isTable = !args.includes("--json");
  if (isTable) rows.forEach((each) => console.log(rowText(each)));
  const sizes = sizesIn(args);
  for (const size of sizes) {
    const more = await rowsOf(size, size === Math.max(...sizes));
    rows.push(...more);
    if (isTable) more.forEach((each) => console.log(rowText(each)));
  }
  if (isTable) return;
  console.log(JSON.stringify(Object.fromEntries(rows.map(({ name, value }) => [name, value]))));
}

await main(Deno.args);
