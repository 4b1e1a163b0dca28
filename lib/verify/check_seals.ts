/**
 * Steps 5 and 6 of verification: seals, what they attest, and whether every
 * entry has the seal of the key it names (SPEC 6.2).
 *
 * @module
 */

import { KestError } from "../base/errors.ts";
import { fromBase64url } from "../bytes/encoding.ts";
import { type PublicKey, publicKeyFromBytes } from "../keys/public_key.ts";
import { CoverageFinder } from "../lineage/coverage.ts";
import type { EntryNode } from "../lineage/node.ts";
import { type Seal, sealBytes } from "../lineage/seal.ts";
import { named, placeOf, type ValidSeal, type VerifyContext } from "./context.ts";

/** How many signatures are checked at a time: enough to hide WebCrypto's latency. */
const BATCH = 64;

/**
 * The key that a seal carries. It proves only that the seal agrees with itself;
 * step 7 asks whether anybody trusts it.
 */
function sealKey(seal: Seal): PublicKey {
  const key = publicKeyFromBytes(fromBase64url(seal.public_key)!);
  if (key.id !== seal.public_key_id) {
    throw new KestError("KEY_FORMAT", `public_key_id is not the key's thumbprint, ${key.id}`);
  }
  return key;
}

async function checkSignature(
  context: VerifyContext,
  seal: Seal,
  index: number,
): Promise<boolean> {
  let key: PublicKey;
  try {
    key = sealKey(seal);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.findings.fail("integrity", "SEAL_KEY", `Seal ${index}: ${why}`, {
      seal: index,
      field: "public_key",
    });
    return false;
  }
  const valid = await key.verify(fromBase64url(seal.signature)!, sealBytes(seal));
  if (!valid) {
    context.findings.fail(
      "integrity",
      "SEAL_SIGNATURE",
      `Seal ${index} was changed: its signature does not match`,
      { seal: index, field: "signature" },
    );
  }
  return valid;
}

/** Step 5: key, signature, heads, counts and scope of every seal; returns the valid ones. */
export async function checkSeals(
  context: VerifyContext,
  work: number,
): Promise<readonly ValidSeal[]> {
  const signed: boolean[] = [];
  for (let start = 0; start < context.seals.length; start += BATCH) {
    const batch = context.seals.slice(start, start + BATCH);
    signed.push(
      ...await Promise.all(
        batch.map((seal, offset) => checkSignature(context, seal, start + offset)),
      ),
    );
  }
  const finder = new CoverageFinder(context.nodes, work);
  const valid: ValidSeal[] = [];
  for (const [index, seal] of context.seals.entries()) {
    const coverage = finder.coverageOf(seal);
    if (coverage === undefined) {
      context.findings.fail(
        "integrity",
        "LIMIT",
        `Seals cover more than ${work} entries and edges in all; raise the limit sealWork to judge them`,
      );
      break;
    }
    const candidate = { index, seal, coverage };
    const sound = checkHeads(context, candidate) && checkScope(context, candidate);
    checkSealTime(context, candidate);
    if (sound && signed[index]) valid.push(candidate);
  }
  return valid;
}

function checkHeads(context: VerifyContext, { index, seal, coverage }: ValidSeal): boolean {
  if (coverage.attested.length === 0) {
    context.findings.fail(
      "integrity",
      "SEAL_HEADS",
      `Seal ${index} attests none of these entries: some entry under it was changed, or it belongs to another passport`,
      { seal: index, field: "heads", stored: seal.heads.map((head) => head.entry_hash) },
    );
    return false;
  }
  for (const { node, entries } of coverage.miscounted) {
    context.findings.fail(
      "integrity",
      "SEAL_COUNT",
      `Seal ${index} counts another number of entries under ${
        named(node)
      } than the ${entries} that are here`,
      placeOf(node, { seal: index, field: "heads", computed: entries }),
    );
  }
  return coverage.miscounted.length === 0;
}

function checkScope(context: VerifyContext, { index, seal, coverage }: ValidSeal): boolean {
  for (const node of coverage.attested) {
    if (node.body.public_key_id === seal.public_key_id) continue;
    context.findings.fail(
      "integrity",
      "SEAL_SCOPE",
      `Seal ${index} claims ${named(node)}, which names another key`,
      placeOf(node, {
        seal: index,
        field: "public_key_id",
        stored: node.body.public_key_id,
        computed: seal.public_key_id,
      }),
    );
    return false;
  }
  return true;
}

function checkSealTime(context: VerifyContext, { index, seal, coverage }: ValidSeal): void {
  const time = seal.sealed_at_ms;
  const newest = coverage.present.reduce(
    (latest, node) => Math.max(latest, node.body.timestamp_ms),
    0,
  );
  if (newest - time > context.tolerance || time - context.now > context.tolerance) {
    context.findings.fail(
      "integrity",
      "TIME_ORDER",
      `Seal ${index} claims a time before its entries were made, or in the future`,
      { seal: index, field: "sealed_at_ms", stored: time, computed: newest },
    );
  }
}

/** Step 6: every entry is covered by a valid seal; step 5 saw that it is one of its key. */
export function checkCoverage(context: VerifyContext, seals: readonly ValidSeal[]): void {
  const covered = new Set<string>();
  for (const { coverage } of seals) {
    for (const node of coverage.attested) covered.add(node.hash);
    for (const hash of coverage.withheld) {
      context.findings.note(
        "completeness",
        "WITHHELD",
        `A sealed head was not handed over: ${hash}`,
        { stored: hash },
      );
    }
  }
  for (const node of context.entries) {
    if (!covered.has(node.hash)) reportOpen(context, node);
  }
  const open = context.entries.length - covered.size;
  if (open === 0) return;
  context.findings.unknown(
    "integrity",
    "UNSEALED",
    `${open} of ${context.entries.length} entries are not sealed: their hashes may agree, but anybody can compute hashes`,
  );
}

function reportOpen(context: VerifyContext, node: EntryNode): void {
  const stored = node.body.public_key_id;
  const place = placeOf(node, { field: "public_key_id", stored });
  if (stored === null) {
    const message = `${named(node)} names no key: nobody answers for it`;
    context.findings.unknown("identity", "UNSIGNED", message, place);
  }
  const message = `${named(node)} is open: no valid seal of its key attests it`;
  context.findings.unknown("completeness", "OPEN", message, place);
}
