/** Comparing the open passport with a second one. */

import assert from "node:assert/strict";
import test from "node:test";
import { compare } from "../../explorer/work/compare.ts";
import type { AnyPassport } from "../../lib/verify/any_passport.ts";
import { createKest, generateKey, parsePassport, type Passport } from "../../mod.ts";

const kest = createKest({ signer: await generateKey() });
const clean = kest.verified({ nodeId: "clean" }, (n: number) => n);
const enrich = kest.verified({ nodeId: "enrich", addedTaint: ["web"] }, (n: number) => n);
const source = kest.originate(1, { taint: ["pii"] });
const cleaned = await clean(source);
const enriched = await enrich(cleaned);

const asOpen = (passport: Passport): AnyPassport => ({ kind: "kest", passport });

test("a passport that went on has more entries, taints and nothing less", () => {
  const { added, removed, changed, common, names } = compare(
    asOpen(cleaned.passport),
    asOpen(enriched.passport),
  );
  assert.deepEqual(added.first.map(({ nodeId, node }) => [nodeId, node]), [["enrich", -1]]);
  assert.deepEqual([removed.count, changed.count, common], [0, 0, 2]);
  assert.deepEqual(names.taints.added.first, ["web"]);
  assert.equal(names.keys.common, 1);
});

test("the other way round they are gone, and can be shown in the open one", () => {
  const { removed } = compare(asOpen(enriched.passport), asOpen(cleaned.passport));
  assert.deepEqual(removed.first.map(({ nodeId, node }) => [nodeId, node]), [["enrich", 2]]);
});

test("an entry that was changed under the hash that it had is not the same", () => {
  const broken = JSON.parse(JSON.stringify(cleaned.passport));
  Object.values<{ labels: object }>(broken.history)[1]!.labels = { forged: "yes" };
  const { changed, common } = compare(asOpen(cleaned.passport), asOpen(parsePassport(broken)));
  assert.deepEqual(changed.first.map(({ node, fields }) => [node, fields]), [[1, ["labels"]]]);
  assert.equal(common, 1);
});

test("the order of members makes no difference", () => {
  const turned = JSON.parse(JSON.stringify(cleaned.passport));
  for (const [id, entry] of Object.entries<object>(turned.history)) {
    turned.history[id] = Object.fromEntries(Object.entries(entry).reverse());
  }
  const { changed, common } = compare(asOpen(cleaned.passport), asOpen(parsePassport(turned)));
  assert.deepEqual([changed.count, common], [0, 2]);
});
