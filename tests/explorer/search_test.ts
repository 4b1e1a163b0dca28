/** Search over entries. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { MAX_TEXT } from "../../explorer/graph/column.ts";
import type { EntryFacts } from "../../explorer/graph/facts.ts";
import { termsOf } from "../../explorer/graph/query.ts";
import { SearchIndex } from "../../explorer/graph/search.ts";
import { bareFacts } from "./graphs.ts";

const word = fc.stringMatching(/^[abÄ:=\n-]{1,4}$/);

const facts: fc.Arbitrary<EntryFacts> = fc.record({
  nodeId: word,
  kind: fc.constantFrom("step", "denied", "failed"),
  accumulatedTaint: fc.array(word, { maxLength: 3 }),
  addedTaint: fc.array(word, { maxLength: 2 }),
  removedTaint: fc.array(word, { maxLength: 2 }),
  labels: fc.dictionary(word, word, { maxKeys: 2 }),
  origin: fc.option(fc.record({ userId: word, sessionId: word })),
  keyId: fc.option(word),
}).map((some) => ({ ...bareFacts(0, []), ...some, id: "id", hash: "hash" }));

const fields: Record<string, (each: EntryFacts) => string[]> = {
  node: (each) => [each.nodeId],
  entry: (each) => [each.id, each.hash],
  kind: (each) => [each.kind],
  taint: (each) => [...each.accumulatedTaint],
  added: (each) => [...each.addedTaint],
  removed: (each) => [...each.removedTaint],
  label: (each) => Object.entries(each.labels).map((pair) => pair.join("=")),
  origin: (each) => each.origin ? [each.origin.userId, each.origin.sessionId] : [],
  key: (each) => each.keyId === null ? [] : [each.keyId],
};

interface Wanted {
  readonly field: string | null;
  readonly text: string;
  readonly not: boolean;
}

const wanted: fc.Arbitrary<Wanted> = fc.record({
  field: fc.option(fc.constantFrom(...Object.keys(fields))),
  text: fc.stringMatching(/^[abÄ=]{1,2}$/),
  not: fc.boolean(),
});

const plain = (text: string) => text.toLowerCase().normalize("NFC").replaceAll("\n", " ");

function fits(each: EntryFacts, { field, text, not }: Wanted): boolean {
  const texts = field === null
    ? Object.values(fields).flatMap((read) => read(each))
    : fields[field]!(each);
  return texts.some((own) => plain(own).includes(plain(text))) !== not;
}

test("a query finds what a naive filter finds", () => {
  const entries = fc.array(facts, { maxLength: 30, size: "max" });
  fc.assert(fc.property(entries, fc.array(wanted, { maxLength: 3 }), (list, terms) => {
    const index = new SearchIndex(list);
    const query = terms
      .map(({ field, text, not }) => `${not ? "-" : ""}${field ? `${field}:` : ""}${text}`)
      .join(" ");
    const expected = [...list.keys()].filter((i) => terms.every((term) => fits(list[i]!, term)));
    assert.deepEqual([...index.find(query)], expected);
    // Asked again, from what was remembered.
    assert.deepEqual([...index.find(query)], expected);
  }));
});

test("words, fields, quotes and negation are read as documented", () => {
  assert.deepEqual(termsOf('  taint:PII -node:fetch "two words" label:"k=v w" '), [
    { field: "taint", text: "pii", not: false },
    { field: "node", text: "fetch", not: true },
    { field: null, text: "two words", not: false },
    { field: "label", text: "k=v w", not: false },
  ]);
  assert.deepEqual(termsOf("https://x - taint: constructor:1"), [
    { field: null, text: "https://x", not: false },
    { field: null, text: "-", not: false },
    { field: null, text: "constructor:1", not: false },
  ]);
  assert.deepEqual(termsOf(""), []);
});

test("text that would be a pattern is text", () => {
  const index = new SearchIndex(["a.b", "axb", "(((("].map((nodeId, i) => ({
    ...bareFacts(i, []),
    nodeId,
  })));
  assert.deepEqual([...index.find("a.b")], [0]);
  assert.deepEqual([...index.find("((((")], [2]);
  assert.deepEqual([...index.find("")], [0, 1, 2]);
});

test("very long texts are found by their beginning", () => {
  const labels = { long: "x".repeat(MAX_TEXT * 2) + "end" };
  const index = new SearchIndex([{ ...bareFacts(0, []), labels }]);
  assert.equal(index.find("label:xxx").length, 1);
  assert.equal(index.find("label:end").length, 0);
});
