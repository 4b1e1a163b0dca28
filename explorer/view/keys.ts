/**
 * Every key of the page, in one table: the list that a reader sees and what the
 * page does come from it.
 *
 * @module
 */

/** Where a key works. */
export type KeyPlace = "graph" | "page" | "rows";

/** One line of the table. */
export interface KeyLine {
  readonly place: KeyPlace;
  /** What it does, for the code. */
  readonly act: string;
  /** Names as in `KeyboardEvent.key`. */
  readonly keys: readonly string[];
  /** What it does, for people. */
  readonly does: string;
}

function place<P extends KeyPlace, A extends string>(
  place: P,
  lines: Readonly<Record<A, readonly [keys: string, does: string]>>,
): readonly (KeyLine & { readonly place: P; readonly act: A })[] {
  return (Object.entries(lines) as [A, readonly [string, string]][]).map(
    ([act, [keys, does]]) => ({ place, act, keys: keys.split(" "), does }),
  );
}

/** Keys that work everywhere but in text fields. */
export const PAGE_KEYS = place("page", {
  help: ["?", "This list"],
  search: ["/", "Search; Escape clears it"],
  next: ["n", "Next entry that is found, or next finding"],
  previous: ["p", "The one before"],
  graph: ["g", "The graph"],
  rows: ["r", "The rows"],
});

/** Keys of the graph. */
export const GRAPH_KEYS = place("graph", {
  parent: ["ArrowUp", "Select a parent"],
  child: ["ArrowDown", "Select a child"],
  left: ["ArrowLeft", "Select the sibling to the left"],
  right: ["ArrowRight", "Select the sibling to the right; with Shift, arrows move the picture"],
  open: ["Enter", "Show what is around the selected entry"],
  fewer: ["[", "Show fewer hops"],
  more: ["]", "Show more hops"],
  whole: ["w", "Show the whole graph, or the surroundings again"],
  fit: ["f", "Fit everything into the view"],
  closer: ["+ =", "Zoom in"],
  farther: ["- _", "Zoom out"],
  groups: ["c", "Draw chains and fans as one, or one by one"],
});

/** Keys of the rows. */
export const ROW_KEYS = place("rows", {
  up: ["ArrowUp", "One row up"],
  down: ["ArrowDown", "One row down"],
  left: ["ArrowLeft", "One cell to the left"],
  right: ["ArrowRight", "One cell to the right"],
  pageUp: ["PageUp", "One page up"],
  pageDown: ["PageDown", "One page down"],
  first: ["Home", "The first row"],
  last: ["End", "The last row"],
  select: ["Space", "Select the entry"],
  open: ["Enter", "Select the entry and go to its panel"],
});

/** All keys. */
export const KEYS: readonly KeyLine[] = [...PAGE_KEYS, ...GRAPH_KEYS, ...ROW_KEYS];

/** What of a keyboard event is looked at. */
export type Pressed = Pick<KeyboardEvent, "altKey" | "ctrlKey" | "key" | "metaKey">;

/** What a key does among some lines; single characters do nothing unless they are on. */
export function actOf<A extends string>(
  lines: readonly (KeyLine & { readonly act: A })[],
  { key, altKey, ctrlKey, metaKey }: Pressed,
  singleKeys: boolean,
): A | undefined {
  if (altKey || ctrlKey || metaKey) return undefined;
  const name = key === " " ? "Space" : key;
  if (name.length === 1 && !singleKeys) return undefined;
  return lines.find(({ keys }) => keys.includes(name))?.act;
}

/** Whether somebody types text there. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select");
}
