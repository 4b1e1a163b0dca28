/**
 * The rows as a grid: as many rows in the page as are seen, however many there
 * are.
 *
 * @module
 */

import type { VNode } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ancestors, descendants } from "../graph/reach.ts";
import type { Lanes } from "../graph/lanes.ts";
import { actOf, ROW_KEYS } from "./keys.ts";
import { LaneCanvas, lanesWide, lanesWidth } from "./rows_lanes.tsx";
import { Cells, HEADINGS, type RowContext } from "./rows_row.tsx";
import { ROW, type RowWindow, scrollHeight, scrollTo, windowOf } from "./rows_window.ts";
import type { Session } from "./session.ts";
import { useStore } from "./store.ts";

/** What is listed. */
export interface Listing {
  readonly lanes: Lanes;
  /** The entry of each row. */
  readonly nodes: Int32Array;
  /** The row of each entry; -1: it is not listed. */
  readonly rowOf: Int32Array;
}

interface Cell {
  readonly row: number;
  readonly column: number;
}

/** Rows that are kept as they were made. */
const KNOWN = 1_000;

/** Rows that pass between two looks when somebody scrolls fast, and when that has ended. */
const FAST = 8;
const STILL_MS = 120;

/** A row as it was made. */
interface Known {
  readonly made: VNode;
  readonly brief: boolean;
}

/** The grid's own element, for the key that leads there. */
const GRID = "rows";

/** The selected entry and everything above and below it, marked. */
function useRelated(context: RowContext, selected: number): Uint8Array | null {
  const { dag } = context.opened;
  return useMemo(() => {
    if (selected < 0) return null;
    const related = new Uint8Array(dag.size);
    related[selected] = 1;
    for (const node of ancestors(dag, selected)) related[node] = 1;
    for (const node of descendants(dag, selected)) related[node] = 1;
    return related;
  }, [dag, selected]);
}

/** Where a key leads from a cell, with so many rows on a page. */
function moved(act: string, { row, column }: Cell, rows: number, page: number): Cell {
  const to: Record<string, Cell> = {
    up: { row: row - 1, column },
    down: { row: row + 1, column },
    left: { row, column: column - 1 },
    right: { row, column: column + 1 },
    pageUp: { row: row - page, column },
    pageDown: { row: row + page, column },
    first: { row: 0, column },
    last: { row: rows - 1, column },
  };
  const { row: wanted, column: cell } = to[act] ?? { row, column };
  return {
    row: Math.max(0, Math.min(rows - 1, wanted)),
    column: Math.max(0, Math.min(HEADINGS.length - 1, cell)),
  };
}

/**
 * Rows in the page: those seen, and the active one, which may have the focus. In
 * their order, but while they fly past, by the elements that show them: to move an
 * element in the tree costs more than to fill it anew.
 */
function rowsIn({ from, to, most }: RowWindow, active: number, isFast: boolean): number[] {
  const rows = Array.from({ length: to - from }, (_, i) => from + i);
  if (isFast) rows.sort((a, b) => a % most - b % most);
  return active < from || active >= to ? [...rows, active] : rows;
}

/** The grid. */
export function RowsGrid({ session, listing, context }: {
  readonly session: Session;
  readonly listing: Listing;
  readonly context: RowContext;
}) {
  const { store } = session;
  const { nodes, rowOf, lanes } = listing;
  const selected = useStore(store, (state) => state.selected);
  const hits = useStore(store, (state) => state.hits);
  const flow = useStore(store, (state) => state.flow);
  const marks = useStore(store, (state) => state.marks);
  const dark = useStore(store, (state) => state.dark);
  const grid = useRef<HTMLDivElement>(null);
  const mayFocus = useRef(false);
  const [view, setView] = useState({ height: 600, scrollTop: 0, isFast: false });
  const still = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [active, setActive] = useState<Cell>({ row: 0, column: 0 });
  const related = useRelated(context, selected);

  const scrolled = { rows: nodes.length, ...view };
  const shownRows = windowOf(scrolled);
  const look = () => {
    const { clientHeight, scrollTop } = grid.current!;
    setView((before) => {
      const isFast = Math.abs(scrollTop - before.scrollTop) > FAST * ROW;
      return { height: Math.max(ROW, clientHeight - ROW), scrollTop, isFast };
    });
    clearTimeout(still.current);
    still.current = setTimeout(() => setView((last) => ({ ...last, isFast: false })), STILL_MS);
  };
  const reveal = (row: number, inMiddle: boolean) => {
    const { clientHeight, scrollTop } = grid.current!;
    const now = { rows: nodes.length, height: Math.max(ROW, clientHeight - ROW), scrollTop };
    grid.current!.scrollTop = scrollTo(now, row, inMiddle);
    look();
  };

  useLayoutEffect(() => {
    look();
    const observer = new ResizeObserver(look);
    observer.observe(grid.current!);
    return () => {
      observer.disconnect();
      clearTimeout(still.current);
    };
  }, []);
  // What is selected elsewhere is shown here.
  useLayoutEffect(() => {
    const row = selected < 0 ? -1 : rowOf[selected]!;
    if (row < 0) return setActive(({ column }) => ({ row: 0, column }));
    setActive(({ column }) => ({ row, column }));
    reveal(row, true);
  }, [selected, listing]);
  useLayoutEffect(() => {
    if (!mayFocus.current) return;
    mayFocus.current = false;
    grid.current!.querySelector<HTMLElement>('[role="row"] > [tabindex="0"]')
      ?.focus({ preventScroll: true });
  }, [active]);

  const press = (event: KeyboardEvent) => {
    const isLink = (event.target as HTMLElement).matches("a");
    const act = actOf(ROW_KEYS, event, true);
    if (act === undefined || (isLink && act === "open")) return;
    event.preventDefault();
    if (act === "select" || act === "open") {
      session.select(nodes[active.row]!);
      if (act === "open") document.getElementById("entry")?.focus();
      return;
    }
    const next = moved(act, active, nodes.length, Math.floor(view.height / ROW) - 1);
    mayFocus.current = true;
    setActive(next);
    reveal(next.row, false);
  };
  const click = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const cell = target.closest('[role="gridcell"], [role="rowheader"]');
    if (!cell || target.closest("a")) return;
    const row = Number(cell.parentElement!.ariaRowIndex) - 2;
    const column = [...cell.parentElement!.children].indexOf(cell);
    mayFocus.current = true;
    setActive({ row, column });
    session.select(nodes[row]!);
  };
  const { from, to, top, most } = shownRows;
  // Another width lays out every row anew: while somebody scrolls, it only grows.
  const lastWide = useRef(1);
  const ownWide = lanesWide(lanes, from, to);
  const wide = view.isFast ? Math.max(ownWide, lastWide.current) : ownWide;
  lastWide.current = wide;
  // Rows that stay as they are while others come and go.
  const known = useMemo(() => new Map<number, Known>(), [
    ...[context, listing, selected, hits, flow, marks, top, most],
  ]);
  if (known.size > KNOWN) known.clear();
  const rowAt = (row: number): VNode => {
    const isActive = row === active.row;
    const node = nodes[row]!;
    const last = isActive ? undefined : known.get(row);
    if (last && (view.isFast || !last.brief)) return last.made;
    const brief = view.isFast && !isActive;
    const made = (
      <div
        // Elements are used again, but never that with the focus.
        key={isActive ? `active ${row}` : row % most}
        role="row"
        aria-rowindex={row + 2}
        aria-selected={node === selected}
        class={classOf(node)}
        style={{ transform: `translateY(${top + row * ROW}px)` }}
      >
        <Cells
          context={context}
          node={node}
          mark={marks?.[node] ?? 0}
          column={isActive ? active.column : -1}
          brief={brief}
        />
      </div>
    );
    if (!isActive) known.set(row, { made, brief });
    return made;
  };
  const classOf = (node: number) =>
    [
      "row",
      node === selected ? "selected" : "",
      hits ? hits[node] ? "hit" : "dim" : "",
      flow?.nodes[node] ? "tainted" : "",
      flow?.added.includes(node) ? "added" : "",
      marks?.[node] ? `on${marks[node]}` : "",
    ].join(" ");
  return (
    <div
      ref={grid}
      id={GRID}
      role="grid"
      aria-label="Entries"
      aria-rowcount={nodes.length + 1}
      class={context.sameDay ? "rows same-day" : "rows"}
      style={{ "--lanes": `${lanesWidth(wide)}px` }}
      onScroll={look}
      onKeyDown={press}
      onClick={click}
    >
      <div role="rowgroup" class="heads">
        <div role="row" aria-rowindex={1} class="row">
          {HEADINGS.map((name) => <div key={name} role="columnheader">{name}</div>)}
        </div>
      </div>
      <div role="rowgroup" class="body" style={{ height: `${scrollHeight(nodes.length)}px` }}>
        <LaneCanvas
          {...{ dag: context.opened.dag, lanes, nodes, selected, related, flow, marks, dark, wide }}
          {...{ from, to, top }}
        />
        {nodes.length > 0 && rowsIn(shownRows, active.row, view.isFast).map(rowAt)}
      </div>
    </div>
  );
}
