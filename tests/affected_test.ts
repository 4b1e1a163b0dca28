import assert from "node:assert/strict";
import { test } from "node:test";
import { type Marks, marksOf } from "../lib/verify/affected.ts";
import { trustPolicy, verifyPassport } from "../mod.ts";
import {
  type ForgedPassport,
  forgeEntry,
  forgeKey,
  forgePassport,
  forgeSeal,
  rehash,
  rehashAll,
} from "./portable/forge.ts";

const [ingest, service] = await Promise.all([forgeKey(), forgeKey()]);
const trust = trustPolicy([ingest, service].map(({ signer }, index) => ({
  name: `key-${index}`,
  key: signer.publicKey,
  mayOriginate: "any",
})));

// Two sources of one key; another key's steps:  a -> c -> d,  b -> e.
const a = forgeEntry(ingest, [], { node_id: "a" });
const b = forgeEntry(ingest, [], { node_id: "b" });
const c = forgeEntry(service, [[a, "argument"]], { node_id: "c" });
const d = forgeEntry(service, [[c, "argument"]], { node_id: "d" });
const e = forgeEntry(service, [[b, "argument"]], { node_id: "e" });

function sealed(): ForgedPassport {
  const passport = structuredClone(forgePassport(a, b, c, d, e));
  passport.seals = [
    forgeSeal(ingest, passport, [a, b]),
    forgeSeal(service, passport, [d, e], { base: [a.entry_hash, b.entry_hash].sort() }),
  ];
  return passport;
}

/** The marks with nodes in place of ids. */
async function marksIn(passport: ForgedPassport) {
  const report = await verifyPassport(JSON.stringify(passport), { trust });
  const marks: Marks = marksOf(report, passport);
  const node = (id: string) => passport.history[id]!.node_id;
  const nodes = (ids: Iterable<string>) => [...ids].map(node).sort().join("");
  const seals = (list: Marks["seals"]) => list.map((s) => `${s.index}:${nodes(s.entries)}`);
  return {
    changed: nodes(marks.changed),
    edges: marks.edges.map(({ child, parent }) => `${node(parent)}${node(child)}`),
    seals: seals(marks.seals),
    withheld: seals(marks.withheld),
    uncovered: nodes(marks.uncovered),
    affected: nodes(marks.affected),
  };
}

const NOTHING = { changed: "", edges: [], seals: [], withheld: [], uncovered: "", affected: "" };

test("a good passport has no marks", async () => {
  assert.deepEqual(await marksIn(sealed()), NOTHING);
});

test("a changed entry is marked, those below it are affected", async () => {
  const passport = sealed();
  passport.history[a.entry_id]!.labels = { x: "y" };
  assert.deepEqual(await marksIn(passport), { ...NOTHING, changed: "a", affected: "cd" });
  passport.history[d.entry_id]!.labels = { x: "y" };
  assert.deepEqual(await marksIn(passport), { ...NOTHING, changed: "ad", affected: "c" });
});

test("a rehashed entry shows at the edges to its children", async () => {
  const passport = sealed();
  rehash(Object.assign(passport.history[c.entry_id]!, { labels: { x: "y" } }));
  assert.deepEqual(await marksIn(passport), { ...NOTHING, edges: ["cd"], affected: "d" });
});

test("where all was rehashed, the seals that lost heads say what they leave open", async () => {
  const passport = sealed();
  passport.history[c.entry_id]!.labels = { x: "y" };
  rehashAll(passport);
  assert.deepEqual(await marksIn(passport), {
    ...NOTHING,
    withheld: ["1:cd"],
    uncovered: "cd",
  });
  passport.history[e.entry_id]!.labels = { x: "y" };
  rehashAll(passport);
  assert.deepEqual(await marksIn(passport), { ...NOTHING, seals: ["1:cde"], uncovered: "cde" });
});

test("a changed seal is marked with what it alone covered", async () => {
  const passport = sealed();
  passport.seals[0]!.sealed_at_ms++;
  assert.deepEqual(await marksIn(passport), { ...NOTHING, seals: ["0:ab"], uncovered: "ab" });
});

test("a chain of 100,000 needs no stack", () => {
  const history: Record<string, ReturnType<typeof forgeEntry>> = {};
  const size = 100_000;
  for (let number = 0; number < size; number++) {
    const parents = number === 0 ? [] : [String(number - 1)];
    history[number] = { ...a, entry_id: String(number), parent_entry_ids: parents };
  }
  const findings = [{
    ...{ code: "ENTRY_CHANGED", aspect: "integrity", severity: "fail", message: "" } as const,
    entryId: "0",
  }];
  assert.equal(marksOf({ findings }, { history }).affected.size, size - 1);
});
