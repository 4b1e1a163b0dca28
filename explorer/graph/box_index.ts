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

/** An index of boxes that do not move. */
export class BoxIndex {
  readonly #boxes: Float64Array;
  readonly #extent: Box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  readonly #levels: Level[] = [];
  readonly #cellStart: Int32Array;
  readonly #items: Int32Array;

  /** @param boxOf Writes the box of an item into a record that is used again. */
  constructor(count: number, boxOf: (item: number, box: Box) => void) {
    this.#boxes = new Float64Array(4 * count);
    const box: Box = { left: 0, top: 0, right: 0, bottom: 0 };
    const extent = this.#extent;
    for (let item = 0; item < count; item++) {
      boxOf(item, box);
      this.#boxes.set([box.left, box.top, box.right, box.bottom], 4 * item);
      extent.left = Math.min(extent.left, box.left);
      extent.top = Math.min(extent.top, box.top);
      extent.right = Math.max(extent.right, box.right);
      extent.bottom = Math.max(extent.bottom, box.bottom);
    }
    const cells = count === 0 ? 0 : this.#makeLevels(count);
    this.#cellStart = new Int32Array(cells + 1);
    const cellOf = new Int32Array(count);
    for (let item = 0; item < count; item++) {
      cellOf[item] = this.#cellOf(item);
      this.#cellStart[cellOf[item]! + 1]!++;
    }
    for (let cell = 0; cell < cells; cell++) this.#cellStart[cell + 1]! += this.#cellStart[cell]!;
    const next = this.#cellStart.slice();
    this.#items = new Int32Array(count);
    for (let item = 0; item < count; item++) this.#items[next[cellOf[item]!]!++] = item;
  }

  /** Cells of doubling size, until one holds everything. Returns how many there are. */
  #makeLevels(count: number): number {
    const width = Math.max(1, this.#extent.right - this.#extent.left);
    const height = Math.max(1, this.#extent.bottom - this.#extent.top);
    const most = CELLS_PER_BOX * count + 16;
    let cell = Math.max(
      Math.sqrt(width * height / most),
      2 * width / most,
      2 * height / most,
    );
    let first = 0;
    for (;; cell *= 2) {
      const columns = Math.floor(width / cell) + 1;
      const rows = Math.floor(height / cell) + 1;
      this.#levels.push({ cell, columns, rows, first });
      first += columns * rows;
      if (columns * rows === 1) return first;
    }
  }

  /** The cell of an item: by its corner, in the smallest cells that are not smaller than it. */
  #cellOf(item: number): number {
    const left = this.#boxes[4 * item]! - this.#extent.left;
    const top = this.#boxes[4 * item + 1]! - this.#extent.top;
    const width = this.#boxes[4 * item + 2]! - this.#boxes[4 * item]!;
    const height = this.#boxes[4 * item + 3]! - this.#boxes[4 * item + 1]!;
    const smallest = this.#levels[0]!.cell;
    const doublings = Math.ceil(Math.log2(Math.max(width, height, smallest) / smallest));
    const level = this.#levels[Math.min(doublings, this.#levels.length - 1)]!;
    const column = Math.floor(left / level.cell);
    const row = Math.floor(top / level.cell);
    return level.first + row * level.columns + column;
  }

  /** Items whose box meets a rectangle, ascending. */
  within(rect: Rect): Int32Array {
    const found: number[] = [];
    const boxes = this.#boxes;
    for (const { cell, columns, rows, first } of this.#levels) {
      // A box may reach one cell beyond its own.
      const at = (value: number, most: number) =>
        Math.max(0, Math.min(most - 1, Math.floor(value / cell)));
      const left = at(rect.left - this.#extent.left - cell, columns);
      const right = at(rect.right - this.#extent.left, columns);
      const top = at(rect.top - this.#extent.top - cell, rows);
      const bottom = at(rect.bottom - this.#extent.top, rows);
      for (let row = top; row <= bottom; row++) {
        const from = this.#cellStart[first + row * columns + left]!;
        const to = this.#cellStart[first + row * columns + right + 1]!;
        for (let i = from; i < to; i++) {
          const item = this.#items[i]!;
          if (boxes[4 * item]! > rect.right || boxes[4 * item + 2]! < rect.left) continue;
          if (boxes[4 * item + 1]! > rect.bottom || boxes[4 * item + 3]! < rect.top) continue;
          found.push(item);
        }
      }
    }
    return Int32Array.from(found).sort();
  }
}
