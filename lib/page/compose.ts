/**
 * One self-contained page: a passport, what it is to be judged by, the explorer
 * and the verifier. The same parts make the same bytes, in every runtime.
 *
 * @module
 */

import { gzip, Z_FILTERED } from "pako";
import { printable, utf8 } from "../bytes/encoding.ts";
import { toBase64 } from "./base64.ts";
import { blockHtml, type BlockName } from "./blocks.ts";
import { APP, ENGINE, STYLE } from "./built.ts";
import { frameHtml } from "./frame.ts";
import type { PagePolicy } from "./read.ts";

/** What goes into a page. */
export interface PageParts {
  /** The passport file, as it is. */
  readonly passport: Uint8Array;
  /** What the passport is called in the title, e.g. the name of its file. */
  readonly name: string;
  /** JSON text of a trust policy. */
  readonly trust?: string;
  /** Policies, so that the page can evaluate recorded decisions again. */
  readonly policies?: readonly PagePolicy[];
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Text inside of an element or of a quoted attribute. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"]/g, (character) => ESCAPES[character]!);
}

/** Most of a passport is hashes: to copy a few digits of an older one costs more than to write them. */
const PACKING = { level: 9, memLevel: 9, strategy: Z_FILTERED } as const;

function packed(bytes: Uint8Array): string {
  return toBase64(gzip(bytes, PACKING));
}

function blocks({ passport, trust, policies = [] }: PageParts): string[] {
  const html = (name: BlockName, bytes: Uint8Array) => blockHtml(name, packed(bytes));
  return [
    html("passport", passport),
    ...(trust === undefined ? [] : [html("trust", utf8(trust))]),
    ...(policies.length === 0 ? [] : [html("policies", utf8(JSON.stringify(policies)))]),
  ];
}

/** Nothing is fetched, and no script runs but those with these hashes. */
function contentPolicy(hasEngine: boolean): string {
  const scripts = [APP, ...(hasEngine ? [ENGINE] : [])].map(({ hash }) => `'${hash}'`);
  return [
    "default-src 'none'",
    `script-src ${scripts.join(" ")}`,
    `style-src '${STYLE.hash}'`,
    "img-src data: blob:",
    "worker-src blob:",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/**
 * The page as HTML.
 *
 * @throws {TypeError} if the passport is empty.
 */
export function composePage(parts: PageParts): string {
  if (parts.passport.length === 0) throw new TypeError("A page needs a passport");
  const hasEngine = (parts.policies ?? []).length > 0;
  return frameHtml({
    policy: contentPolicy(hasEngine),
    title: escapeHtml(parts.name),
    style: STYLE.text,
    scripts: [...(hasEngine ? [ENGINE.text] : []), APP.text],
  }, blocks(parts));
}
