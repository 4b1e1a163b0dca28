/**
 * All entries as rows, with lanes beside them: also the table for those who
 * cannot see the graph.
 *
 * @module
 */

import { useMemo, useState } from "preact/hooks";
import { type Listing, RowsGrid } from "./rows_grid.tsx";
import type { RowContext } from "./rows_row.tsx";
import type { Session } from "./session.ts";
import { useStore } from "./store.ts";

const DAY = 86_400_000;

function isSameDay(times: Float64Array): boolean {
  let day = NaN;
  for (const time of times) {
    if (Number.isNaN(time)) continue;
    if (Number.isNaN(day)) day = Math.floor(time / DAY);
    else if (Math.floor(time / DAY) !== day) return false;
  }
  return true;
}

/** All rows, or only those of entries that are found. */
function useListing(session: Session, onlyHits: boolean): Listing {
  const opened = useStore(session.store, (state) => state.opened)!;
  const reordered = useStore(session.store, (state) => state.reordered);
  const hits = useStore(session.store, (state) => state.hits);
  const lanes = reordered ?? opened.lanes;
  return useMemo(() => {
    if (!onlyHits || !hits) return { lanes, nodes: lanes.rows, rowOf: lanes.rowOf };
    const nodes = lanes.rows.filter((node) => hits[node]);
    const rowOf = new Int32Array(lanes.rows.length).fill(-1);
    nodes.forEach((node, row) => rowOf[node] = row);
    return { lanes, nodes, rowOf };
  }, [lanes, onlyHits ? hits : null]);
}

function useContext(session: Session): RowContext {
  const opened = useStore(session.store, (state) => state.opened)!;
  const report = useStore(session.store, (state) => state.report);
  const taint = useStore(session.store, (state) => state.taint);
  return useMemo(() => ({
    opened,
    keyNames: new Map(report?.signers.map(({ publicKeyId, name }) => [publicKeyId, name])),
    sameDay: isSameDay(opened.columns.time),
    taint,
  }), [opened, report, taint]);
}

/** All entries as rows. */
export function RowsView({ session }: { readonly session: Session }) {
  const [onlyHits, setOnlyHits] = useState(false);
  const hits = useStore(session.store, (state) => state.hits);
  const newestFirst = useStore(session.store, (state) => state.reordered !== null);
  const listing = useListing(session, onlyHits);
  const context = useContext(session);
  const { time } = context.opened.columns;
  const day = new Date(time[listing.lanes.rows[0]!]!);
  return (
    <>
      <div class="bar">
        <button
          type="button"
          aria-pressed={newestFirst}
          onClick={() => session.orderRows(!newestFirst)}
        >
          Newest first
        </button>
        {hits && (
          <label>
            <input
              type="checkbox"
              checked={onlyHits}
              onChange={(event) => setOnlyHits(event.currentTarget.checked)}
            />{" "}
            Only what is found
          </label>
        )}
        {context.sameDay && !Number.isNaN(day.getTime()) &&
          <span class="quiet">All on {day.toISOString().slice(0, 10)}, UTC</span>}
      </div>
      <RowsGrid session={session} listing={listing} context={context} />
    </>
  );
}
