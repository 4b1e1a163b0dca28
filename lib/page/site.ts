/**
 * The index of a folder of pages, for any web host. It judges nothing: whoever
 * wants to know opens a page.
 *
 * @module
 */

import { STYLE } from "./built.ts";
import { escapeHtml } from "./compose.ts";

/** One page, as the index lists it. */
export interface SitePage {
  /** The file in the same folder. */
  readonly file: string;
  /** What the passport is called. */
  readonly name: string;
  /** Number of its entries. */
  readonly entries: number;
  /** SHA-256 of the passport file, 64 hex digits. */
  readonly digest: string;
}

const POLICY = `default-src 'none'; style-src '${STYLE.hash}'; base-uri 'none'; form-action 'none'`;

function rowOf({ file, name, entries, digest }: SitePage): string {
  const href = escapeHtml(file.split("/").map(encodeURIComponent).join("/"));
  return `<tr><td><a href="${href}">${escapeHtml(name)}</a></td><td>${entries}</td>` +
    `<td><code>${digest}</code></td></tr>`;
}

/** The index as HTML. The same pages make the same bytes. */
export function composeIndex(pages: readonly SitePage[]): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    "<title>Kest passports</title>",
    `<style>${STYLE.text}</style>`,
    "</head>",
    '<body class="site">',
    "<main>",
    "<h1>Kest passports</h1>",
    "<p>Each page holds one passport and rechecks it where it is opened, without a network. A page",
    "cannot vouch for itself: save it and check it with <code>kest verify page.html</code>, with",
    "keys that you got from their owners.</p>",
    "<table>",
    "<thead><tr><th>Passport</th><th>Entries</th><th>SHA-256 of the passport</th></tr></thead>",
    `<tbody>${pages.map(rowOf).join("\n")}</tbody>`,
    "</table>",
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}
