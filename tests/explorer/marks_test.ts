/** Marks of entries. */

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { Dag } from "../../explorer/graph/dag.ts";
import { MARK, MARK_WORDS, type Marked, marksOf, spread } from "../../explorer/work/marks.ts";
import type { Finding, VerificationReport } from "../../lib/verify/report.ts";
import { dags, edgesOf } from "./graphs.ts";

const entries: Marked[] = ["a", "b", "c", "d"].map((id) => ({ id, keyId: `key-${id}` }));

function finding(more: Partial<Finding>): Finding {
  return { code: "OPEN", aspect: "completeness", severity: "unknown", message: "", ...more };
}

function marksFor(findings: Finding[], unknown: string[] = []): number[] {
  const signers = entries.map(({ keyId }) => ({
    publicKeyId: keyId!,
    name: unknown.includes(keyId!) ? null : "known",
  }));
  return [...marksOf(entries, { findings, signers } as unknown as VerificationReport)];
}

test("the gravest of what was found about an entry is its mark", () => {
  const changed = finding({ code: "ENTRY_CHANGED", severity: "fail", entryId: "b" });
  const wrong = finding({ code: "TAINT_MISMATCH", severity: "fail", entryId: "c" });
  const open = ["b", "c", "d"].map((entryId) => finding({ entryId }));
  const expected = [MARK.unknown, MARK.changed, MARK.wrong, MARK.open];
  assert.deepEqual(marksFor([...open, wrong, changed], ["key-a", "key-b"]), expected);
  assert.deepEqual(marksFor([changed, wrong, ...open], ["key-a", "key-b"]), expected);
});

test("an edge to another version of a parent does not blame the child", () => {
  const edge = finding({ code: "EDGE_CHANGED", severity: "fail", entryId: "b", parentId: "a" });
  assert.deepEqual(marksFor([edge]), [0, MARK.affected, 0, 0]);
});

test("notes and findings about entries that are not there mark nothing", () => {
  const note = finding({ code: "DENIED", severity: "note", entryId: "a" });
  assert.deepEqual(marksFor([note, finding({ entryId: "elsewhere" })]), [0, 0, 0, 0]);
});

test("every mark has a sign and a word of its own", () => {
  const words = Object.values(MARK).map((mark) => MARK_WORDS[mark]!.join(" "));
  assert.equal(new Set(words).size, words.length);
});

/** What {@linkcode spread} should do, over and over until nothing changes. */
function spreadSlowly(dag: Dag, before: Uint8Array): Uint8Array {
  const marks = before.slice();
  const taints = (mark: number) => mark === MARK.changed || mark === MARK.affected;
  for (let isDone = false; !isDone;) {
    isDone = true;
    for (const [parent, child] of edgesOf(dag)) {
      const mark = marks[child]!;
      if (!taints(marks[parent]!) || taints(mark) || mark === MARK.wrong) continue;
      marks[child] = MARK.affected;
      isDone = false;
    }
  }
  return marks;
}

test("what descends from a changed entry is affected, and nothing else", () => {
  fc.assert(fc.property(dags, fc.array(fc.nat(5), { minLength: 40 }), (dag, picks) => {
    const before = Uint8Array.from({ length: dag.size }, (_, node) => picks[node % picks.length]!);
    const after = before.slice();
    spread(dag, after);
    assert.deepEqual(after, spreadSlowly(dag, before));
  }));
});
