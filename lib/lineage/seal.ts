/**
 * Seals: Ed25519 signatures over a statement about heads (SPEC 5.2).
 *
 * @module
 */

import { canonicalize } from "../bytes/canonical.ts";
import { utf8 } from "../bytes/encoding.ts";

/** The seal version that this module writes and reads. */
export const SEAL_VERSION = "kest-seal/1";

/** An entry that a seal attests, with everything that its hash binds. */
export interface SealHead {
  /** Number of entries at or above it, itself included. */
  readonly entries: number;
  /** Its hash. */
  readonly entry_hash: string;
}

/** What a seal signs. */
export interface SealStatement {
  /** Always `Ed25519` in version 1. */
  readonly algorithm: "Ed25519";
  /** Whom the passport is handed to: a name or a key id. */
  readonly audience?: string;
  /** Hashes of entries at and above which this seal says nothing. Ascending. */
  readonly base: readonly string[];
  /** Names under `extensions` that a reader must understand. */
  readonly critical?: readonly string[];
  /** After this time, in milliseconds since 1970, it must not be accepted. */
  readonly expires_at_ms?: number;
  /** Members that other programs define. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** What is attested, ascending by hash; never empty. */
  readonly heads: readonly SealHead[];
  /** A challenge that the reader gave. */
  readonly nonce?: string;
  /** The sealing key, 32 bytes in base64url; it is never trusted by itself. */
  readonly public_key: string;
  /** RFC 7638 thumbprint of the sealing key. */
  readonly public_key_id: string;
  /** When it was sealed, in milliseconds since 1970, by the sealer's clock. */
  readonly sealed_at_ms: number;
  /** Always `kest-seal/1`. */
  readonly version: "kest-seal/1";
}

/** A seal in its JSON form. */
export interface Seal extends SealStatement {
  /** 64 bytes in base64url: 86 characters. */
  readonly signature: string;
}

/** What is signed: `"kest/v1/seal\0" ‖ RFC 8785 form of the statement` (SPEC 5.2). */
export function sealBytes(statement: SealStatement): Uint8Array<ArrayBuffer> {
  const { signature: _, ...unsigned } = statement as Seal;
  return utf8("kest/v1/seal\0" + canonicalize(unsigned));
}

/**
 * The union of seals, each once, in an order that does not depend on merging. A
 * forged copy, with a signature that another seal has, does not displace it.
 */
export function unionSeals(lists: readonly (readonly Seal[])[]): readonly Seal[] {
  const distinct = [...new Set(lists)].filter((list) => list.length > 0);
  if (distinct.length <= 1) return distinct[0] ?? NO_SEALS;
  const union = new Map<string, Seal>();
  for (const list of distinct) {
    for (const seal of list) {
      const known = union.get(seal.signature);
      if (known === undefined) union.set(seal.signature, seal);
      else if (known !== seal && canonicalize(known) !== canonicalize(seal)) {
        union.set(canonicalize(seal), seal);
      }
    }
  }
  return Object.freeze([...union.values()].sort(bySealing));
}

function bySealing(a: Seal, b: Seal): number {
  if (a.sealed_at_ms !== b.sealed_at_ms) return a.sealed_at_ms - b.sealed_at_ms;
  if (a.signature !== b.signature) return a.signature < b.signature ? -1 : 1;
  return canonicalize(a) < canonicalize(b) ? -1 : 1;
}

/** No seals. */
export const NO_SEALS: readonly Seal[] = Object.freeze([]);
