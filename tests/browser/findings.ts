/**
 * What a page lists as found, and what the verifier finds, in one form.
 *
 * @module
 */

import type { Page } from "playwright-core";
import { ParseError, type VerifyOptions, verifyPassport } from "../../mod.ts";

/** What is wrong, and where: as in the verifier's findings, `""` where there is nothing. */
export interface Place {
  readonly severity: string;
  readonly code: string;
  readonly field: string;
  readonly seal: string;
  readonly entryId: string;
  readonly parentId: string;
}

/** What a passport comes to. */
export interface Outcome {
  /** The outcome, or `broken` if it cannot be read. */
  readonly outcome: string;
  /** The statuses of the five verdicts. */
  readonly verdicts: readonly string[];
  /** The first of its findings. */
  readonly found: readonly Place[];
  /** What cannot be read. */
  readonly issues: readonly { readonly code: string; readonly path: string }[];
}

/** So many findings a page lists. */
const LISTED = 50;

/** What the verifier says. */
export async function outcomeOf(text: string, options: VerifyOptions): Promise<Outcome> {
  try {
    const { findings, outcome, verdicts } = await verifyPassport(text, options);
    return {
      outcome,
      verdicts: Object.values(verdicts).map(({ status }) => status),
      issues: [],
      found: findings.slice(0, LISTED).map(
        ({ severity, code, field = "", seal = "", entryId = "", parentId = "" }) => {
          return { severity, code, field, seal: String(seal), entryId, parentId };
        },
      ),
    };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const issues = error.issues.map(({ code, path }) => ({ code, path: path || "/" }));
    return { outcome: "broken", verdicts: [], found: [], issues };
  }
}

/** What the page says; it follows every link of its findings. */
export function outcomeOn(page: Page): Promise<Outcome> {
  return page.evaluate(() => {
    const textIn = (element: Element, what: string) =>
      element.querySelector(what)?.textContent ?? "";
    const { phase, rechecked } = document.querySelector<HTMLElement>(".page")!.dataset;
    const issues = [...document.querySelectorAll(".broken li")].map((item) => {
      const [, code] = /\((\w+)\)$/.exec(item.textContent)!;
      return { code: code!, path: textIn(item, "code") };
    });
    if (phase === "broken") return { outcome: phase, verdicts: [], found: [], issues };
    let selected = textIn(document.getElementById("entry")!, ".facts .digest code");
    const led = (item: Element, title: string): string => {
      const button = [...item.querySelectorAll("button")].find((b) => b.textContent === title);
      if (!button) return "";
      location.hash = "";
      button.click();
      // What is selected already leaves the address as it is.
      if (location.hash !== "") {
        selected = decodeURIComponent(location.hash.slice("#entry=".length));
      }
      return selected;
    };
    return {
      outcome: rechecked ?? "",
      issues,
      verdicts: [...document.querySelectorAll(".aspect")].map(({ classList }) => classList[1]!),
      found: [...document.querySelectorAll(".finding")].map((item): Place => {
        const [, seal] = /Seal (\d+)/.exec(textIn(item, ".places")) ?? [];
        return {
          severity: item.classList[1]!,
          code: textIn(item, "code"),
          field: textIn(item, "dd"),
          seal: seal === undefined ? "" : String(Number(seal) - 1),
          entryId: led(item, "Show the entry"),
          parentId: led(item, "Show its parent"),
        };
      }),
    };
  });
}
