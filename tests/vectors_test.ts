import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { canonicalEntry, entryHash, ingressHash, inputStateHash } from "../lib/lineage/binding.ts";
import { toHex } from "../lib/bytes/encoding.ts";
import { sealBytes } from "../lib/lineage/seal.ts";
import { ParseError, parsePassport, verifyPassport } from "../mod.ts";

const DIRECTORY = new URL("./vectors/", import.meta.url);
const NAMES = readdirSync(DIRECTORY).filter((name) => name.endsWith(".json")).sort();

function read(name: string) {
  return JSON.parse(readFileSync(new URL(name, DIRECTORY), "utf8"));
}

async function conclude(vector: ReturnType<typeof read>) {
  const input = vector.text ?? JSON.stringify(vector.passport);
  const told: Record<string, unknown> = {};
  const options = {
    ...{ ...vector.options, ...(vector.trust && { trust: vector.trust }) },
    onVerdict: (aspect: string, verdict: unknown) => void (told[aspect] = verdict),
  };
  try {
    const { outcome, verdicts, findings } = await verifyPassport(input, options);
    // However early a verdict was told, it is the one in the report.
    assert.deepEqual(told, verdicts);
    const answers = Object.fromEntries(Object.entries(verdicts).map(([k, v]) => [k, v.status]));
    return { outcome, answers, codes: findings.map((finding) => finding.code) };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { outcome: "unreadable", codes: error.issues.map((issue) => issue.code) };
  }
}

test("the vectors are all here", () => {
  assert.ok(NAMES.length >= 100, `${NAMES.length} vectors`);
  const kinds = new Set(NAMES.map((name) => name.split("-")[0]));
  assert.deepEqual([...kinds].sort(), ["invalid", "unreadable", "unverified", "valid"]);
});

for (const name of NAMES) {
  test(`vector ${name.replace(".json", "")}`, async () => {
    const vector = read(name);
    const { codes, ...rest } = await conclude(vector);
    assert.deepEqual({ ...rest, codes: [...new Set<string>(codes)].sort() }, vector.expect);
  });
}

test("intermediate hashes of at least three vectors", () => {
  const withHashes = NAMES.map(read).filter((vector) => vector.intermediate);
  assert.ok(withHashes.length >= 3);
  for (const { passport, intermediate } of withHashes) {
    const { history, seals } = parsePassport(passport).toJSON();
    for (const expected of intermediate.entries) {
      const entry = history[expected.entry_id]!;
      assert.deepEqual(expected, {
        entry_id: entry.entry_id,
        input_state_hash: inputStateHash(entry.inputs),
        h_ingress: ingressHash(entry.parent_hashes),
        canonical_form: canonicalEntry(entry),
        entry_hash: entryHash(entry),
      });
    }
    assert.deepEqual(
      intermediate.seals,
      seals.map((seal) => ({
        signed_bytes_hex: toHex(sealBytes(seal)),
        signature: seal.signature,
      })),
    );
  }
});
