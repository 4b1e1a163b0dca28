/**
 * Starts the page: the data that came in it, or a place to drop some.
 *
 * @module
 */

import { render } from "preact";
import { BLOCK_NAMES, BLOCK_TYPE } from "../../lib/page/blocks.ts";
import type { OwnBlock } from "../work/source.ts";
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
  // Only when the whole page is there can it be seen that no block comes twice.
  addEventListener("DOMContentLoaded", () => takeOwn(session, name));
}

/** Opens what is in the blocks of this page, if it has any. */
function takeOwn(session: Session, name: string): void {
  const elements = [...document.querySelectorAll<HTMLScriptElement>('[id^="kest-"]')];
  if (elements.length === 0) return;
  const blocks = elements.flatMap(({ id, type, textContent }): OwnBlock[] => {
    const known = BLOCK_NAMES.find((each) => id === `kest-${each}`);
    return known && type === BLOCK_TYPE ? [[known, textContent ?? ""]] : [];
  });
  const names = new Set(blocks.map(([name]) => name));
  if (names.size === elements.length) void session.takeBlocks(blocks, name);
  else session.refuse("This page has data that does not belong in it: it was edited.");
}
