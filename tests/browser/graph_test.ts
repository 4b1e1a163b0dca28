// The graph: what its keys, pointers and buttons do, and what is painted.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { generate } from "../../examples/generate.ts";
import { composePage } from "../../lib/page/compose.ts";
import { browserTest, type Opened, settled, violationsOn, withPage } from "./browser.ts";
import { CANVAS, painted, patchOf, pictureOf } from "./probe.ts";

const SIZE = 400;
const { passport, trust } = await generate({ shape: "temporal", entries: SIZE, seed: 1 });
const entries = Object.values(passport.history);
const byId = new Map(entries.map((entry) => [entry.entry_id, entry]));

/** An ordinary entry in the middle, and the passport with it changed. */
const middle = entries.slice(SIZE / 2).find((entry) =>
  entry.kind === "step" && entry.accumulated_taint.includes("pii_data") &&
  !entry.added_taint.includes("pii_data") && entry.parent_entry_ids.length > 1
)!;
const changed = JSON.parse(JSON.stringify(passport));
changed.history[middle.entry_id].labels = { forged: "yes" };

/** Some entries and those that so many steps lead to. */
function within(steps: number, of: (id: string) => readonly string[], from: string): Set<string> {
  const all = new Set([from]);
  let last = [from];
  for (let step = 0; step < steps; step++) {
    last = [...new Set(last.flatMap(of))].filter((id) => !all.has(id));
    for (const id of last) all.add(id);
  }
  return all;
}

const parentsOf = (id: string) => byId.get(id)!.parent_entry_ids;
const childrenOf = (id: string) =>
  entries.filter((entry) => entry.parent_entry_ids.includes(id)).map((entry) => entry.entry_id);

/** How many entries are at most so many hops above or below another. */
function around(id: string, hops: number): number {
  return new Set([...within(hops, parentsOf, id), ...within(hops, childrenOf, id)]).size;
}

/** Whether entries are siblings, or not above one another. */
function areBeside(one: string, other: string): boolean {
  return parentsOf(one).some((id) => childrenOf(id).includes(other)) ||
    !within(SIZE, parentsOf, one).has(other) && !within(SIZE, parentsOf, other).has(one);
}

const captionOf = async (page: Page) => await page.textContent(".graph .caption") ?? "";

function selectedIn(page: Page): string {
  return decodeURIComponent(new URL(page.url()).hash.slice("#entry=".length));
}

/** Presses a key in the graph and waits for what it does. */
async function press(page: Page, key: string): Promise<void> {
  await page.locator(CANVAS).press(key);
  await painted(page);
}

function pageOf(text: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(text));
  return composePage({ passport: bytes, name: "sample.json", trust: JSON.stringify(trust) });
}

/** The graph around the entry in the middle, with nothing that moves by itself. */
async function withGraph(
  browser: Browser,
  use: (opened: Opened) => Promise<void>,
  text: unknown = passport,
): Promise<void> {
  await withPage(browser, pageOf(text), async (opened) => {
    const { page, complaints } = opened;
    await settled(page);
    await page.evaluate((id) => location.hash = `entry=${id}`, middle.entry_id);
    await page.waitForFunction(
      (id) => document.getElementById("entry")!.textContent.includes(id),
      middle.entry_id,
    );
    await press(page, "Enter");
    await use(opened);
    assert.deepEqual(complaints, []);
  }, { reducedMotion: "reduce" });
}

browserTest("the graph shows what is around an entry, in hops, or all", async (browser) => {
  await withGraph(browser, async ({ page }) => {
    const isAround = async (hops: number) => {
      const start = `${around(middle.entry_id, hops)} of ${SIZE} entries, up to ${hops} hop`;
      assert.equal((await captionOf(page)).slice(0, start.length), start);
    };
    await isAround(2);
    await press(page, "]");
    await isAround(3);
    await press(page, "[");
    await press(page, "[");
    await isAround(1);
    await press(page, "w");
    assert.match(await captionOf(page), /^All 400 entries\. Selected/);
    assert.deepEqual(await violationsOn(page), []);
    await press(page, "w");
    await isAround(2);
  });
});

browserTest(
  "keys reach the graph from outside, but not from where somebody types",
  async (browser) => {
    await withGraph(browser, async ({ page }) => {
      const hops = async () => /up to (\d+) hop/.exec(await captionOf(page))?.[1];
      await page.evaluate("document.activeElement.blur()");
      await page.keyboard.press("]");
      await painted(page);
      assert.equal(await hops(), "3");
      const before = selectedIn(page);
      await page.keyboard.press("ArrowUp");
      await painted(page);
      assert.notEqual(selectedIn(page), before);
      await page.getByRole("button", { name: "Whole" }).focus();
      await page.keyboard.press("[");
      await painted(page);
      assert.equal(await hops(), "2");
      const chosen = selectedIn(page);
      await page.keyboard.press("ArrowUp");
      assert.equal(selectedIn(page), chosen, "arrows belong to what has the focus");
      await page.locator("#search").focus();
      await page.keyboard.type("]");
      await page.locator("#search").press("Escape");
      assert.equal(await hops(), "2");
      await page.evaluate("document.activeElement.blur()");
      await page.keyboard.press("?");
      await page.keyboard.press("]");
      assert.equal(await hops(), "2", "the list of keys is open");
    });
  },
);

browserTest("arrows lead to parents, children and siblings; Enter goes there", async (browser) => {
  await withGraph(browser, async ({ page }) => {
    await press(page, "ArrowUp");
    const parent = selectedIn(page);
    assert.ok(middle.parent_entry_ids.includes(parent));
    await press(page, "Enter");
    assert.ok((await captionOf(page)).startsWith(`${around(parent, 2)} of ${SIZE}`));
    await press(page, "ArrowDown");
    const child = selectedIn(page);
    assert.ok(parentsOf(child).includes(parent));
    const seen = new Set([child]);
    for (const key of ["ArrowLeft", "ArrowRight", "ArrowRight"]) {
      const from = selectedIn(page);
      await press(page, key);
      const to = selectedIn(page);
      assert.ok(areBeside(from, to), `${key} from ${from} to ${to}`);
      seen.add(to);
    }
    assert.equal(seen.size > 1, childrenOf(parent).length > 1);
  });
});

browserTest("keys and buttons zoom, fit and move the picture", async (browser) => {
  await withGraph(browser, async ({ page }) => {
    await press(page, "f");
    const fitted = await pictureOf(page);
    for (const key of ["-", "+", "Shift+ArrowLeft", "Shift+ArrowDown"]) {
      await press(page, "+");
      const before = await pictureOf(page);
      await press(page, key);
      assert.notEqual(await pictureOf(page), before, key);
      await page.getByRole("button", { name: "Fit everything" }).click();
      await painted(page);
      assert.equal(await pictureOf(page), fitted, `fitted after ${key}`);
    }
    await page.getByRole("button", { name: "Zoom in" }).click();
    await painted(page);
    assert.notEqual(await pictureOf(page), fitted);
  });
});

browserTest("a changed entry is painted so; pointers select, drag and zoom", async (browser) => {
  await withGraph(browser, async ({ page }) => {
    assert.match(await captionOf(page), /Selected: .*, changed\.$/);
    for (const key of ["[", "ArrowUp", "f"]) await press(page, key);
    assert.notEqual(selectedIn(page), middle.entry_id);
    const box = (await page.locator(CANVAS).boundingBox())!;
    const bad = await patchOf(page, "bad-ground");
    assert.ok(bad.count > 500, `${bad.count} pixels of a changed entry`);
    const at = [box.x + bad.x, box.y + bad.y] as const;

    await page.mouse.move(...at);
    await page.mouse.down();
    await page.mouse.move(at[0] + 30, at[1] - 20, { steps: 3 });
    await page.mouse.up();
    await painted(page);
    assert.notEqual(selectedIn(page), middle.entry_id, "a drag selects nothing");
    const dragged = await patchOf(page, "bad-ground");
    const [byX, byY] = [dragged.x - bad.x, dragged.y - bad.y];
    assert.ok(Math.abs(byX - 30) < 2 && Math.abs(byY + 20) < 2, `moved by ${byX}, ${byY}`);

    await page.mouse.wheel(0, -200);
    await painted(page);
    assert.ok((await patchOf(page, "bad-ground")).height > bad.height * 1.1);
    const zoomed = await patchOf(page, "bad-ground");
    await page.mouse.click(box.x + zoomed.x, box.y + zoomed.y);
    await painted(page);
    assert.equal(selectedIn(page), middle.entry_id);
    assert.match(await captionOf(page), /, changed\.$/);
    assert.deepEqual(await violationsOn(page), []);
  }, changed);
});

browserTest("chains and fans are drawn as one, and opened", async (browser) => {
  const fan = await generate({ shape: "fan", entries: 40, seed: 3 });
  await withPage(browser, pageOf(fan.passport), async ({ page }) => {
    await settled(page);
    await press(page, "w");
    await press(page, "c");
    assert.match(await captionOf(page), /^All 40 entries\. 1 group\./);
    assert.deepEqual(await violationsOn(page), []);
    await page.getByRole("button", { name: "Groups" }).click();
    await painted(page);
    assert.match(await captionOf(page), /^All 40 entries\. Selected/);
  });
});

browserTest("a taint is lit, and why the selected entry has it", async (browser) => {
  await withGraph(browser, async ({ page }) => {
    assert.equal((await patchOf(page, "taint-ground")).count, 0);
    await page.getByRole("region", { name: "Taints" }).getByRole("button", { name: "pii_data" })
      .click();
    const why = page.getByRole("region", { name: "Why pii_data" });
    await why.waitFor();
    await painted(page);
    assert.ok((await patchOf(page, "taint-ground")).count > 500);
    const steps = Number(/adds it, (\d+) steps? above/.exec(await why.textContent() ?? "")![1]);
    const nearest = [...Array(20).keys()].find((hops) =>
      [...within(hops, parentsOf, middle.entry_id)].some((id) =>
        byId.get(id)!.added_taint.includes("pii_data")
      )
    );
    assert.equal(steps, nearest);
    assert.deepEqual(await violationsOn(page), []);
    await why.getByRole("button").first().click();
    assert.ok(byId.get(selectedIn(page))!.added_taint.includes("pii_data"));
  });
});

browserTest("trust scores are painted on demand", async (browser) => {
  await withGraph(browser, async ({ page }) => {
    const bars = async () =>
      (await patchOf(page, "good")).count + (await patchOf(page, "open")).count;
    const before = await bars();
    const button = page.getByRole("button", { name: "Show trust scores" });
    await button.click();
    await painted(page);
    assert.ok(await bars() > before + 100);
    assert.equal(await button.getAttribute("aria-pressed"), "true");
    assert.deepEqual(await violationsOn(page), []);
  });
});

browserTest("the minimap leads to other places", async (browser) => {
  await withGraph(browser, async ({ page }) => {
    await press(page, "w");
    for (let i = 0; i < 4; i++) await press(page, "+");
    const { x, y, width, height } = (await page.locator(".minimap").boundingBox())!;
    const pictures = new Set([await pictureOf(page)]);
    for (const part of [0.2, 0.8]) {
      await page.mouse.click(x + width / 2, y + height * part);
      await painted(page);
      pictures.add(await pictureOf(page));
    }
    assert.equal(pictures.size, 3);
    assert.deepEqual(await violationsOn(page), []);
  });
});

browserTest("the canvas follows the switch of colours", async (browser) => {
  await withGraph(browser, async ({ page }) => {
    for (const theme of ["dark", "light"]) {
      await page.getByLabel("Colours").selectOption(theme);
      await painted(page);
      const ground = await patchOf(page, "ground");
      assert.ok(ground.count > 100_000, `${ground.count} pixels of the ${theme} ground`);
      assert.deepEqual(await violationsOn(page), [], theme);
    }
  });
});

browserTest("the saved SVG has every node and edge, and nothing that runs", async (browser) => {
  await withGraph(browser, async ({ page }) => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save SVG" }).click(),
    ]);
    const text = readFileSync(await download.path(), "utf8");
    const found = await page.evaluate((text) => {
      const { documentElement: svg } = new DOMParser().parseFromString(text, "image/svg+xml");
      const all = [...svg.querySelectorAll("*")];
      return {
        names: [...new Set([svg, ...all].map((element) => element.localName))].sort(),
        nodes: svg.querySelectorAll("g > rect").length,
        edges: svg.querySelectorAll("g > path").length,
        odd: all.flatMap(({ attributes }) => [...attributes].map(({ name }) => name))
          .filter((name) => /^on|href|style/.test(name)),
        changed: svg.textContent.split("✗ changed").length - 1,
      };
    }, text);
    const ids = new Set([
      ...within(2, parentsOf, middle.entry_id),
      ...within(2, childrenOf, middle.entry_id),
    ]);
    const edges = [...ids].flatMap((id) => parentsOf(id).filter((parent) => ids.has(parent)));
    assert.deepEqual(found, {
      names: ["desc", "g", "path", "rect", "svg", "text", "title"],
      ...{ nodes: ids.size, edges: edges.length, odd: [], changed: 2 },
    });
  }, changed);
});

browserTest("every control is reached with the Tab key", async (browser) => {
  await withGraph(browser, async ({ page }) => {
    const wanted = await page.evaluate(() => {
      const controls = "button, a[href], input, select, textarea, summary, canvas[tabindex]";
      const all = [...document.querySelectorAll<HTMLElement>(controls)].filter((element) =>
        element.checkVisibility({ visibilityProperty: true }) && element.tabIndex >= 0 &&
        !element.matches(":disabled") && !element.closest("details:not([open]) > :not(summary)")
      );
      all.forEach((element, index) => element.dataset.control = String(index));
      (document.activeElement as HTMLElement).blur();
      return all.length;
    });
    const reached = new Set<string>();
    for (let i = 0; i < wanted + 20 && reached.size < wanted; i++) {
      await page.keyboard.press("Tab");
      const control = await page.evaluate(() =>
        (document.activeElement as HTMLElement).dataset.control
      );
      if (control !== undefined) reached.add(control);
    }
    assert.ok(wanted > 40, `${wanted} controls`);
    assert.equal(reached.size, wanted);
  });
});
