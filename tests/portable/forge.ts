/**
 * A forger: makes any passport one likes, hashed and sealed by the rules of
 * SPEC 3 to 5, which it implements on its own. It shares no code with what it
 * attacks but the canonical form and the types.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, createPrivateKey, type KeyObject, sign } from "node:crypto";
import {
  canonicalize,
  type Decision,
  type Entry,
  generateKey,
  type LocalSigner,
  type Passport,
  type PassportJson,
  type Role,
  type Seal,
} from "../../mod.ts";

/** JSON that may be changed. */
export type Mutable<T> = T extends readonly (infer U)[] ? Mutable<U>[]
  : T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> }
  : T;

/** An entry that may be changed. */
export type ForgedEntry = Mutable<Entry>;
/** A seal that may be changed. */
export type ForgedSeal = Mutable<Seal>;
/** A passport that may be changed. */
export type ForgedPassport = Mutable<PassportJson>;

/** A key of somebody, with which the forger signs whatever it likes. */
export interface ForgeKey {
  /** The RFC 7638 thumbprint. */
  readonly id: string;
  /** The public half in base64url. */
  readonly x: string;
  /** The same key as the module knows it. */
  readonly signer: LocalSigner;
  readonly secret: KeyObject;
}

/** A new key. */
export async function forgeKey(): Promise<ForgeKey> {
  const signer = await generateKey();
  const { d, x } = signer.exportPrivateJwk();
  const secret = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", x, d }, format: "jwk" });
  const id = createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`)
    .digest("base64url");
  return { id, x, signer, secret };
}

/** SHA-256 in hex over some parts. */
export function sha256(...parts: (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** SHA-256 of nothing. */
export const EMPTY: string = sha256("");

/** A changeable copy of a passport's JSON. */
export function copyOf(passport: Passport | PassportJson | ForgedPassport): ForgedPassport {
  return JSON.parse(JSON.stringify(passport));
}

/** The hash that an entry ought to have. */
export function hashOf(entry: ForgedEntry): string {
  const { entry_hash: _, ...body } = entry;
  const parents = [...new Set(entry.parent_hashes)].sort().map((hex) => Buffer.from(hex, "hex"));
  const ingress = createHash("sha256").update("kest/v1/ingress\0");
  for (const parent of parents) ingress.update(parent);
  return sha256("kest/v1/entry\0", ingress.digest(), canonicalize(body));
}

/** The hash that an entry's inputs ought to have. */
export function inputHashOf(entry: Pick<ForgedEntry, "inputs">): string {
  return sha256("kest/v1/input\0", canonicalize(entry.inputs));
}

/** Sorts the three lists of parents by hash. */
export function sortParents(entry: ForgedEntry): void {
  const rows = entry.parent_hashes.map((hash, i) => ({
    hash,
    id: entry.parent_entry_ids[i]!,
    roles: entry.parent_roles[i]!,
  })).sort((a, b) => a.hash < b.hash ? -1 : 1);
  entry.parent_hashes = rows.map((row) => row.hash);
  entry.parent_entry_ids = rows.map((row) => row.id);
  entry.parent_roles = rows.map((row) => row.roles);
}

/** Entries with parents before children; within a generation by hash. */
export function sorted(entries: readonly ForgedEntry[]): ForgedEntry[] {
  const depth = new Map<string, number>();
  const byId = new Map(entries.map((entry) => [entry.entry_id, entry]));
  const depthOf = (entry: ForgedEntry): number => {
    const known = depth.get(entry.entry_id);
    if (known !== undefined) return known;
    const parents = entry.parent_entry_ids.flatMap((id) => byId.get(id) ?? []);
    const own = 1 + Math.max(-1, ...parents.map(depthOf));
    depth.set(entry.entry_id, own);
    return own;
  };
  return [...entries].sort((a, b) =>
    depthOf(a) - depthOf(b) || (a.entry_hash < b.entry_hash ? -1 : 1)
  );
}

/** Gives one entry the hash it ought to have. */
export function rehash(entry: ForgedEntry): ForgedEntry {
  entry.input_state_hash = inputHashOf(entry);
  entry.entry_hash = hashOf(entry);
  return entry;
}

/** Gives every entry the hash it ought to have and every edge the hash of its parent. */
export function rehashAll(passport: ForgedPassport): ForgedPassport {
  const before = new Map(
    Object.values(passport.history).map((entry) => [entry.entry_id, entry.entry_hash]),
  );
  for (const entry of sorted(Object.values(passport.history))) {
    const renamed = new Map<string, string>();
    entry.parent_hashes = entry.parent_entry_ids.map((id, i) => {
      const now = passport.history[id]?.entry_hash ?? entry.parent_hashes[i]!;
      renamed.set(before.get(id) ?? now, now);
      return now;
    });
    for (const input of entry.inputs) {
      if ("entry_hash" in input) {
        input.entry_hash = renamed.get(input.entry_hash) ?? input.entry_hash;
      }
    }
    sortParents(entry);
    rehash(entry);
  }
  return withOrigin(passport);
}

/** Writes the top-level origin: that of the first entry without parents. */
export function withOrigin(passport: ForgedPassport): ForgedPassport {
  const [first] = sorted(Object.values(passport.history));
  if (first?.origin) passport.origin = structuredClone(first.origin);
  return passport;
}

/** A decision that may be changed. */
export type ForgedDecision = Mutable<Decision>;

/** A decision that allowed. */
export function forgeDecision(changes: Partial<ForgedDecision> = {}): ForgedDecision {
  return {
    cause: null,
    decision_id: null,
    engine: "opa-wasm",
    input_digest: EMPTY,
    input_version: "kest-input/1",
    policy_digest: "wasm:1",
    profile: "basic",
    reference: null,
    result: "allow",
    rule: ruleOf(changes.reference ?? null),
    seed: "0".repeat(32),
    source: "enforced",
    time_ms: ANY_TIME,
    trust_score: ANY_TRUST,
    ...changes,
  };
}

// What a decision says until an entry is forged around it.
const ANY_TIME = 1;
const ANY_TRUST = 1;

/** The rule that a reference stands for, where it says so itself. */
function ruleOf(reference: string | null): string {
  const isFixed = reference === "inline_rules" || reference?.startsWith("data.");
  return isFixed ? reference! : "data.mail.allow";
}

/** Decisions that saw the time and the trust of the entry that they are in. */
function fitted(entry: ForgedEntry, rows: readonly ForgedParent[]): ForgedDecision[] {
  const ingress = rows.filter(([, ...roles]) =>
    roles.includes("argument") || roles.includes("ambient")
  );
  const scores = ingress.map(([parent]) => parent.trust_score);
  const trust = Math.min(entry.node_trust_score, ...scores);
  return entry.decisions.map((decision) => ({
    ...decision,
    time_ms: decision.time_ms === ANY_TIME ? entry.timestamp_ms : decision.time_ms,
    trust_score: decision.trust_score === ANY_TRUST ? trust : decision.trust_score,
  }));
}

/** A parent of a forged entry with its roles. */
export type ForgedParent = readonly [ForgedEntry, ...Role[]];

/** An entry in which everything follows from its parents, until `changes` says otherwise. */
export function forgeEntry(
  key: ForgeKey | null,
  parents: readonly ForgedParent[] = [],
  changes: Partial<ForgedEntry> = {},
): ForgedEntry {
  const rows = [...parents].sort(([a], [b]) => a.entry_hash < b.entry_hash ? -1 : 1);
  const all = parents.map(([parent]) => parent);
  const added = changes.added_taint ?? [];
  const removed = changes.removed_taint ?? [];
  const taints = new Set([...all.flatMap((parent) => parent.accumulated_taint), ...added]);
  const tracked = rows.filter(([, ...roles]) => roles.includes("argument"));
  const ingress = rows.some(([, ...roles]) =>
    roles.includes("argument") || roles.includes("ambient")
  );
  const isGenesis = rows.length === 0 || !ingress;
  const score = changes.node_trust_score ?? 1;
  const entry: ForgedEntry = {
    accumulated_taint: [...taints].filter((taint) => !removed.includes(taint)).sort(),
    added_taint: added,
    async_context: true,
    content_hash: sha256("{}"),
    content_hash_algorithm: "sha256",
    content_kind: "json",
    decisions: [],
    entry_id: crypto.randomUUID(),
    environment: {},
    input_state_hash: "",
    inputs: tracked.length > 0
      ? tracked.map(([parent], arg) => ({ arg, entry_hash: parent.entry_hash, path: "" }))
      : [{ alg: "sha256", arg: 0, hash: sha256("{}"), kind: "json" }],
    kind: rows.length === 0 ? "originate" : "step",
    labels: {},
    node_id: rows.length === 0 ? "originate" : "step",
    node_trust_score: score,
    origin: isGenesis
      ? {
        policies: { curated_refs: [], inline_rules: null },
        session_id: "local",
        user_id: "system-implicit",
      }
      : null,
    parent_entry_ids: rows.map(([parent]) => parent.entry_id),
    parent_hashes: rows.map(([parent]) => parent.entry_hash),
    parent_roles: rows.map(([, ...roles]) => [...roles].sort()),
    public_key_id: key?.id ?? null,
    raw_arguments: tracked.length > 0 ? 0 : 1,
    reason: null,
    removed_taint: removed,
    stream: null,
    timestamp_ms: Math.max(Date.now(), ...all.map((parent) => parent.timestamp_ms)),
    trust_rule: "min",
    trust_score: Math.min(score, ...all.map((parent) => parent.trust_score)),
    ...changes,
    entry_hash: "",
  };
  entry.decisions = fitted(entry, rows);
  entry.input_state_hash = changes.input_state_hash ?? inputHashOf(entry);
  entry.entry_hash = changes.entry_hash ?? hashOf(entry);
  return entry;
}

/** What a forged seal says, where it is not what a careful sealer would say. */
export type SealChanges = Partial<ForgedSeal> & { readonly [name: string]: unknown };

/** How many entries lie at or above one, itself included. */
export function countUnder(passport: ForgedPassport, head: ForgedEntry): number {
  const seen = new Set([head.entry_id]);
  for (const id of seen) {
    for (const parent of passport.history[id]?.parent_entry_ids ?? []) seen.add(parent);
  }
  return seen.size;
}

/** Signs a seal's statement as it stands. */
export function resign(key: ForgeKey, seal: ForgedSeal): ForgedSeal {
  const { signature: _, ...statement } = seal;
  const message = Buffer.from("kest/v1/seal\0" + canonicalize(statement));
  return { ...seal, signature: sign(null, message, key.secret).toString("base64url") };
}

/** A seal of some entries by a key. */
export function forgeSeal(
  key: ForgeKey,
  passport: ForgedPassport,
  heads: readonly ForgedEntry[],
  changes: SealChanges = {},
): ForgedSeal {
  return resign(key, {
    algorithm: "Ed25519",
    base: [],
    heads: heads
      .map((head) => ({ entries: countUnder(passport, head), entry_hash: head.entry_hash }))
      .sort((a, b) => a.entry_hash < b.entry_hash ? -1 : 1),
    public_key: key.x,
    public_key_id: key.id,
    sealed_at_ms: Date.now(),
    signature: "",
    version: "kest-seal/1",
    ...changes,
  });
}

/** A passport of some entries, without seals. */
export function forgePassport(...entries: ForgedEntry[]): ForgedPassport {
  return withOrigin({
    version: "kest/v1",
    origin: {
      policies: { curated_refs: [], inline_rules: null },
      session_id: "local",
      user_id: "system-implicit",
    },
    history: Object.fromEntries(entries.map((entry) => [entry.entry_id, entry])),
    seals: [],
  });
}

/** A passport of some entries of one key, sealed over those that are no parents. */
export function forgeSealed(
  key: ForgeKey,
  entries: readonly ForgedEntry[],
  changes: SealChanges = {},
): ForgedPassport {
  const passport = forgePassport(...entries);
  const parents = new Set(entries.flatMap((entry) => entry.parent_entry_ids));
  const heads = entries.filter((entry) => !parents.has(entry.entry_id));
  passport.seals.push(forgeSeal(key, passport, heads, changes));
  return passport;
}
