/**
 * A passport of 200 entries with everything that passports can hold: three
 * hand-overs between two keys, branches and merges, taints added and removed,
 * denied and failed entries, decisions, streams, custom trust, withheld heads.
 *
 * @module
 */

import { type TrustPolicy, trustPolicy, type VerifyOptions } from "../../mod.ts";
import {
  EMPTY,
  type ForgedDecision,
  forgeDecision,
  type ForgedEntry,
  type ForgedParent,
  type ForgedPassport,
  forgeEntry,
  type ForgeKey,
  forgeKey,
  forgePassport,
  forgeSeal,
  sha256,
} from "./forge.ts";

/** A sealed passport and how it is verified. */
export interface Lineage {
  readonly passport: ForgedPassport;
  readonly options: VerifyOptions;
  readonly keys: readonly [ForgeKey, ForgeKey];
}

const START = 1_700_000_000_000;
const SIZE = 200;
const NODES = ["clean", "join", "score", "summarise", "mail"];
const USERS = ["alice", "bob", "carol"];
const MODULE = "package kest.inline\n\nallow := true\n";

/** Who makes entries up to which number. */
const STAGES = [{ key: 0, end: 70 }, { key: 1, end: 140 }, { key: 0, end: 200 }] as const;

/** Numbers that look random and are the same in every run. */
function pseudoRandom(): (below: number) => number {
  let state = 12345;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

function idOf(number: number): string {
  return `${number.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`;
}

/** The entries so far, and what later ones need to know of them. */
class Growth {
  readonly entries: ForgedEntry[] = [];
  readonly references = new Map<ForgedEntry, readonly string[]>();
  readonly random = pseudoRandom();

  /** Some different entries that a step can take as arguments, the latest first. */
  pick(count: number, from = 0): ForgedEntry[] {
    const usable = this.entries.slice(from).filter((entry) => entry.content_kind !== "none");
    const picked = new Set<ForgedEntry>();
    const reachBack = Math.min(12, usable.length);
    for (let tries = 0; picked.size < count && tries < 20; tries++) {
      picked.add(usable[usable.length - 1 - this.random(reachBack)]!);
    }
    return [...picked];
  }

  /** The policies that hold at an entry with these parents. */
  inForce(parents: readonly ForgedParent[]): readonly string[] {
    const flows = parents.filter(([, ...roles]) =>
      roles.includes("argument") || roles.includes("ambient")
    );
    return [...new Set(flows.flatMap(([parent]) => this.references.get(parent) ?? []))];
  }

  add(
    key: ForgeKey,
    parents: readonly ForgedParent[],
    changes: Partial<ForgedEntry>,
  ): ForgedEntry {
    const number = this.entries.length;
    const entry = forgeEntry(key, parents, {
      content_hash: sha256(`content ${number}`),
      entry_id: idOf(number),
      environment: { HOST: `host-${number % 3}`, REGION: "eu" },
      labels: { batch: String(number), team: "data" },
      timestamp_ms: START + number * 1000,
      ...changes,
    });
    this.entries.push(entry);
    const own = entry.origin?.policies;
    const all = new Set(parents.flatMap(([parent]) => this.references.get(parent) ?? []));
    for (const reference of own?.curated_refs ?? []) all.add(reference);
    if (own?.inline_rules) all.add("inline_rules");
    this.references.set(entry, [...all].sort());
    return entry;
  }
}

function originateSome(growth: Growth, key: ForgeKey, number: number): void {
  growth.add(key, [], {
    added_taint: number % 2 === 0 ? ["pii", `source_${number % 4}`] : ["web"],
    node_id: "originate",
    node_trust_score: 0.9,
    origin: {
      policies: {
        curated_refs: number === 117 ? ["gdpr"] : [],
        inline_rules: number === 157 ? MODULE : null,
      },
      session_id: `session-${number}`,
      user_id: USERS[number % USERS.length]!,
    },
  });
}

/** Decisions by every policy that holds, and by one that the step enforces. */
function decisionsOf(
  growth: Growth,
  parents: readonly ForgedParent[],
  number: number,
): ForgedDecision[] {
  const decisions = growth.inForce(parents).map((reference) =>
    forgeDecision({
      ...{ reference, source: "origin" },
    })
  );
  if (number % 4 === 0) {
    decisions.push(forgeDecision({ decision_id: `d-${number}`, input_digest: sha256("input") }));
  }
  return decisions;
}

/** A call around all that was left over so far: a stage ends, its heads are handed over. */
function addOuter(growth: Growth, key: ForgeKey, number: number): void {
  const parents: ForgedParent[] = headsOf(growth.entries).map((entry) =>
    entry.content_kind === "none" ? [entry, "ambient", "inner"] : [entry, "argument"]
  );
  growth.add(key, parents, { decisions: decisionsOf(growth, parents, number), node_id: "outer" });
}

/** One step of many kinds, by its number. */
function addStep(growth: Growth, key: ForgeKey, number: number): void {
  const args = growth.pick(1 + number % 3 % 2 + (number % 17 === 0 ? 2 : 0));
  const parents: ForgedParent[] = args.map((entry) => [entry, "argument"]);
  const [other] = growth.pick(1).filter((entry) => !args.includes(entry));
  const role = (["ambient", "inner", "read", "result"] as const)[number % 4]!;
  if (other && number % 5 === 0) {
    parents.push(role === "read" ? [other, "inner", "read"] : [other, role]);
  }
  const inputs = [...parents].filter(([, ...roles]) => roles.includes("argument"))
    .sort(([a], [b]) => a.entry_hash < b.entry_hash ? -1 : 1)
    .map(([entry], arg) => ({ arg, entry_hash: entry.entry_hash, path: arg === 1 ? "/a/0" : "" }));
  const common: Partial<ForgedEntry> = {
    decisions: decisionsOf(growth, parents, number),
    inputs: [
      ...inputs,
      ...number % 3 === 0 ? [{ arg: 7, kind: "opaque", type: "function" } as const] : [],
      ...number % 4 === 1
        ? [{ alg: "sha256", arg: 8, hash: sha256(`raw ${number}`), kind: "json" } as const]
        : [],
    ],
    node_id: NODES[number % NODES.length]!,
    raw_arguments: number % 4 === 1 ? 1 : 0,
  };
  growth.add(key, parents, { ...common, ...variantOf(growth, parents, number) });
}

function variantOf(
  growth: Growth,
  parents: readonly ForgedParent[],
  number: number,
): Partial<ForgedEntry> {
  const least = Math.min(...parents.map(([parent]) => parent.trust_score));
  const produced = { content_kind: "none", content_hash: EMPTY } as const;
  if (number % 23 === 0) return { ...produced, kind: "failed" };
  if (number % 19 === 0) {
    const denial = forgeDecision({ cause: "undefined", result: "deny", rule: "data.gate.allow" });
    const decisions = [...decisionsOf(growth, parents, number), denial];
    return { ...produced, decisions, kind: "denied" };
  }
  if (number % 13 === 0) return { stream: "complete", content_kind: "items" };
  if (number % 29 === 0) return { stream: "cancelled", content_kind: "bytes" };
  if (number % 11 === 0) return { node_trust_score: 0.8 };
  if (number % 7 === 0) return { trust_rule: "custom", trust_score: least };
  if (number % 31 === 0) return { extensions: { "x-note": { seen: [number, true, null] } } };
  return number % 6 === 0 ? { added_taint: [`made_${number % 5}`] } : {};
}

/** Removes a taint of the latest entry that has one. */
function declassifySome(growth: Growth, key: ForgeKey): void {
  const parent = growth.pick(12).find((entry) => entry.accumulated_taint.length > 0)!;
  growth.add(key, [[parent, "argument"]], {
    content_hash: parent.content_hash,
    content_kind: parent.content_kind,
    kind: "declassify",
    node_id: "declassify",
    reason: "reviewed by two people",
    removed_taint: [parent.accumulated_taint[0]!],
  });
}

/** The first entry of a stage goes on from all heads of the one before. */
function isOuter(number: number): boolean {
  return number % 25 === 24 && number < 190 || STAGES.some(({ end }) => end === number);
}

function grow(keys: readonly [ForgeKey, ForgeKey]): ForgedEntry[] {
  const growth = new Growth();
  for (let number = 0; number < SIZE; number++) {
    const key = keys[STAGES.find((stage) => number < stage.end)!.key];
    if (isOuter(number)) addOuter(growth, key, number);
    else if (number < 4 || number % 40 === 37) originateSome(growth, key, number);
    else if (number % 16 === 15) declassifySome(growth, key);
    else addStep(growth, key, number);
  }
  return growth.entries;
}

function headsOf(entries: readonly ForgedEntry[]): ForgedEntry[] {
  const parents = new Set(entries.flatMap((entry) => entry.parent_entry_ids));
  return entries.filter((entry) => !parents.has(entry.entry_id));
}

/** One stage's seal: over its heads and one that is withheld, its base the other key's entries. */
function sealStage(
  passport: ForgedPassport,
  entries: readonly ForgedEntry[],
  stage: number,
  key: ForgeKey,
  changes: Record<string, unknown>,
): void {
  const start = stage === 0 ? 0 : STAGES[stage - 1]!.end;
  const own = entries.slice(start, STAGES[stage]!.end);
  const ids = new Set(own.map((entry) => entry.entry_id));
  const base = new Set(
    own.flatMap((entry) =>
      entry.parent_hashes.filter((_, index) => !ids.has(entry.parent_entry_ids[index]!))
    ),
  );
  const withheld = { entries: 3, entry_hash: sha256(`withheld ${stage}`) };
  const seal = forgeSeal(key, passport, headsOf(own), { base: [...base].sort(), ...changes });
  const heads = [...seal.heads, withheld].sort((a, b) => a.entry_hash < b.entry_hash ? -1 : 1);
  passport.seals.push(
    forgeSeal(key, passport, [], {
      ...{ base: seal.base, heads },
      sealed_at_ms: START + STAGES[stage]!.end * 1000,
      ...changes,
    }),
  );
}

/** Makes the passport. */
export async function lineageOf200(): Promise<Lineage> {
  const keys = await Promise.all([forgeKey(), forgeKey()]);
  const entries = grow(keys);
  const passport = forgePassport(...entries);
  const outer = { audience: "auditor", expires_at_ms: START * 2, nonce: "n-1" };
  sealStage(passport, entries, 0, keys[0], { audience: keys[1].id });
  sealStage(passport, entries, 1, keys[1], { audience: "ingest" });
  sealStage(passport, entries, 2, keys[0], outer);
  const trust = trustFor(keys);
  const options = { trust, at: START + 10 ** 9, audience: "auditor", nonce: "n-1" };
  return { passport, options, keys };
}

function trustFor([ingest, service]: readonly [ForgeKey, ForgeKey]): TrustPolicy {
  const rights = { mayOriginate: "any", mayDeclassify: ["*"] } as const;
  return trustPolicy([
    { name: "ingest", key: ingest.signer.publicKey, ...rights },
    { name: "service", key: service.signer.publicKey, ...rights, nodes: ["*"] },
  ], { require: [] });
}
