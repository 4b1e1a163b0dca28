/**
 * Starts the page: the data that came in it, or a place to drop some.
 *
 * @module
 */

import { render } from "preact";
import { messageOf } from "../../lib/base/errors.ts";
import { BLOCK_TYPE, blocksOf, type Part } from "../../lib/page/blocks.ts";
import { App } from "./app.tsx";
import { followPrinting } from "./print.tsx";
import { Session } from "./session.ts";

/** Shows the explorer. @param script The text of the page's first script. */
export function mount(script: string): void {
  const root = document.getElementById("kest")!;
  const session = new Session(script);
  const name = root.dataset.name ?? "passport";
  // In a task of its own: this one is the parser's, which may have a large block to go on with.
  const shown = new Promise<void>((done) =>
    setTimeout(() => {
      show(session, root);
      done();
    })
  );
  // Only when the whole page is there can it be seen that no block comes twice.
  addEventListener("DOMContentLoaded", () => void shown.then(() => takeOwn(session, name)));
}

function show(session: Session, root: HTMLElement): void {
  // What the page says without scripts.
  root.replaceChildren();
  render(<App session={session} />, root);
  session.followAddress();
  followPrinting(session);
}

/** Opens what is in the blocks of this page, if it has any. */
function takeOwn(session: Session, name: string): void {
  const elements = [...document.querySelectorAll<HTMLScriptElement>('[id^="kest-"]')];
  if (elements.length === 0) return;
  const parts = elements.map(({ id, type, textContent }): Part => [
    type === BLOCK_TYPE ? id : "",
    textContent ?? "",
  ]);
  try {
    void session.takeBlocks(blocksOf(parts), name);
  } catch (error) {
    session.refuse(`${messageOf(error)}. It was edited.`);
  }
}
