/**
 * What a file is that somebody dropped, picked or pasted.
 *
 * @module
 */

import { KestError, messageOf } from "../../lib/base/errors.ts";
import { fromUtf8 } from "../../lib/bytes/encoding.ts";
import { parseJsonStrictly } from "../../lib/bytes/json_text.ts";
import { isPrivateJwk, publicKeyFromJwk } from "../../lib/keys/public_key.ts";
import { type BlockName, isPage } from "../../lib/page/blocks.ts";
import { type PageData, type PagePolicy, readBlocks, readPage } from "../../lib/page/read.ts";
import {
  checkTrustPolicy,
  TRUST_VERSION,
  type TrustPolicy,
  trustPolicy,
} from "../../lib/verify/trust_policy.ts";

/** What was in a file. */
export type Source =
  | {
    readonly is: "passport";
    /** The passport's own file: a blob, which goes from worker to worker without being copied. */
    readonly file: Blob;
    readonly trust: TrustPolicy | undefined;
    readonly policies: readonly PagePolicy[];
    /** What is wrong with the trust policy that came along: it is left out. */
    readonly problem?: string;
  }
  | { readonly is: "trust"; readonly trust: TrustPolicy };

/** A part of a block of the page that runs, packed. */
export interface OwnPart {
  readonly name: BlockName;
  readonly text: string;
}

const TRUST_DEPTH = 32;
const MAX_TEXT = 1 << 20;

/** Members by which JSON of other kinds is known, so that nothing is guessed. */
function hasMember(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name);
}

/** Trusts one key with what no other right is needed for. */
function trustIn(jwk: unknown): TrustPolicy {
  if (isPrivateJwk(jwk)) {
    throw new KestError(
      "KEY_PRIVATE",
      "This is a private key: keep it secret, and give the public one",
    );
  }
  const key = publicKeyFromJwk(jwk);
  return trustPolicy([{ name: `key ${key.id.slice(0, 8)}`, key, mayOriginate: "any" }]);
}

/** A trust policy or a public key as JSON text; `undefined` if it is neither. */
function trustOf(text: string): TrustPolicy | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const limits = { what: "The trust policy", depth: TRUST_DEPTH, stringLength: MAX_TEXT };
  let value: unknown;
  try {
    value = parseJsonStrictly(text, limits);
  } catch {
    return undefined;
  }
  if (hasMember(value, "kty")) return trustIn(value);
  if (!hasMember(value, "version") || !hasMember(value, "keys")) return undefined;
  if ((value as { version: unknown }).version !== TRUST_VERSION) return undefined;
  checkTrustPolicy(value);
  return value as TrustPolicy;
}

/** Reads the trust policy in a text, and nothing else. */
export function readTrust(text: string): TrustPolicy {
  const trust = trustOf(text);
  if (trust) return trust;
  throw new KestError(
    "TRUST_POLICY",
    "This is neither a trust policy (kest-trust/1) nor a public key (JWK)",
  );
}

/** The trust policy of a page; a broken one does not keep anybody from its passport. */
function sentTrust(
  text: string | undefined,
): Pick<Source & { is: "passport" }, "problem" | "trust"> {
  if (text === undefined) return { trust: undefined };
  try {
    return { trust: readTrust(text) };
  } catch (error) {
    const why = messageOf(error);
    return { trust: undefined, problem: `The trust policy that came along is left out: ${why}` };
  }
}

function sourceOf({ passport, trust, policies }: PageData): Source {
  return { is: "passport", file: new Blob([passport]), policies, ...sentTrust(trust) };
}

/** What the blocks of the page that runs hold. @throws as `readBlocks` does. */
export async function identifyBlocks(blocks: ReadonlyMap<BlockName, string>): Promise<Source> {
  return sourceOf(await readBlocks(blocks));
}

/** The bytes of a file. */
export async function bytesOf(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer());
}

/**
 * What a file from outside is. What is neither a page, a trust policy nor a key
 * is taken for a passport: its reader says what is wrong with it.
 *
 * @throws {KestError} `PAGE`, `TRUST_POLICY`, `KEY_…` or `LIMIT` if it is one of
 * those, and broken.
 */
export async function identify(file: Blob): Promise<Source> {
  const bytes = await bytesOf(file);
  const isText = bytes.length <= MAX_TEXT || bytes[0] === 0x3c || bytes[0] === 0x0a;
  const text = isText ? textOf(bytes) : undefined;
  if (text !== undefined && isPage(text)) {
    return sourceOf(await readPage(text));
  }
  const trust = text === undefined ? undefined : trustOf(text);
  if (trust) return { is: "trust", trust };
  return { is: "passport", file, trust: undefined, policies: [] };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes);
  } catch {
    return undefined;
  }
}
