/**
 * One row: an entry and its neighbours.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { childrenOf, parentsOf } from "../graph/dag.ts";
import { KINDS, textAt } from "../work/columns.ts";
import { MARK, MARK_WORDS } from "../work/marks.ts";
import type { Opened } from "../work/model_worker.ts";
import { nodeName, shown, timeText } from "./text.tsx";

/** The columns; `wide` ones share the room that is left. */
export const HEADINGS = [
  ...["Node", "Kind", "Time", "Taints", "Trust", "Key", "Origin", "Parents ↑ and children ↓"],
] as const;

/** Taints of one entry that have room in a row. */
const MAX_TAINTS = 3;

/** Parents and children that are links in the active row, and in others. */
const MAX_LINKS = [20, 1] as const;

/** What rows need to know besides the entry. */
export interface RowContext {
  readonly opened: Opened;
  /** Names of keys, as the trust policy gives them. */
  readonly keyNames: ReadonlyMap<string, string | null>;
  /** Whether all entries are of one day, so that the time of day says it all. */
  readonly sameDay: boolean;
  readonly taint: string | null;
}

function taintsAt({ columns: { taints, taintStart, taintOf } }: Opened, node: number): string[] {
  return Array.from(taintOf.subarray(taintStart[node], taintStart[node + 1]), (n) => taints[n]!);
}

/** Taints with what this entry did: `+` added, `−` removed. */
function Taints({ context: { opened, taint }, node }: {
  readonly context: RowContext;
  readonly node: number;
}) {
  const own = taintsAt(opened, node);
  const above = new Set<string>();
  for (const parent of parentsOf(opened.dag, node)) {
    for (const each of taintsAt(opened, parent)) above.add(each);
  }
  const chips = own.map((each): readonly [string, string] => [above.has(each) ? "" : "+", each]);
  // What matters most stands where there is room.
  chips.sort(([a, one], [b, two]) => +(two === taint) - +(one === taint) || b.length - a.length);
  const removed = opened.columns.kind[node] === 2 ? [...above].filter((t) => !own.includes(t)) : [];
  for (const each of removed) chips.unshift(["−", each]);
  return (
    <>
      {chips.slice(0, MAX_TAINTS).map(([sign, each]) => (
        <span key={each} class={each === taint ? "chip chosen" : "chip"}>
          {sign}
          {shown(each, 40)}
        </span>
      ))}
      {chips.length > MAX_TAINTS && ` +${chips.length - MAX_TAINTS}`}
    </>
  );
}

function Links({ opened, nodes, arrow, isActive }: {
  readonly opened: Opened;
  readonly nodes: Int32Array;
  readonly arrow: string;
  readonly isActive: boolean;
}) {
  const { columns } = opened;
  const what = arrow === "↑" ? "parent" : "child";
  const most = MAX_LINKS[isActive ? 0 : 1];
  return (
    <>
      {Array.from(nodes.subarray(0, most), (node) => {
        const text = arrow + nodeName(columns, node, 40);
        return (
          <a
            key={node}
            href={`#entry=${encodeURIComponent(textAt(columns.ids, node))}`}
            tabIndex={isActive ? 0 : -1}
            aria-label={`${text}, ${what}`}
          >
            {text}
          </a>
        );
      })}
      {nodes.length > most && `+${nodes.length - most} `}
    </>
  );
}

function Key({ context: { opened, keyNames }, node }: {
  readonly context: RowContext;
  readonly node: number;
}) {
  const { keys } = opened.columns;
  const id = keys.texts[keys.of[node]!];
  if (id === undefined) return <span class="quiet">none</span>;
  const name = keyNames.get(id);
  if (name) return <>{shown(name, 40)}</>;
  return (
    <span class={name === null ? "unknown mono" : "mono"}>
      {name === null && "? "}
      {shown(id.slice(0, 8))}
    </span>
  );
}

function timeOf({ opened, sameDay }: RowContext, node: number): string {
  const time = opened.columns.time[node]!;
  if (Number.isNaN(time)) return "";
  const text = timeText(time).replace(" UTC", "");
  return sameDay ? text.slice(11) : text;
}

function Marked({ mark }: { readonly mark: number }) {
  const [sign, word] = MARK_WORDS[mark]!;
  // Who signed is said in the column of the key.
  if (mark === MARK.none || mark === MARK.unknown) return null;
  return <span class={`marked m${mark}`}>{sign} {word}</span>;
}

/** How many neighbours there are, until there is time for links to them. */
function Counts({ opened: { dag }, node }: { readonly opened: Opened; readonly node: number }) {
  return <span class="quiet">↑{parentsOf(dag, node).length} ↓{childrenOf(dag, node).length}</span>;
}

/**
 * The cells of a row; `column` is the one that can have the focus, -1: none. A row
 * that flies past is `brief`.
 */
export function Cells({ context, node, mark, column, brief }: {
  readonly context: RowContext;
  readonly node: number;
  readonly mark: number;
  readonly column: number;
  readonly brief: boolean;
}) {
  const { opened } = context;
  const { columns, dag } = opened;
  const { trust, origins } = columns;
  const isActive = column >= 0;
  const cell = (index: number, content: ComponentChildren) => (
    <div
      role={index === 0 ? "rowheader" : "gridcell"}
      tabIndex={index === column ? 0 : -1}
    >
      {content}
    </div>
  );
  return (
    <>
      {cell(0, [
        <span key="n" class="name">{nodeName(columns, node)}</span>,
        <Marked key="m" mark={mark} />,
      ])}
      {cell(1, KINDS[columns.kind[node]!])}
      {cell(2, timeOf(context, node))}
      {cell(3, <Taints context={context} node={node} />)}
      {cell(4, Number.isNaN(trust[node]!) ? "" : +trust[node]!.toFixed(3))}
      {cell(5, <Key context={context} node={node} />)}
      {cell(6, shown(origins.texts[origins.of[node]!] ?? "", 40))}
      {cell(
        7,
        brief ? <Counts opened={opened} node={node} /> : [
          <Links
            key="↑"
            arrow="↑"
            nodes={parentsOf(dag, node)}
            opened={opened}
            isActive={isActive}
          />,
          <Links
            key="↓"
            arrow="↓"
            nodes={childrenOf(dag, node)}
            opened={opened}
            isActive={isActive}
          />,
        ],
      )}
    </>
  );
}
