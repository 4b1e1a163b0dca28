/**
 * Which view is shown, and the search over all entries.
 *
 * @module
 */

import { queryProblem } from "../graph/query_problem.ts";
import type { Session } from "./session.ts";
import { step } from "./step.ts";
import { type State, useStore } from "./store.ts";
import { shown } from "./text.tsx";

/** The id of the search field, for the key that leads there. */
export const SEARCH = "search";

function Views({ session }: { readonly session: Session }) {
  const view = useStore(session.store, (state) => state.view);
  const comparison = useStore(session.store, (state) => state.comparison);
  const button = (which: State["view"], title: string) => (
    <button
      type="button"
      aria-pressed={view === which}
      onClick={() => session.store.set({ view: which })}
    >
      {title}
    </button>
  );
  return (
    <>
      {button("graph", "Graph")}
      {button("rows", "Rows")}
      {comparison && button("diff", "Differences")}
    </>
  );
}

/** Above every view: which it is, and what is searched. */
export function SearchBar({ session }: { readonly session: Session }) {
  const query = useStore(session.store, (state) => state.query);
  const hits = useStore(session.store, (state) => state.hits);
  const count = useStore(session.store, (state) => state.hitCount);
  const what = hits ? "entry that is found" : "finding";
  const problem = queryProblem(query);
  return (
    <div class="bar" role="search">
      <Views session={session} />
      <input
        type="search"
        id={SEARCH}
        class="grow"
        aria-label="Search entries"
        aria-describedby="problem"
        placeholder="Search: text, taint:pii, -kind:step"
        autocomplete="off"
        spellcheck={false}
        value={query}
        // The index is made while nothing is typed yet.
        onFocus={() => void session.search(session.store.state.query)}
        onInput={(event) => void session.search(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            if (query === "") event.currentTarget.blur();
            void session.search("");
          }
          if (event.key === "Enter") step(session, event.shiftKey ? -1 : 1);
        }}
      />
      {hits && <span class="quiet">{count} found</span>}
      <span class="pair">
        <button type="button" aria-label={`Previous ${what}`} onClick={() => step(session, -1)}>
          ↑
        </button>
        <button type="button" aria-label={`Next ${what}`} onClick={() => step(session, 1)}>
          ↓
        </button>
      </span>
      <p id="problem" class="problem">{problem && shown(problem, 300)}</p>
    </div>
  );
}
