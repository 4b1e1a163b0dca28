/**
 * From one entry that is found, or that something was found about, to the next.
 *
 * @module
 */

import type { Lanes } from "../graph/lanes.ts";
import { MARK } from "../work/marks.ts";
import type { Session } from "./session.ts";
import type { State } from "./store.ts";
import { nodeName } from "./text.tsx";

/** The rows as they are shown. */
export function lanesOf({ opened, reordered }: State): Lanes {
  return reordered ?? opened!.lanes;
}

/** Which entries to step through: those found, else those with findings of their own. */
function wantedOf({ hits, marks }: State): (node: number) => boolean {
  if (hits) return (node) => hits[node] === 1;
  const own = [MARK.changed, MARK.wrong, MARK.open] as readonly number[];
  return (node) => marks !== null && own.includes(marks[node]!);
}

/** Selects the next wanted entry in the order of the rows; -1: the one before. */
export function step(session: Session, direction: -1 | 1): void {
  const { state } = session.store;
  const { opened, selected, hits } = state;
  if (!opened) return;
  const { rows, rowOf } = lanesOf(state);
  const isWanted = wantedOf(state);
  const from = selected < 0 ? (direction === 1 ? -1 : 0) : rowOf[selected]!;
  for (let i = 1; i <= rows.length; i++) {
    const row = (from + direction * i + rows.length * 2) % rows.length;
    if (!isWanted(rows[row]!)) continue;
    session.select(rows[row]!);
    const places = rows.filter(isWanted);
    const place = places.indexOf(rows[row]!) + 1;
    const status = `${place} of ${places.length}: ${nodeName(opened.columns, rows[row]!)}`;
    return session.store.set({ status });
  }
  const status = hits ? "No entry is found" : "No finding names an entry";
  session.store.set({ status });
}
