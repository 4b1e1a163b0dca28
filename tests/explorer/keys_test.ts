/** The table of keys. */

import assert from "node:assert/strict";
import test from "node:test";
import { actOf, GRAPH_KEYS, KEYS, PAGE_KEYS, ROW_KEYS } from "../../explorer/view/keys.ts";

const plain = { altKey: false, ctrlKey: false, metaKey: false };

test("a key does one thing in a place, and nothing else where the page hears it too", () => {
  for (const lines of [GRAPH_KEYS, ROW_KEYS]) {
    const keys = [...PAGE_KEYS, ...lines].flatMap((line) => line.keys);
    assert.equal(new Set(keys).size, keys.length, keys.join(" "));
  }
});

test("every line says what it does", () => {
  for (const { keys, does } of KEYS) assert.ok(keys.length > 0 && /^[A-Z].*[^.]$/.test(does), does);
});

test("keys do what the table says", () => {
  assert.equal(actOf(PAGE_KEYS, { ...plain, key: "?" }, true), "help");
  assert.equal(actOf(ROW_KEYS, { ...plain, key: " " }, true), "select");
  assert.equal(actOf(GRAPH_KEYS, { ...plain, key: "=" }, true), "closer");
  assert.equal(actOf(PAGE_KEYS, { ...plain, key: "x" }, true), undefined);
});

test("single characters can be switched off, other keys cannot", () => {
  assert.equal(actOf(PAGE_KEYS, { ...plain, key: "?" }, false), undefined);
  assert.equal(actOf(ROW_KEYS, { ...plain, key: "ArrowUp" }, false), "up");
  assert.equal(actOf(ROW_KEYS, { ...plain, key: " " }, false), "select");
});

test("keys with modifiers are the browser's", () => {
  for (const modifier of ["altKey", "ctrlKey", "metaKey"]) {
    assert.equal(actOf(PAGE_KEYS, { ...plain, [modifier]: true, key: "p" }, true), undefined);
  }
});
