/** CSV and SVG. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { edgesCsv, nodesCsv } from "../../explorer/graph/csv.ts";
import { dagOf } from "../../explorer/graph/dag.ts";
import { layoutOf } from "../../explorer/graph/layout.ts";
import { DARK, svgOf } from "../../explorer/graph/svg.ts";
import { bareFacts, edgesOf, wildLists } from "./graphs.ts";

/** A reader of RFC 4180, character by character. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted && char === '"' && text[i + 1] === '"') cell += text[++i];
    else if (char === '"') quoted = !quoted;
    else if (quoted) cell += char;
    else if (char === ",") {
      row.push(cell);
      cell = "";
    } else if (char === "\r" && text[i + 1] === "\n") {
      rows.push([...row, cell]);
      row = [];
      cell = "";
      i++;
    } else cell += char;
  }
  assert.equal(cell, "", "the file does not end with a line break");
  return rows;
}

const guarded = (text: string) => /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."=+-@\t\r\n\",;' aé<&") }),
  fc.string(),
);

test("nodes come back from CSV as they were, formulas disarmed", () => {
  fc.assert(fc.property(wildLists, fc.array(text, { minLength: 26 }), (lists, texts) => {
    const facts = lists.map((list, i) => ({
      ...bareFacts(i, list),
      nodeId: texts[i]!,
      labels: { [texts[i + 1]!]: "x" },
      origin: { userId: texts[i]!, sessionId: "" },
      trustScore: 0.5,
    }));
    const [head, ...rows] = readCsv(nodesCsv(dagOf(lists), facts));
    assert.equal(rows.length, facts.length);
    rows.forEach((row, i) => {
      const cells = new Map(head!.map((name, column) => [name, row[column]]));
      assert.equal(row.length, head!.length);
      assert.equal(cells.get("entry_id"), facts[i]!.id);
      assert.equal(cells.get("node_id"), guarded(texts[i]!));
      assert.equal(cells.get("user_id"), guarded(texts[i]!));
      assert.equal(cells.get("labels"), JSON.stringify(facts[i]!.labels));
      assert.equal(cells.get("trust_score"), "0.5");
      assert.equal(cells.get("time"), new Date(i).toISOString());
    });
  }));
});

test("edges come back from CSV, those that close a cycle too", () => {
  fc.assert(fc.property(wildLists, (lists) => {
    const dag = dagOf(lists);
    const facts = lists.map((list, i) => bareFacts(i, list));
    const [, ...rows] = readCsv(edgesCsv(dag, facts));
    const pairs = lists.flatMap((list, child) => [...new Set(list)].map((each) => [each, child]));
    assert.deepEqual(
      rows.map(([parent, child]) => `${parent} ${child}`).sort(),
      pairs.map(([parent, child]) => `entry-${parent} entry-${child}`).sort(),
    );
  }));
});

test("times that are none are written as they are", () => {
  const facts = [{ ...bareFacts(0, []), timestampMs: 9e15 }, { ...bareFacts(1, []), keyId: null }];
  assert.match(nodesCsv(dagOf([[], []]), facts), /9000000000000000/);
});

/** The tags of an XML text; fails if they are not nested. */
function tagsOf(xml: string): string[] {
  const open: string[] = [];
  const seen: string[] = [];
  for (const [, close, name, empty] of xml.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    seen.push(name!);
    if (close) assert.equal(open.pop(), name);
    else if (!empty) open.push(name!);
  }
  assert.deepEqual(open, []);
  return seen;
}

test("an SVG holds every node and edge and no more markup than its own", () => {
  fc.assert(fc.property(wildLists, text, (lists, name) => {
    const dag = dagOf(lists);
    const svg = svgOf(dag, layoutOf(dag), {
      title: name,
      description: name,
      node: () => ({ label: name, note: name, dashed: true }),
      edge: () => "#f00",
    });
    const tags = tagsOf(svg);
    const count = (tag: string) => tags.filter((each) => each === tag).length;
    assert.equal(count("path"), edgesOf(dag).length + dag.closing.length / 2);
    assert.equal(count("rect"), dag.size + 1);
    assert.deepEqual(
      [...new Set(tags)].filter((tag) =>
        !["svg", "title", "desc", "g", "rect", "text", "path"].includes(tag)
      ),
      [],
    );
    // Without tags and entities nothing is left that XML would read as markup.
    assert.doesNotMatch(svg.replace(/<\/?[a-z]+(?:\s[^<>]*?)?\/?>/g, ""), /[<>]|&(?!\w+;)/);
  }));
});

test("an SVG shows what hides: scripts, directions, controls", () => {
  const dag = dagOf([[]]);
  const label = "<script>alert(1)</script>\u202e\u0000\u200b\ud800é";
  const svg = svgOf(dag, layoutOf(dag, { width: 900 }), {
    title: label,
    description: "",
    colours: DARK,
    node: () => ({ label, fill: '"/><script>' }),
  });
  assert(!svg.includes("<script"));
  assert(svg.includes("\\u202e\\u0000\\u200b\\ud800é"));
  assert(svg.includes(DARK.background));
});

test("long names are cut to the width of their node", () => {
  const dag = dagOf([[]]);
  const svg = svgOf(dag, layoutOf(dag), {
    title: "",
    description: "",
    node: () => ({ label: "x".repeat(1_000_000) }),
  });
  assert.match(svg, /x…<\/text>/);
});
