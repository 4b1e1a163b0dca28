import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyPassport } from "../../mod.ts";
import { lineageOf200 } from "./lineage_of_200.ts";
import { localise } from "./localisation.ts";

/** One in this many; tests/localise_full_test.ts tries more, and all if asked. */
const EVERY = 211;

const lineage = await lineageOf200();

test("the passport that is tampered with is verified, and rich", async () => {
  const report = await verifyPassport(JSON.stringify(lineage.passport), lineage.options);
  assert.equal(report.outcome, "verified");
  assert.equal(report.entries, 200);
  const entries = Object.values(lineage.passport.history);
  const count = (is: (entry: typeof entries[number]) => boolean) => entries.filter(is).length;
  for (const kind of ["originate", "step", "declassify", "denied", "failed"]) {
    assert(count((entry) => entry.kind === kind) >= 8, kind);
  }
  assert(count((entry) => entry.parent_hashes.length > 1) > 50);
  assert(count((entry) => entry.decisions.length > 0) > 50);
  assert(count((entry) => entry.stream !== null) > 5);
  assert(count((entry) => entry.trust_rule === "custom") > 5);
  assert(count((entry) => entry.extensions !== undefined) > 1);
  assert.equal(new Set(entries.map((entry) => entry.public_key_id)).size, 2);
  assert.equal(report.findings.filter((finding) => finding.code === "WITHHELD").length, 3);
});

test("whatever is changed is found where it was changed, and nowhere else", async () => {
  const { kinds, missed, proven, tried } = await localise(lineage, EVERY);
  assert.deepEqual(missed, []);
  assert(tried > 200, `${tried} were tried`);
  assert(proven > 20, `${proven} times the member was named with its former value`);
  for (const depth of ["alone", "rehashed", "all-rehashed"]) {
    assert(kinds.get(`entries ${depth}`)! > 20, depth);
  }
});
