/**
 * Starts the page: the data that came in it, or a place to drop some.
 *
 * @module
 */

import { render } from "preact";
import { App } from "./app.tsx";
import { followPrinting } from "./print.tsx";
import { Session } from "./session.ts";

/** Shows the explorer. @param script The text of the page's first script. */
export function mount(script: string): void {
  const root = document.getElementById("kest")!;
  const session = new Session(script);
  const name = root.dataset.name ?? "passport";
  // What the page says without scripts.
  root.replaceChildren();
  render(<App session={session} />, root);
  session.followAddress();
  followPrinting(session);
  const hasData = document.getElementById("kest-passport") !== null;
  // The page itself is read as any page that somebody drops: only its data counts.
  if (hasData) void session.take(ownPage(), name);
}

/** The blocks of this page, as they would stand in its file. */
function ownPage(): Blob {
  const blocks = [...document.querySelectorAll<HTMLScriptElement>('script[id^="kest-"]')];
  return new Blob([
    "<!doctype html>",
    ...blocks.flatMap(({ type, id, textContent }) => [
      `<script type="${type}" id="${id}">`,
      textContent ?? "",
      "</script>\n",
    ]),
  ]);
}
