// Passports made to do harm, and a sample of every forgery: the page says what the verifier says.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Browser, Page } from "playwright-core";
import { printable } from "../../lib/bytes/encoding.ts";
import { composePage } from "../../lib/page/compose.ts";
import { type TrustPolicy, trustPolicy, type VerifyOptions } from "../../mod.ts";
import { forgeKey } from "../portable/forge.ts";
import { lineageOf200 } from "../portable/lineage_of_200.ts";
import { allTamperings } from "../portable/localisation.ts";
import { browserTest, type Opened, settled, withPage } from "./browser.ts";
import { outcomeOf, outcomeOn } from "./findings.ts";
import { NASTY, readable, unreadable } from "./hostile.ts";

const SAMPLED = 40;

const key = await forgeKey();
const trust = trustPolicy([
  { name: NASTY, key: key.signer.publicKey, mayOriginate: "any", mayDeclassify: ["*"] },
], { require: [] });

async function withPassport(
  browser: Browser,
  text: string,
  policy: TrustPolicy,
  use: (opened: Opened) => Promise<void>,
): Promise<void> {
  const passport = new TextEncoder().encode(text);
  const html = composePage({ passport, name: `${NASTY}.json`, trust: JSON.stringify(policy) });
  await withPage(browser, html, async (opened) => {
    await settled(opened.page);
    await use(opened);
  });
}

/** Nothing ran that came with the passport, and nothing hides in the text. */
async function isHarmless({ page, complaints }: Opened, what: string): Promise<void> {
  assert.equal(await page.evaluate("globalThis.hacked"), undefined, what);
  assert.deepEqual(complaints, [], what);
  assert.equal(await page.locator("img").count(), 0, what);
  const text = await page.evaluate(() =>
    document.title + document.querySelector(".page")!.outerHTML
  );
  const hidden = /[[\p{Bidi_Control}\p{Cc}]--[\n\t]]/v.exec(text);
  assert.equal(hidden && text.slice(hidden.index - 80, hidden.index + 20), null, what);
}

/** Makes the sender's policy the reader's own: it then decides the verdicts. */
async function confirm(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: "I have compared these keys" });
  await button.click();
  await button.waitFor({ state: "detached" });
  await settled(page);
}

/** Selects entries one by one, with the keys alone. */
async function lookAround(page: Page): Promise<void> {
  await page.keyboard.press("r");
  await page.waitForSelector("[role=grid] [aria-selected]");
  await page.locator("[role=grid] [tabindex='0']").first().focus();
  await page.keyboard.press("Home");
  for (let row = 0; row < 4; row++) {
    await page.keyboard.press(" ");
    await page.waitForSelector("#entry h2");
    for (const details of await page.locator("#entry summary").all()) await details.click();
    await page.keyboard.press("ArrowDown");
  }
}

for (const [name, text] of Object.entries(readable(key))) {
  browserTest(`read without harm: ${name}`, async (browser) => {
    await withPassport(browser, text, trust, async (opened) => {
      const { page } = opened;
      await isHarmless(opened, "opened");
      await confirm(page);
      const expected = await outcomeOf(text, { trust });
      assert.notEqual(expected.outcome, "broken");
      assert.deepEqual(await outcomeOn(page), expected);
      await lookAround(page);
      await isHarmless(opened, "rows");
      await page.keyboard.press("g");
      const whole = page.getByRole("button", { name: "Show the whole graph" });
      if (await whole.getAttribute("aria-pressed") === "false") await whole.click();
      await page.waitForFunction(
        () => document.querySelector(".caption")!.textContent.startsWith("All"),
      );
      await isHarmless(opened, "graph");
    });
  });
}

browserTest("what cannot be read is said to be so, with the place", async (browser) => {
  for (const [name, text] of Object.entries(unreadable(key))) {
    await withPassport(browser, text, trust, async (opened) => {
      const expected = await outcomeOf(text, { trust });
      assert.equal(expected.outcome, "broken", name);
      const shown = expected.issues.map(({ code, path }) => ({ code, path: printable(path) }));
      assert.deepEqual(await outcomeOn(opened.page), { ...expected, issues: shown }, name);
      await isHarmless(opened, name);
    });
  }
});

/** One in many of all forgeries, others in each run. */
function* sample<T>(all: Iterable<T>, count: number): Generator<T> {
  const items = [...all];
  const every = items.length / count;
  const first = Math.random() * every;
  for (let i = 0; i < count; i++) yield items[Math.floor(first + i * every)]!;
}

browserTest("forgeries are found where the verifier finds them", async (browser) => {
  const lineage = await lineageOf200();
  const { trust } = lineage.options as VerifyOptions & { readonly trust: TrustPolicy };
  await withPassport(browser, JSON.stringify(lineage.passport), trust, async (opened) => {
    const { page } = opened;
    await confirm(page);
    const input = page.getByLabel("File to open");
    for (const [index, make] of [...sample(allTamperings(lineage), SAMPLED)].entries()) {
      const { name: what, passport } = make();
      const text = JSON.stringify(passport);
      const name = `forgery-${index}.json`;
      await input.setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
      await page.locator("h1", { hasText: name }).waitFor();
      await settled(page);
      assert.deepEqual(await outcomeOn(page), await outcomeOf(text, { trust }), what);
    }
    await isHarmless(opened, "forgeries");
  });
});
