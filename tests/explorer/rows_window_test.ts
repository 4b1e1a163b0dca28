/** Which rows of a long list are in the page. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { ROW, scrollHeight, scrollTo, windowOf } from "../../explorer/view/rows_window.ts";

const lists = fc.record({
  rows: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 3_000_000 })),
  height: fc.integer({ min: ROW, max: 2_000 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
}).map(({ rows, height, share }) => ({
  ...{ rows, height },
  scrollTop: share * Math.max(0, scrollHeight(rows) - height),
}));

test("every pixel of the view has its row", () => {
  fc.assert(fc.property(lists, (list) => {
    const { from, to, top, most } = windowOf(list);
    assert.ok(from >= 0 && to <= list.rows && to - from <= most);
    assert.ok(from === 0 || top + from * ROW <= list.scrollTop + 1);
    assert.ok(to === list.rows || top + to * ROW >= list.scrollTop + list.height - 1);
  }));
});

test("the ends of the scroll bar are the first and the last row", () => {
  for (const rows of [1, 40, 100_000, 2_000_000]) {
    const height = 500;
    assert.equal(windowOf({ rows, height, scrollTop: 0 }).from, 0);
    const scrollTop = Math.max(0, scrollHeight(rows) - height);
    assert.equal(windowOf({ rows, height, scrollTop }).to, rows);
    assert.ok(scrollHeight(rows) <= 12_000_000);
  }
});

test("scrolling to a row brings it into view, and does nothing if it is there", () => {
  fc.assert(fc.property(lists, fc.nat(), fc.boolean(), (list, pick, inMiddle) => {
    const row = pick % list.rows;
    const most = Math.max(0, scrollHeight(list.rows) - list.height);
    const scrollTop = Math.min(most, scrollTo(list, row, inMiddle));
    const { from, to, top } = windowOf({ ...list, scrollTop });
    assert.ok(from <= row && row < to);
    const y = top + row * ROW - scrollTop;
    // A scaled scroll bar is not exact to the pixel.
    assert.ok(y >= -2 && y + ROW <= list.height + 2, `row at ${y} of ${list.height}`);
    const seen = { ...list, scrollTop };
    assert.ok(Math.abs(scrollTo(seen, row, false) - scrollTop) <= 1);
  }));
});
