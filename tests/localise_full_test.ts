/**
 * Tampers with every value of every entry and every seal of a passport of 200
 * entries in turn. `KEST_LOCALISE=1` tries all, which takes a quarter of an hour.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import process from "node:process";
import { lineageOf200 } from "./portable/lineage_of_200.ts";
import { localise } from "./portable/localisation.ts";

/** One in this many where nobody asks for all; each run tries others. */
const EVERY = 40;

test("whatever is changed is found where it was changed, and nowhere else", async () => {
  const every = process.env["KEST_LOCALISE"] === "1" ? 1 : EVERY;
  const first = Math.floor(Math.random() * every);
  const { missed, tried } = await localise(await lineageOf200(), every, first);
  assert.deepEqual(missed, [], `of ${tried}, from ${first}`);
  assert(tried * every > 40_000, `${tried} were tried`);
});
