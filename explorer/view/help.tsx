/**
 * The keys of the page: the list of them, and those that work everywhere.
 *
 * @module
 */

import { useEffect, useRef } from "preact/hooks";
import { actOf, isTyping, type KeyPlace, KEYS, PAGE_KEYS } from "./keys.ts";
import { SEARCH } from "./search.tsx";
import type { Session } from "./session.ts";
import { step } from "./step.ts";
import { useStore } from "./store.ts";

const PLACES: Readonly<Record<KeyPlace, string>> = {
  page: "Everywhere",
  graph: "Where the graph is shown",
  rows: "In the rows",
};

function doOnPage(session: Session, act: typeof PAGE_KEYS[number]["act"]): void {
  if (act === "help") session.store.set({ help: true });
  else if (act === "search") document.getElementById(SEARCH)?.focus();
  else if (act === "next") step(session, 1);
  else if (act === "previous") step(session, -1);
  else session.store.set({ view: act });
}

/** Hears the keys that work everywhere. */
export function usePageKeys(session: Session): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { help, singleKeys } = session.store.state;
      if (event.defaultPrevented || help || isTyping(event.target)) return;
      const act = actOf(PAGE_KEYS, event, singleKeys);
      if (act === undefined) return;
      event.preventDefault();
      doOnPage(session, act);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [session]);
}

function Keys({ place }: { readonly place: KeyPlace }) {
  return (
    <section>
      <h3>{PLACES[place]}</h3>
      <dl class="facts">
        {KEYS.filter((line) => line.place === place).map(({ keys, does }) => [
          <dt key={does}>
            {keys.slice(0, 1).map((key) => <kbd key={key}>{key.replace("Arrow", "")}</kbd>)}
          </dt>,
          <dd key={`${does}=`}>{does}</dd>,
        ])}
      </dl>
    </section>
  );
}

/** The list of all keys. */
export function HelpDialog({ session }: { readonly session: Session }) {
  const help = useStore(session.store, (state) => state.help);
  const singleKeys = useStore(session.store, (state) => state.singleKeys);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (help) dialog.current?.showModal();
    else dialog.current?.close();
  }, [help]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="keys"
      onClose={() => session.store.set({ help: false })}
    >
      <div class="top">
        <h2 id="keys">Shortcuts</h2>
        <button type="button" onClick={() => session.store.set({ help: false })}>Close</button>
      </div>
      <div class="keys">
        {Object.keys(PLACES).map((place) => <Keys key={place} place={place as KeyPlace} />)}
      </div>
      <label>
        <input
          type="checkbox"
          checked={singleKeys}
          onChange={(event) => session.store.set({ singleKeys: event.currentTarget.checked })}
        />{" "}
        Single characters do something
      </label>
    </dialog>
  );
}
