/**
 * Benchmarks: ratios against a floor or a rival, all from one run.
 *
 *     deno task bench            a table
 *     deno task bench --json     one object, name to number
 */

import canonicalizeNpm from "canonicalize";
import { createHash, hash } from "node:crypto";
import {
  canonicalize,
  createKest,
  generateKey,
  type KestData,
  mergePassports,
  parsePassport,
  trustPolicy,
  verifyPassport,
} from "../mod.ts";
import { canonicalEntry } from "../lib/lineage/binding.ts";
import { regoRows } from "./bench_rego.ts";
import { compare, type Row, rowText } from "./bench_tools.ts";

const gc = (globalThis as { gc?: () => void }).gc;

const sha256 = (text: string) => hash("sha256", text, "hex");

/** A record whose JSON is 300 bytes long. */
function record(seed: number) {
  const base = {
    active: seed % 2 === 0,
    address: { city: "Springfield", street: `${seed % 1000} Main Street`, zip: "12345" },
    email: `user${seed}@example.org`,
    id: seed,
    name: "Alice Example",
    note: "",
    score: 0.875,
    tags: ["alpha", "beta", "gamma"],
    updated_ms: 1_795_382_102_741,
  };
  return { ...base, note: "x".repeat(Math.max(0, 300 - JSON.stringify(base).length)) };
}

const signer = await generateKey();
const kest = createKest({ signer });
const next = record(2);
const step = kest.verified({ nodeId: "step" }, (_: unknown) => next);
const trust = trustPolicy([{ name: "bench", key: signer.publicKey, mayOriginate: "any" }]);

async function chain(length: number, from?: KestData<unknown>): Promise<KestData<unknown>> {
  let value: KestData<unknown> = from ?? kest.originate(record(1));
  for (let i = 0; i < length; i++) value = await step(value);
  return value;
}

async function stepOverFloor(): Promise<Row> {
  const argument = kest.originate(record(1));
  const entry = (await step(argument)).passport.heads[0]!;
  const raw = argument.data;
  const [ours, floor] = await compare(async () => {
    for (let i = 0; i < 2000; i++) await step(argument);
  }, () => {
    for (let i = 0; i < 2000; i++) {
      sha256(JSON.stringify(raw));
      sha256(JSON.stringify(next));
      sha256(JSON.stringify(entry));
    }
  });
  return {
    name: "step_over_floor",
    value: ours / floor,
    target: "<= 2.5",
    detail: `${(ours / 2).toFixed(1)} µs a step, floor ${(floor / 2).toFixed(1)} µs`,
  };
}

async function chainGrowth(): Promise<Row> {
  let long = await chain(100_000);
  const short = await chain(100);
  const [ours, floor] = await compare(async () => {
    long = await chain(1000, long);
  }, () => chain(1000, short));
  return {
    name: "chain_growth",
    value: ours / floor,
    target: "<= 1.25",
    detail: `${ours.toFixed(1)} µs a step at 100,000, ${floor.toFixed(1)} µs at 100`,
  };
}

async function fanInGrowth(): Promise<Row> {
  const values = Array.from({ length: 1000 }, (_, i) => kest.originate(record(i)));
  const merge = kest.verified({ nodeId: "merge" }, (items: readonly unknown[]) => items.length);
  const few = Array.from({ length: 100 }, (_, i) => values.slice(i * 10, i * 10 + 10));
  const [ours, floor] = await compare(() => merge(values), async () => {
    for (const ten of few) await merge(ten);
  });
  return {
    name: "fanin_growth",
    value: ours / floor,
    target: "<= 1.5",
    detail: `${ours.toFixed(2)} µs a parent at 1,000, ${floor.toFixed(2)} µs at 10`,
  };
}

async function passportRows(): Promise<Row[]> {
  const value = await chain(9_999);
  const passport = await value.passport.seal();
  const json = passport.toJSON();
  const text = JSON.stringify(json);
  const entries = Object.values(json.history);
  const parsed = parsePassport(text);
  const [verify, verifyFloor] = await compare(async () => {
    const report = await verifyPassport(parsed, { trust });
    if (report.outcome !== "verified") throw new Error("The bench passport does not verify");
  }, () => {
    for (const entry of entries) {
      sha256(JSON.stringify(entry));
      sha256(JSON.stringify(next));
    }
  });
  const [parse, jsonParse] = await compare(() => parsePassport(text), () => JSON.parse(text));
  const [write, jsonWrite] = await compare(
    () => JSON.stringify(parsed),
    () => JSON.stringify(json),
  );
  const per = (ms: number) => `${(ms / 10).toFixed(1)} µs`;
  return [
    {
      name: "verify_over_floor",
      value: verify / verifyFloor,
      target: "<= 2",
      detail: `${per(verify)} an entry, floor ${per(verifyFloor)}`,
    },
    {
      name: "parse_over_json",
      value: parse / jsonParse,
      target: "<= 4",
      detail: `${parse.toFixed(0)} ms for ${(text.length / 1e6).toFixed(1)} MB, JSON.parse ${
        jsonParse.toFixed(0)
      } ms`,
    },
    {
      name: "export_over_json",
      value: write / jsonWrite,
      target: "<= 3",
      detail: `${write.toFixed(0)} ms, JSON.stringify ${jsonWrite.toFixed(0)} ms`,
    },
  ];
}

async function canonicalRows(): Promise<Row[]> {
  const small = record(1);
  const large = Array.from({ length: 3400 }, (_, i) => record(i));
  // Text that was joined from pieces is not text yet: reading one character
  // makes all sides finish, as hashing would.
  const use = (text: unknown) => (text as string).charCodeAt((text as string).length - 1);
  const many = (write: (value: unknown) => unknown) => () => {
    for (let i = 0; i < 3000; i++) use(write(small));
  };
  const rows: Row[] = [];
  const rivals: [string, string, (value: unknown) => unknown][] = [
    ["canonical_over_stringify", "<= 4", JSON.stringify],
    ["canonical_over_npm", "<= 0.5", canonicalizeNpm as unknown as (value: unknown) => unknown],
  ];
  for (const [name, target, rival] of rivals) {
    const [a, b] = await compare(many(canonicalize), many(rival));
    const [c, d] = await compare(
      () => use(canonicalize(large)),
      () => use(rival(large)),
    );
    rows.push({
      name,
      value: Math.max(a / b, c / d),
      target,
      detail: `${(a / b).toFixed(2)} on 300 bytes, ${(c / d).toFixed(2)} on 1 MB; the worse counts`,
    });
  }
  return rows;
}

async function heapPerStep(): Promise<Row> {
  if (!gc) throw new Error("Run with --v8-flags=--expose-gc: deno task bench does");
  const start = await chain(100);
  gc();
  const before = Deno.memoryUsage().heapUsed;
  const end = await chain(100_000, start);
  gc();
  const value = (Deno.memoryUsage().heapUsed - before) / 100_000;
  if (end.passport.heads.length !== 1) throw new Error("The chain was lost");
  const size = canonicalEntry(end.passport.heads[0]!).length;
  return {
    name: "heap_bytes_per_step",
    value,
    target: "< 1000",
    detail: `an entry's JSON is ${size} bytes`,
  };
}

/** Where WebCrypto starts to pay, in bytes: reported, not judged. */
async function crossover(): Promise<Row> {
  for (let size = 1024; size <= 16 << 20; size *= 2) {
    const bytes = new Uint8Array(size);
    const [web, node] = await compare(
      async () => {
        for (let i = 0; i < 8; i++) await crypto.subtle.digest("SHA-256", bytes);
      },
      () => {
        for (let i = 0; i < 8; i++) createHash("sha256").update(bytes).digest("hex");
      },
      7,
    );
    if (web < node) {
      return {
        name: "webcrypto_crossover_bytes",
        value: size,
        target: "",
        detail: "below, node:crypto is faster",
      };
    }
  }
  return {
    name: "webcrypto_crossover_bytes",
    value: 16 << 20,
    target: "",
    detail: "node:crypto is faster at every size up to this",
  };
}

/** Merging is linear in what is merged: reported, not judged. */
async function mergeCost(): Promise<Row> {
  const branches = await Promise.all(Array.from({ length: 100 }, () => chain(100)));
  const passports = branches.map((branch) => branch.passport);
  const [merge, one] = await compare(
    () => mergePassports(...passports),
    () => {
      for (const passport of passports) mergePassports(passport);
    },
  );
  return {
    name: "merge_over_single",
    value: merge / one,
    target: "",
    detail: `${merge.toFixed(1)} ms for 100 passports of 101 entries`,
  };
}

const asJson = Deno.args.includes("--json");
const rows: Row[] = [];
for (
  const measure of [
    heapPerStep,
    stepOverFloor,
    chainGrowth,
    fanInGrowth,
    passportRows,
    canonicalRows,
    regoRows,
    mergeCost,
    crossover,
  ]
) {
  if (!asJson) console.error(`measuring ${measure.name} …`);
  rows.push(...[await measure()].flat());
}
if (asJson) {
  console.log(JSON.stringify(Object.fromEntries(rows.map(({ name, value }) => [name, value]))));
} else {
  for (const row of rows) console.log(rowText(row));
}
