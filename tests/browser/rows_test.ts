// The rows, the search, the keys, and what can be taken out of a page.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { generate } from "../../examples/generate.ts";
import { composePage } from "../../lib/page/compose.ts";
import { kest, world } from "../cli_world.ts";
import { browserTest, settled, violationsOn, withPage } from "./browser.ts";

const SIZE = 1_000;
const made = await generate({ shape: "temporal", entries: SIZE, seed: 1 });
const passport = JSON.stringify(made.passport);
const trust = JSON.stringify(made.trust);
const entries = Object.values(made.passport.history);

/** The passport with one entry changed in the middle. */
const changed = (() => {
  const copy = JSON.parse(passport);
  copy.history[entries[500]!.entry_id].labels = { forged: "yes" };
  return JSON.stringify(copy);
})();

function pageOf(text: string): string {
  return composePage({ passport: new TextEncoder().encode(text), name: "sample.json", trust });
}

async function toRows(page: Page): Promise<void> {
  await settled(page);
  await page.keyboard.press("r");
  await page.waitForSelector("[role=grid] [aria-selected]");
}

/** The place of the focus in the grid: row and column from 1. */
function focusIn(page: Page): Promise<string> {
  return page.evaluate(() => {
    const cell = document.activeElement!;
    const row = cell.closest("[role=row]")!;
    return `${row.getAttribute("aria-rowindex")} ${[...row.children].indexOf(cell) + 1}`;
  });
}

const status = (page: Page) => page.textContent(".page > .status");

browserTest("rows are a grid with as many elements as are seen", async (browser) => {
  await withPage(browser, pageOf(passport), async ({ page, complaints }) => {
    await toRows(page);
    const grid = page.locator("[role=grid]");
    assert.equal(await grid.getAttribute("aria-rowcount"), String(SIZE + 1));
    for (const place of [0, 9_000, 99_999]) {
      await grid.evaluate((element, top) => element.scrollTop = top, place);
      await page.waitForTimeout(50);
      assert.ok(await page.locator("[role=grid] [role=row]").count() < 45);
    }
    const last = page.locator(`[aria-rowindex="${SIZE + 1}"]`);
    assert.match(await last.textContent() ?? "", /\w/);
    assert.deepEqual(await violationsOn(page), []);
    assert.deepEqual(complaints, []);
  });
});

browserTest(
  "rows that flew past are in their order, and with links, once they stand",
  async (browser) => {
    await withPage(browser, pageOf(passport), async ({ page }) => {
      await toRows(page);
      // As fast as a wheel is turned, and then it stands.
      const seen = await page.$eval("[role=grid]", async (element) => {
        const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
        const rows =
          () => [...element.querySelectorAll(".body > [role=row]:not([aria-selected=true])")];
        const linked = () => rows().filter((row) => row.querySelector("a")).length;
        for (let i = 1; i <= 20; i++) {
          element.scrollTop = i * 400;
          await frame();
        }
        const flying = linked();
        for (let i = 0; i < 100 && linked() < rows().length; i++) await frame();
        return {
          ...{ flying, linked: linked() },
          order: rows().map((row) => Number(row.ariaRowIndex)),
        };
      });
      assert.ok(seen.flying < seen.order.length, `${seen.flying} have links while they fly past`);
      assert.equal(seen.linked, seen.order.length);
      const active = 1;
      const inOrder = seen.order.filter((row, i) => i === 0 || row > seen.order[i - 1]!).length;
      assert.ok(inOrder >= seen.order.length - active, seen.order.join());
    });
  },
);

browserTest("the grid can be walked with keys alone", async (browser) => {
  await withPage(browser, pageOf(passport), async ({ page }) => {
    await toRows(page);
    await page.locator("[role=grid] [tabindex='0']").first().focus();
    const walk: [key: string, at: string][] = [
      ["Home", "2 1"],
      ["ArrowUp", "2 1"],
      ["ArrowDown", "3 1"],
      ["ArrowRight", "3 2"],
      ["End", `${SIZE + 1} 2`],
      ["ArrowLeft", `${SIZE + 1} 1`],
    ];
    for (const [key, at] of walk) {
      await page.keyboard.press(key);
      assert.equal(await focusIn(page), at, key);
    }
    await page.keyboard.press("PageUp");
    assert.ok(Number((await focusIn(page)).split(" ")[0]) < SIZE - 10);
    await page.keyboard.press("Home");
    await page.keyboard.press(" ");
    assert.equal(await page.getAttribute("[aria-rowindex='2']", "aria-selected"), "true");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement!.id), "entry");
    const [oldest] = entries.toSorted((a, b) => a.timestamp_ms - b.timestamp_ms);
    assert.ok(page.url().endsWith(`#entry=${oldest!.entry_id}`), page.url());
  });
});

browserTest("a neighbour is a link", async (browser) => {
  await withPage(browser, pageOf(passport), async ({ page }) => {
    await toRows(page);
    const link = page.locator("[aria-selected=true] a").first();
    const href = await link.getAttribute("href");
    await link.focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction((hash) => location.hash === hash, href);
    const selected = page.locator("[aria-selected=true]");
    assert.equal(await selected.count(), 1);
    const id = decodeURIComponent(href!.slice("#entry=".length));
    await page.waitForFunction(
      (id) => document.getElementById("entry")!.textContent.includes(id),
      id,
    );
    assert.match(await selected.locator("[role=rowheader]").textContent() ?? "", /\w/);
  });
});

browserTest("a search counts, dims, steps, and says what is odd", async (browser) => {
  const denied = entries.filter(({ kind }) => kind === "denied");
  await withPage(browser, pageOf(passport), async ({ page }) => {
    await toRows(page);
    await page.keyboard.press("/");
    await page.keyboard.type("kind:denied");
    await page.waitForSelector(`text="${denied.length} found"`);
    await page.keyboard.press("Enter");
    assert.match(await status(page) ?? "", /^\d+ of \d+: export/);
    assert.match(await page.getAttribute("[aria-selected=true]", "class") ?? "", /hit/);
    assert.ok(await page.locator("[role=row].dim").count() > 0);
    await page.getByLabel("Only what is found").check();
    assert.equal(
      await page.getAttribute("[role=grid]", "aria-rowcount"),
      String(denied.length + 1),
    );
    assert.deepEqual(await violationsOn(page), []);
    await page.locator("#search").focus();
    await page.keyboard.press("Escape");
    await page.waitForSelector(`[aria-rowcount="${SIZE + 1}"]`);
    await page.keyboard.type("colour:red");
    assert.match(await page.textContent("#problem") ?? "", /no field colour/);
  });
});

browserTest("the changed entry is marked and reached by a key", async (browser) => {
  await withPage(browser, pageOf(changed), async ({ page }) => {
    await toRows(page);
    await page.keyboard.press("n");
    const row = page.locator("[aria-selected=true]");
    assert.match(await row.textContent() ?? "", /✗ changed/);
    assert.ok(page.url().endsWith(entries[500]!.entry_id));
    assert.equal(await page.locator(".marked.m1").count(), 1);
    assert.deepEqual(await violationsOn(page), []);
  });
});

browserTest("? lists the keys, and single characters can be switched off", async (browser) => {
  await withPage(browser, pageOf(passport), async ({ page }) => {
    await settled(page);
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog", { name: "Shortcuts" });
    await dialog.waitFor();
    assert.deepEqual(await violationsOn(page), []);
    await dialog.getByRole("checkbox").uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("r");
    await page.keyboard.press("?");
    assert.equal(await page.locator("[role=grid]").count(), 0);
    assert.equal(await page.locator("dialog[open]").count(), 0);
  });
});

async function saved(page: Page, item: string): Promise<string> {
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: item }).click(),
  ]);
  return readFileSync(await download.path(), "utf8");
}

browserTest("what is saved is what it should be", async (browser) => {
  await withPage(browser, pageOf(changed), async ({ page, complaints }) => {
    await settled(page);
    const files = { "sample.json": changed, "trust.json": trust };
    const { out } = await kest(
      world(files),
      "verify",
      "sample.json",
      "--trust",
      "trust.json",
      "--json",
    );
    assert.equal(await saved(page, "Report as JSON"), out);
    const lines = (await saved(page, "Entries as CSV")).trimEnd().split("\r\n");
    assert.equal(lines.length, SIZE + 1);
    const edges = entries.reduce((sum, entry) => sum + new Set(entry.parent_entry_ids).size, 0);
    assert.equal((await saved(page, "Edges as CSV")).trimEnd().split("\r\n").length, edges + 1);
    assert.deepEqual(complaints, []);
  });
});

browserTest("a second passport is compared", async (browser) => {
  await withPage(browser, pageOf(passport), async ({ page }) => {
    await settled(page);
    await page.getByLabel("A second passport").setInputFiles({
      ...{ name: "second.json", mimeType: "application/json" },
      buffer: Buffer.from(changed),
    });
    await page.getByText(`${SIZE - 1} entries are the same in both`).waitFor();
    assert.match(await page.textContent(".diff") ?? "", /another content \(1\).*labels/s);
    assert.deepEqual(await violationsOn(page), []);
    await page.locator(".diff button").click();
    assert.ok(page.url().endsWith(entries[500]!.entry_id));
  });
});

browserTest("the print has everything in plain text", async (browser) => {
  const small = (await generate({ shape: "temporal", entries: 60, seed: 2 })).passport;
  const hashes = Object.values(small.history).map(({ entry_hash: hash }) => hash);
  await withPage(browser, pageOf(JSON.stringify(small)), async ({ page }) => {
    await settled(page);
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await page.locator(".sheet tbody tr").count(), hashes.length);
    const text = await page.textContent(".sheet") ?? "";
    assert.ok(text.includes(hashes.at(-1)!), "the hash of a head");
    assert.deepEqual(await violationsOn(page), []);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await page.textContent(".sheet"), "");
  });
});

browserTest("colours follow the switch, not only the system", async (browser) => {
  await withPage(browser, pageOf(passport), async ({ page }) => {
    await settled(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByLabel("Colours").selectOption("dark");
    assert.notEqual(await ground(), light);
    await toRows(page);
    assert.deepEqual(await violationsOn(page), []);
  });
});

browserTest("the page says which script it runs", async (browser) => {
  const html = pageOf(passport);
  const [hash] = /sha256-[A-Za-z0-9+/]+=/.exec(html)!;
  await withPage(browser, html, async ({ page }) => {
    await settled(page);
    const about = page.getByRole("region", { name: "About this page" });
    await about.getByText(hash).waitFor();
    assert.match(await about.textContent() ?? "", /cannot vouch for itself.*kest verify/s);
  });
});
