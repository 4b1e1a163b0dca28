/**
 * Making seals: what to attest, and refusing to attest what is not ours (SPEC
 * 5.4).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import type { ErrorCode } from "../base/errors.ts";
import { refuseUnknown } from "../base/options.ts";
import { toBase64url } from "../bytes/encoding.ts";
import type { Signer } from "../keys/signer.ts";
import { CoverageFinder } from "./coverage.ts";
import { byHash, type EntryNode, freezeDeep, type NodeMap, reach } from "./node.ts";
import { type Seal, SEAL_VERSION, sealBytes, type SealStatement } from "./seal.ts";

/** How a passport is sealed. */
export interface SealOptions {
  /** Whom it is handed to: 1 to 256 characters. */
  readonly audience?: string;
  /** A challenge that the reader gave: 1 to 256 characters. */
  readonly nonce?: string;
  /** When it expires: a date, or milliseconds since 1970. */
  readonly expiresAt?: Date | number;
  /** Seal what can be sealed, although some entries name no key that is here. */
  readonly allowPartial?: boolean;
}

/** A passport, or part of it, cannot be sealed. */
export class SealError extends KestError {
  /** The name of the class. */
  override readonly name = "SealError";
  /** The entries that cannot be covered. */
  readonly entryIds: readonly string[];

  /** Made by this module only. */
  constructor(code: ErrorCode, message: string, nodes: readonly EntryNode[]) {
    const shown = nodes.slice(0, 5).map((node) => `${node.body.node_id} (${node.body.entry_id})`);
    const more = nodes.length > 5 ? ` and ${nodes.length - 5} more` : "";
    super(code, `${message}: ${shown.join(", ")}${more}`);
    this.entryIds = Object.freeze(nodes.map((node) => node.body.entry_id));
  }
}

type Binding = Pick<SealStatement, "audience" | "expires_at_ms" | "nonce">;

function checkText(name: string, value: string | undefined): void {
  if (value === undefined) return;
  if (typeof value !== "string" || value.length < 1 || value.length > 256) {
    throw new TypeError(`Seal ${name} must be a string of 1 to 256 characters`);
  }
}

const OPTIONS = new Set(["allowPartial", "audience", "expiresAt", "nonce"]);

function bindingOf(options: SealOptions, now: number): Binding {
  refuseUnknown(options, OPTIONS, "seal");
  checkText("audience", options.audience);
  checkText("nonce", options.nonce);
  const expires = options.expiresAt === undefined ? undefined : Number(options.expiresAt);
  if (expires !== undefined && (!Number.isSafeInteger(expires) || expires <= now)) {
    throw new RangeError(
      `Seal expiresAt must be a date or integer milliseconds after now (${now}): got ${expires}`,
    );
  }
  return {
    ...(options.audience === undefined ? {} : { audience: options.audience }),
    ...(expires === undefined ? {} : { expires_at_ms: expires }),
    ...(options.nonce === undefined ? {} : { nonce: options.nonce }),
  };
}

/** Entries that no existing seal of their own key attests. */
function uncoveredNodes(nodes: NodeMap, seals: readonly Seal[]): Map<string, EntryNode> {
  const uncovered = new Map(nodes);
  const finder = new CoverageFinder(nodes);
  for (const seal of seals) {
    for (const node of finder.coverageOf(seal)!.attested) {
      if (node.body.public_key_id === seal.public_key_id) uncovered.delete(node.hash);
    }
  }
  return uncovered;
}

/** What one seal will attest. */
interface Scope {
  readonly heads: readonly EntryNode[];
  readonly base: readonly EntryNode[];
  readonly attested: NodeMap;
}

/**
 * From `heads` up through entries of one key; the base is what they rest on.
 * It names each entry that an own one rests on, also where another of them
 * descends from it: heads may be handed on one by one, with part of the base.
 */
function scopeBelow(heads: readonly EntryNode[], keyId: string): Scope {
  const own = new Map(heads.map((head) => [head.hash, head]));
  const base = new Map<string, EntryNode>();
  for (const node of own.values()) {
    for (const parent of node.parents) {
      const side = parent.body.public_key_id === keyId ? own : base;
      if (!side.has(parent.hash)) side.set(parent.hash, parent);
    }
  }
  for (const hash of reach(base.values()).keys()) own.delete(hash);
  return { heads, base: [...base.values()].sort(byHash), attested: own };
}

/** Those of some entries from which no other of them descends, however far. */
function lowest(nodes: NodeMap): EntryNode[] {
  const parents = [...nodes.values()].flatMap((node) => node.parents);
  const above = reach(parents);
  return [...nodes.values()].filter((node) => !above.has(node.hash)).sort(byHash);
}

/**
 * The scopes that cover all of `todo`. Where other keys' entries lie between
 * two stretches of ours, each stretch needs a seal of its own.
 */
function scopesFor(todo: Map<string, EntryNode>, keyId: string): Scope[] {
  const scopes: Scope[] = [];
  while (todo.size > 0) {
    const scope = scopeBelow(lowest(todo), keyId);
    scopes.push(scope);
    for (const hash of scope.attested.keys()) todo.delete(hash);
  }
  return scopes;
}

async function makeSeal(
  scope: Scope,
  signer: Signer,
  binding: Binding,
  now: number,
): Promise<Seal> {
  const statement: SealStatement = {
    algorithm: "Ed25519",
    ...binding,
    base: scope.base.map((node) => node.hash),
    heads: scope.heads.map((node) => ({
      entries: reach([node]).size,
      entry_hash: node.hash,
    })),
    public_key: signer.publicKey.jwk.x,
    public_key_id: signer.publicKey.id,
    // Never before an entry: the instance that made it may have a clock of its own.
    sealed_at_ms: scope.heads.reduce((time, node) => Math.max(time, node.body.timestamp_ms), now),
    version: SEAL_VERSION,
  };
  const message = sealBytes(statement);
  const signature = await signer.sign(message);
  if (
    !(signature instanceof Uint8Array) || !await signer.publicKey.verify(signature, message)
  ) {
    throw new KestError(
      "SIGNER",
      `Signer of key ${signer.publicKey.id} returned a signature that does not verify`,
    );
  }
  return freezeDeep({ ...statement, signature: toBase64url(signature) });
}

function refuseForeign(nodes: NodeMap): void {
  const parsed = [...nodes.values()].filter((node) => node.provenance === "parsed");
  if (parsed.length > 0) {
    throw new SealError(
      "SEAL_FOREIGN_ENTRY",
      "Entries were neither made nor verified by this process; use importKestData first",
      parsed,
    );
  }
}

function signersOf(nodes: NodeMap): Map<string, Signer> {
  const signers = new Map<string, Signer>();
  for (const node of nodes.values()) {
    if (node.signer !== null) signers.set(node.signer.publicKey.id, node.signer);
  }
  return signers;
}

/** Entries of one key that need a seal now; a bound seal covers the heads' stretch anew. */
function todoFor(
  keyId: string,
  heads: readonly EntryNode[],
  uncovered: NodeMap,
  rebind: boolean,
): Map<string, EntryNode> {
  const isOwn = (node: EntryNode) => node.body.public_key_id === keyId;
  const todo = new Map([...uncovered].filter(([, node]) => isOwn(node)));
  if (!rebind) return todo;
  for (const [hash, node] of scopeBelow(heads.filter(isOwn), keyId).attested) todo.set(hash, node);
  return todo;
}

/** New seals, and those of before that still count. */
export interface MadeSeals {
  /** What was made now. */
  readonly made: readonly Seal[];
  /** What is kept. */
  readonly kept: readonly Seal[];
}

/**
 * The seals that a passport still needs, made with every local key (SPEC 5.4).
 *
 * @throws {SealError} `SEAL_FOREIGN_ENTRY` if an entry was merely parsed;
 * `SEAL_NOTHING` if entries name no key that is here, or a bound seal was asked
 * for and a head is not ours.
 */
export async function makeSeals(
  heads: readonly EntryNode[],
  seals: readonly Seal[],
  options: SealOptions,
  now: number,
): Promise<MadeSeals> {
  const binding = bindingOf(options, now);
  const nodes = reach(heads);
  refuseForeign(nodes);
  const signers = signersOf(nodes);
  const uncovered = uncoveredNodes(nodes, seals);
  const orphans = [...uncovered.values()].filter((node) =>
    !signers.has(node.body.public_key_id ?? "")
  );
  if (orphans.length > 0 && !options.allowPartial) {
    throw new SealError(
      "SEAL_NOTHING",
      "Entries name no key of this process; configure a signer before they are made, or pass allowPartial",
      orphans,
    );
  }
  const rebind = Object.keys(binding).length > 0;
  const foreign = heads.filter((head) => !signers.has(head.body.public_key_id ?? ""));
  if (
    rebind && (foreign.length === heads.length || (foreign.length > 0 && !options.allowPartial))
  ) {
    throw new SealError("SEAL_NOTHING", "Heads were not made by a key of this process", foreign);
  }
  const made: Seal[] = [];
  for (const [keyId, signer] of signers) {
    for (const scope of scopesFor(todoFor(keyId, heads, uncovered, rebind), keyId)) {
      made.push(await makeSeal(scope, signer, binding, now));
    }
  }
  return { made: Object.freeze(made), kept: rebind ? notSuperseded(nodes, seals, made) : seals };
}

function isBound(seal: Seal): boolean {
  return seal.audience !== undefined || seal.nonce !== undefined ||
    seal.expires_at_ms !== undefined;
}

/**
 * The seals without those that new, bound ones make needless: left there, an
 * unbound seal of the same entries would let anybody take the binding off.
 */
function notSuperseded(
  nodes: NodeMap,
  seals: readonly Seal[],
  made: readonly Seal[],
): readonly Seal[] {
  const finder = new CoverageFinder(nodes);
  const attested = (seal: Seal) => finder.coverageOf(seal)!.attested.map((node) => node.hash);
  const anew = new Set(made.flatMap(attested));
  return seals.filter((seal) => isBound(seal) || !attested(seal).every((hash) => anew.has(hash)));
}

/** The seal of one entry and the signer's own entries above it, at once. */
export function sealNode(node: EntryNode, signer: Signer, now: number): Promise<Seal> {
  return makeSeal(scopeBelow([node], signer.publicKey.id), signer, {}, now);
}
