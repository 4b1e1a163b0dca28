/**
 * Why the selected entry has a taint: the shortest answer, step by step.
 *
 * @module
 */

import type { Session } from "./session.ts";
import { useStore } from "./store.ts";
import { nodeName, shown } from "./text.tsx";

/** Steps shown at both ends of a long way. */
const ENDS = 4;

/** Why the selected entry has the taint that is highlighted. */
export function Why({ session }: { readonly session: Session }) {
  const path = useStore(session.store, (state) => state.path);
  const taint = useStore(session.store, (state) => state.taint);
  const opened = useStore(session.store, (state) => state.opened);
  if (!path || taint === null || !opened) return null;
  const name = (entry: number) => nodeName(opened.columns, entry, 40);
  const isLong = path.length > 2 * ENDS + 1;
  const step = (entry: number) => (
    <li key={entry}>
      <button type="button" class="link" onClick={() => session.select(entry)}>
        {name(entry)}
      </button>
    </li>
  );
  const [from, to] = [path[0]!, path[path.length - 1]!];
  return (
    <section class="why" aria-label={`Why ${shown(taint, 60)}`}>
      <p>
        {from === to
          ? (
            <>
              {name(to)} adds <strong>{shown(taint, 60)}</strong> itself.
            </>
          )
          : (
            <>
              {name(to)} has <strong>{shown(taint, 60)}</strong> because {name(from)} adds it,{" "}
              {path.length - 1} {path.length === 2 ? "step" : "steps"} above.
            </>
          )}
      </p>
      {from !== to && (
        <ol>
          {Array.from(isLong ? path.subarray(0, ENDS) : path, step)}
          {isLong && <li class="quiet">{path.length - 2 * ENDS} more</li>}
          {isLong && Array.from(path.subarray(-ENDS), step)}
        </ol>
      )}
    </section>
  );
}
