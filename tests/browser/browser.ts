/**
 * A real browser for tests of pages.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const PLACES = [
  Deno.env.get("CHROMIUM") ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const executable = PLACES.find((place) => place !== "" && existsSync(place));

/** Why there is no browser; `undefined` if there is one. */
export const NO_BROWSER = executable === undefined
  ? "there is no Chromium; install one, or name it in CHROMIUM"
  : undefined;

/** A page that is open, and everything that it complained about. */
export interface Opened {
  readonly page: Page;
  /** Errors of scripts, on the console, of the content policy, and requests that left the file. */
  readonly complaints: string[];
}

/** Runs `use` with a browser that ends with it. */
export async function withBrowser(use: (browser: Browser) => Promise<void>): Promise<void> {
  const args = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"];
  const browser = await chromium.launch({ executablePath: executable!, args });
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => void complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on("request", (request) => {
    const { protocol } = new URL(request.url());
    if (!["file:", "blob:", "data:"].includes(protocol)) {
      complaints.push(`request: ${request.url()}`);
    }
  });
  return complaints;
}

/** Opens HTML from a file of its own, as an auditor would. */
export async function withPage(
  browser: Browser,
  html: string,
  use: (opened: Opened) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "kest-page-"));
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  try {
    const file = join(directory, "page.html");
    writeFileSync(file, html);
    const page = await context.newPage();
    const complaints = listen(page);
    await page.goto(pathToFileURL(file).href);
    await use({ page, complaints });
  } finally {
    await context.close();
    rmSync(directory, { recursive: true });
  }
}

/** Waits until everything was rechecked, or cannot be read. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('[data-phase="broken"], [data-rechecked]', { timeout: 60_000 });
}

/** A test that needs a browser; without one it says so. */
export function browserTest(name: string, use: (browser: Browser) => Promise<void>): void {
  test(name, async (t) => {
    if (NO_BROWSER === undefined) return await withBrowser(use);
    t.diagnostic(`Left out: ${NO_BROWSER}`);
    assert.match(NO_BROWSER, /Chromium/);
  });
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { html: string }[];
  }[];
}

/** What axe finds wrong, by WCAG 2.2 A and AA. */
export async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const run = `axe.run({ runOnly: ${JSON.stringify(tags)} })`;
  const { violations } = await page.evaluate(run) as AxeResult;
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
}
