/**
 * Which rows of a long list are in view. Element heights have limits: beyond
 * them a pixel of the scroll bar is more than a pixel of the list.
 *
 * @module
 */

/** The height of a row in pixels. */
export const ROW = 28;

/** The tallest element that every browser lays out. */
const MAX_HEIGHT = 12_000_000;

/** Rows above and below the view that are there too. */
const SPARE = 4;

/** A list that is scrolled. */
export interface Scrolled {
  readonly rows: number;
  /** The height of what is seen of the rows. */
  readonly height: number;
  readonly scrollTop: number;
}

/** Rows in the page, and where the first of the list would stand. */
export interface RowWindow {
  readonly from: number;
  /** Not included. */
  readonly to: number;
  /** Top of row 0 in the scrolled element; far above it where the list is scaled. */
  readonly top: number;
  /** The most rows in the page at once. */
  readonly most: number;
}

/** The height of the element that scrolls. */
export function scrollHeight(rows: number): number {
  return Math.min(rows * ROW, MAX_HEIGHT);
}

/** Pixels of the list for each pixel of the scroll bar. */
function scaleOf({ rows, height }: Scrolled): number {
  const room = scrollHeight(rows) - height;
  return room <= 0 ? 1 : (rows * ROW - height) / room;
}

/** The rows to have in the page. */
export function windowOf(scrolled: Scrolled): RowWindow {
  const { rows, height, scrollTop } = scrolled;
  const y = scrollTop * scaleOf(scrolled);
  // Steps of a few rows: most movements of the scroll bar change nothing.
  const from = Math.max(0, Math.floor(y / ROW / SPARE - 1) * SPARE);
  const most = Math.ceil(height / ROW / SPARE + 2) * SPARE;
  return { from, to: Math.min(rows, from + most), top: Math.round(scrollTop - y), most };
}

/** Where to scroll so that a row is seen; where the list stands, if it is. */
export function scrollTo(scrolled: Scrolled, row: number, inMiddle: boolean): number {
  const { height, scrollTop } = scrolled;
  const scale = scaleOf(scrolled);
  const y = scrollTop * scale;
  const isSeen = row * ROW >= y && (row + 1) * ROW <= y + height;
  if (isSeen) return scrollTop;
  const wanted = inMiddle
    ? (row + 0.5) * ROW - height / 2
    : row * ROW < y
    ? row * ROW
    : (row + 1) * ROW - height;
  return Math.max(0, wanted) / scale;
}
