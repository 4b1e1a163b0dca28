/**
 * Boxes by place: each is kept once, in a cell at least as large as the box, so
 * that a rectangle asks for few cells and long boxes cost no memory.
 *
 * @module
 */

/** A rectangle; its borders belong to it. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The cells of one size. */
interface Level {
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
  /** Number of the level's first cell. */
  readonly first: number;
}

/** No more cells than this per box, at the smallest size. */
const CELLS_PER_BOX = 2;

/** Boxes that do not move, sorted into cells: plain data that a worker may hand over. */
export interface Boxes {
  /** Left, top, right and bottom of each. */
  readonly sides: Float64Array<ArrayBuffer>;
  readonly extent: Rect;
  readonly levels: readonly Level[];
  /** Where the items of each cell start; one longer than the cells. */
  readonly cellStart: Int32Array<ArrayBuffer>;
  readonly items: Int32Array<ArrayBuffer>;
}

/** Cells of doubling size, until one holds everything. */
function levelsOf(count: number, extent: Rect): Level[] {
  const levels: Level[] = [];
  const width = Math.max(1, extent.right - extent.left);
  const height = Math.max(1, extent.bottom - extent.top);
  const most = CELLS_PER_BOX * count + 16;
  let cell = Math.max(
    Math.sqrt(width * height / most),
    2 * width / most,
    2 * height / most,
  );
  for (let first = 0;; cell *= 2) {
    const columns = Math.floor(width / cell) + 1;
    const rows = Math.floor(height / cell) + 1;
    levels.push({ cell, columns, rows, first });
    first += columns * rows;
    if (columns * rows === 1) return levels;
  }
}

/** The cell of an item: by its corner, in the smallest cells that are not smaller than it. */
function cellOf(item: number, sides: Float64Array, extent: Rect, levels: readonly Level[]): number {
  const left = sides[4 * item]! - extent.left;
  const top = sides[4 * item + 1]! - extent.top;
  const width = sides[4 * item + 2]! - sides[4 * item]!;
  const height = sides[4 * item + 3]! - sides[4 * item + 1]!;
  const smallest = levels[0]!.cell;
  const doublings = Math.ceil(Math.log2(Math.max(width, height, smallest) / smallest));
  const level = levels[Math.min(doublings, levels.length - 1)]!;
  const column = Math.floor(left / level.cell);
  const row = Math.floor(top / level.cell);
  return level.first + row * level.columns + column;
}

/** Sorts boxes into cells. @param boxOf Writes the box of an item into a record that is used again. */
export function boxesOf(count: number, boxOf: (item: number, box: Box) => void): Boxes {
  const sides = new Float64Array(4 * count);
  const box: Box = { left: 0, top: 0, right: 0, bottom: 0 };
  const extent: Box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let item = 0; item < count; item++) {
    boxOf(item, box);
    sides[4 * item] = box.left;
    sides[4 * item + 1] = box.top;
    sides[4 * item + 2] = box.right;
    sides[4 * item + 3] = box.bottom;
    extent.left = Math.min(extent.left, box.left);
    extent.top = Math.min(extent.top, box.top);
    extent.right = Math.max(extent.right, box.right);
    extent.bottom = Math.max(extent.bottom, box.bottom);
  }
  const levels = count === 0 ? [] : levelsOf(count, extent);
  // The largest level is one cell, and the last.
  const cells = count === 0 ? 0 : levels[levels.length - 1]!.first + 1;
  const cellStart = new Int32Array(cells + 1);
  const cell = new Int32Array(count);
  for (let item = 0; item < count; item++) {
    cell[item] = cellOf(item, sides, extent, levels);
    cellStart[cell[item]! + 1]!++;
  }
  for (let each = 0; each < cells; each++) cellStart[each + 1]! += cellStart[each]!;
  const next = cellStart.slice();
  const items = new Int32Array(count);
  for (let item = 0; item < count; item++) items[next[cell[item]!]!++] = item;
  return { sides, extent, levels, cellStart, items };
}

/** Items whose box meets a rectangle, ascending. */
export function boxesIn(
  { sides, extent, levels, cellStart, items }: Boxes,
  rect: Rect,
): Int32Array {
  const found: number[] = [];
  for (const { cell, columns, rows, first } of levels) {
    // A box may reach one cell beyond its own.
    const at = (value: number, most: number) =>
      Math.max(0, Math.min(most - 1, Math.floor(value / cell)));
    const left = at(rect.left - extent.left - cell, columns);
    const right = at(rect.right - extent.left, columns);
    const top = at(rect.top - extent.top - cell, rows);
    const bottom = at(rect.bottom - extent.top, rows);
    for (let row = top; row <= bottom; row++) {
      const from = cellStart[first + row * columns + left]!;
      const to = cellStart[first + row * columns + right + 1]!;
      for (let i = from; i < to; i++) {
        const item = items[i]!;
        if (sides[4 * item]! > rect.right || sides[4 * item + 2]! < rect.left) continue;
        if (sides[4 * item + 1]! > rect.bottom || sides[4 * item + 3]! < rect.top) continue;
        found.push(item);
      }
    }
  }
  return Int32Array.from(found).sort();
}
