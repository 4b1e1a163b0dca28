// Pages in a real browser, from file:// as an auditor has them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { composePage, type PageParts } from "../../lib/page/compose.ts";
import { parsePassport, verifyPassport } from "../../mod.ts";
import { browserTest, settled, violationsOn, withPage } from "./browser.ts";
import { makeSamples } from "./samples.ts";

const samples = await makeSamples();
const utf8 = (text: string) => new TextEncoder().encode(text);

function pageOf(passport: string, more: Partial<PageParts> = {}): string {
  return composePage({ passport: utf8(passport), name: "sample.json", ...more });
}

/** The findings that the page lists, as code and severity. */
function findingsOn(page: Page): Promise<string[]> {
  return page.$$eval(
    ".finding",
    (items) =>
      items.map((item) =>
        `${item.className.split(" ")[1]} ${item.querySelector("code")!.textContent}`
      ),
  );
}

/** The five verdicts that the page shows: the class says the status. */
function verdictsOn(page: Page): Promise<string[]> {
  return page.$$eval(".aspect", (items) => items.map((item) => item.className.split(" ")[1]!));
}

browserTest("a page rechecks itself: no request, no complaint", async (browser) => {
  await withPage(browser, pageOf(samples.good, { trust: samples.trust }), async (opened) => {
    const { page, complaints } = opened;
    await settled(page);
    assert.match(await page.textContent(".outcome") ?? "", /keys that you have not confirmed/);
    assert.deepEqual(await verdictsOn(page), ["pass", "unknown", "pass", "none", "none"]);
    await page.getByRole("button", { name: /I have compared these keys/ }).click();
    await settled(page);
    assert.match(await page.textContent(".outcome") ?? "", /^Verified/);
    assert.deepEqual(complaints, []);
  });
});

browserTest("the page and the verifier find the same", async (browser) => {
  for (const [name, passport] of Object.entries(samples.broken)) {
    const report = await verifyPassport(parsePassport(passport), {
      trust: JSON.parse(samples.trust),
    });
    await withPage(browser, pageOf(passport, { trust: samples.trust }), async ({ page }) => {
      await settled(page);
      const expected = report.findings.map(({ severity, code }) => `${severity} ${code}`);
      assert.deepEqual(await findingsOn(page), expected.slice(0, 50), name);
      await page.getByRole("button", { name: /I have compared these keys/ }).click();
      await settled(page);
      const statuses = Object.values(report.verdicts).map(({ status }) => status);
      assert.deepEqual(await verdictsOn(page), statuses, name);
      assert.equal(await page.getAttribute(".page", "data-rechecked"), report.outcome, name);
    });
  }
});

/** As long as it is, this hardly gets smaller when it is packed. */
function whiteSpace(length: number): string {
  const random = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(random.subarray(at, at + 65_536));
  }
  return Array.from(random, (byte) => " \t\n\r"[byte & 3]).join("");
}

browserTest(
  "a block in several elements is read; what does not belong is refused",
  async (browser) => {
    const html = pageOf(samples.good + whiteSpace(5_000_000), { trust: samples.trust });
    assert.match(html, / id="kest-passport-2">/);
    await withPage(browser, html, async ({ page, complaints }) => {
      await settled(page);
      assert.equal(await page.getAttribute(".page", "data-phase"), "open");
      assert.match(await page.textContent(".outcome") ?? "", /keys that you have not confirmed/);
      assert.deepEqual(complaints, []);
    });
    const [block] = /<script type[^>]* id="kest-trust">[^<]*<\/script>/.exec(html)!;
    const edited = {
      "a part twice": html.replace("passport-2", "passport"),
      "a part left out": html.replace("passport-2", "passport-3"),
      "two trust policies": html.replace(block, block + block),
      "an unknown block": html.replace("kest-trust", "kest-key"),
      "another type": html.replace(block, block.replace("application", "text")),
      "a block in front": html.replace("<body>", `<body>${block}`),
    };
    for (const [name, text] of Object.entries(edited)) {
      await withPage(browser, text, async ({ page }) => {
        await settled(page);
        assert.equal(await page.getAttribute(".page", "data-phase"), "broken", name);
        assert.match(await page.textContent(".broken") ?? "", /It was edited/, name);
      });
    }
  },
);

browserTest("what is no passport is said to be none", async (browser) => {
  for (const [name, passport] of Object.entries(samples.unreadable)) {
    await withPage(browser, pageOf(passport), async ({ page, complaints }) => {
      await settled(page);
      assert.equal(await page.getAttribute(".page", "data-phase"), "broken", name);
      assert.match(await page.textContent(".broken") ?? "", /cannot be read/, name);
      assert.deepEqual(complaints, [], name);
    });
  }
});

browserTest(
  "without crypto.subtle the built-in implementation gives the same verdict",
  async (browser) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const html = pageOf(samples.good, { trust: samples.trust });
    // Nothing goes out: the browser is answered here. Such an address is no secure context.
    await page.route("http://preview.example/", (route) => {
      return route.fulfill({ contentType: "text/html; charset=utf-8", body: html });
    });
    await page.goto("http://preview.example/");
    assert.equal(await page.evaluate("isSecureContext || crypto.subtle !== undefined"), false);
    await settled(page);
    assert.equal(await page.getAttribute(".page", "data-rechecked"), "verified");
    await context.close();
  },
);

browserTest("a seal that is bound to a reader is judged by who the reader is", async (browser) => {
  await withPage(browser, pageOf(samples.bound, { trust: samples.trust }), async ({ page }) => {
    await settled(page);
    const freshness = () => verdictsOn(page).then((all) => all[4]);
    assert.equal(await freshness(), "unknown");
    await page.getByText("Who you are").click();
    for (const [name, status] of [["mallory", "fail"], ["auditor", "pass"]] as const) {
      await page.getByLabel("Your name").fill(name);
      await page.getByLabel("Your name").press("Tab");
      await settled(page);
      assert.equal(await freshness(), status, name);
    }
  });
});

browserTest("a policy in the page evaluates recorded decisions again", async (browser) => {
  const policies = [{ name: "p.rego", source: samples.policy }];
  await withPage(browser, pageOf(samples.good, { policies }), async ({ page, complaints }) => {
    await settled(page);
    await page.waitForSelector("[data-replayed]");
    assert.match(await page.textContent("[data-replayed]") ?? "", /1 reproduced/);
    assert.deepEqual(complaints, []);
  });
});

browserTest("names from a passport stay text", async (browser) => {
  await withPage(browser, pageOf(samples.hostile), async ({ page, complaints }) => {
    await settled(page);
    assert.equal(await page.evaluate("globalThis.hacked"), undefined);
    assert.deepEqual(complaints, []);
    const text = await page.textContent(".page") ?? "";
    assert.doesNotMatch(text, /[[\p{Bidi_Control}\p{Cc}]--[\n\t]]/v);
  });
});

const STATES = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["narrow", { viewport: { width: 320, height: 640 } }],
] as const;

for (const [name, options] of STATES) {
  browserTest(`axe finds nothing: ${name}`, async (browser) => {
    const passports = { ...samples.broken, good: samples.good, none: "{}" };
    for (const [which, passport] of Object.entries(passports)) {
      const html = pageOf(passport, { trust: samples.trust });
      await withPage(browser, html, async ({ page }) => {
        await settled(page);
        assert.deepEqual(await violationsOn(page), [], which);
        await page.emulateMedia({ media: "print" });
        assert.deepEqual(await violationsOn(page), [], `${which} in print`);
      }, options);
    }
  });
}

browserTest("passports of the Python package are shown and never verified", async (browser) => {
  let text: string;
  try {
    text = readFileSync(
      new URL("../../../shared/kest-python/0.2.0-merge.json", import.meta.url),
      "utf8",
    );
  } catch {
    return console.log("Left out: the Python samples; there is no ../shared/kest-python");
  }
  await withPage(browser, pageOf(text), async ({ page, complaints }) => {
    await settled(page);
    assert.notEqual(await page.getAttribute(".page", "data-rechecked"), "verified");
    assert.deepEqual(complaints, []);
  });
});
