/**
 * Step 5 of verification: seals and what they attest (SPEC 6.2).
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { fromBase64url } from "../bytes/encoding.ts";
import { type PublicKey, publicKeyFromBytes } from "../keys/public_key.ts";
import { type Coverage, CoverageFinder } from "../lineage/coverage.ts";
import { type Seal, sealBytes } from "../lineage/seal.ts";
import { checkCoverage } from "./check_coverage.ts";
import {
  type CheckedSeal,
  named,
  placeOf,
  type SealProblem,
  type ValidSeal,
  type VerifyContext,
} from "./context.ts";
import { type Doubts, isDoubtful, unboundBy } from "./doubts.ts";

/** How many signatures are checked at a time: enough to hide WebCrypto's latency. */
const BATCH = 64;

function isSignedBy(key: PublicKey, seal: Seal): Promise<boolean> {
  return key.verify(fromBase64url(seal.signature)!, sealBytes(seal));
}

/**
 * What is wrong with a seal's key or signature. The key proves only that the seal
 * agrees with itself; step 7 asks whether anybody trusts it.
 */
async function signatureProblem(
  seal: Seal,
  index: number,
  coverage: Coverage,
): Promise<SealProblem | undefined> {
  let key: PublicKey;
  try {
    key = publicKeyFromBytes(fromBase64url(seal.public_key)!);
  } catch (error) {
    const message = `Seal ${index}: ${messageOf(error)}`;
    return { code: "SEAL_KEY", message, place: { field: "public_key" } };
  }
  if (key.id !== seal.public_key_id) return await keyProblem(key, seal, index);
  if (await isSignedBy(key, seal)) return undefined;
  const message = `Seal ${index} was changed: its signature does not match`;
  return { code: "SEAL_SIGNATURE", message, place: await changedMember(key, seal, coverage) };
}

/** The signature tells whether the key or its id was changed. */
async function keyProblem(key: PublicKey, seal: Seal, index: number): Promise<SealProblem> {
  const message = `Seal ${index}: public_key_id is not the key's thumbprint, ${key.id}`;
  const isId = await isSignedBy(key, { ...seal, public_key_id: key.id });
  const place = isId
    ? { field: "public_key_id", stored: seal.public_key_id, computed: key.id }
    : { field: "public_key" };
  return { code: "SEAL_KEY", message, place };
}

/** Whether only a count was changed: then the signature fits what can be counted here. */
async function changedMember(
  key: PublicKey,
  seal: Seal,
  { bound, miscounted }: Coverage,
): Promise<SealProblem["place"]> {
  const [only, ...others] = miscounted;
  if (!bound || only === undefined || others.length > 0) return { field: "signature" };
  const at = seal.heads.findIndex((head) => head.entry_hash === only.node.hash);
  const { entries } = only;
  const counted = seal.heads.map((head, index) => index === at ? { ...head, entries } : head);
  if (!await isSignedBy(key, { ...seal, heads: counted })) return { field: "signature" };
  return { field: `heads/${at}/entries`, stored: seal.heads[at]!.entries, computed: entries };
}

/** What every seal covers; fewer than there are seals if the work is spent. */
function coverages(context: VerifyContext, work: number, doubts: Doubts): Coverage[] {
  const unbound = { names: doubts.names, unbound: unboundBy(doubts) };
  const finder = new CoverageFinder(context.nodes, work, unbound);
  const found: Coverage[] = [];
  for (const seal of context.seals) {
    const coverage = finder.coverageOf(seal);
    if (coverage === undefined) {
      context.findings.fail(
        "integrity",
        "LIMIT",
        `Seals cover more than ${work} entries and edges in all; raise the limit sealWork to judge them`,
      );
      break;
    }
    found.push(coverage);
  }
  return found;
}

/**
 * Steps 5 and 6: key, signature, heads, counts and scope of every seal, and
 * whether the valid ones, which are returned, attest every entry.
 */
export async function checkSeals(
  context: VerifyContext,
  work: number,
  doubts: Doubts,
): Promise<readonly ValidSeal[]> {
  const checked: CheckedSeal[] = [];
  const found = coverages(context, work, doubts);
  for (let start = 0; start < found.length; start += BATCH) {
    const batch = found.slice(start, start + BATCH).map((coverage, offset) =>
      checkSeal(context, start + offset, coverage, doubts)
    );
    checked.push(...await Promise.all(batch));
  }
  const valid = checked.filter((seal) => seal.problems.length === 0);
  const invalid = checked.filter((seal) => seal.problems.length > 0);
  checkCoverage(context, valid, invalid);
  for (const seal of valid) checkSealTime(context, seal, doubts);
  return valid;
}

async function checkSeal(
  context: VerifyContext,
  index: number,
  coverage: Coverage,
  doubts: Doubts,
): Promise<CheckedSeal> {
  const seal = context.seals[index]!;
  const unsigned = await signatureProblem(seal, index, coverage);
  // Nobody vouches for the rest of what such a seal says.
  if (unsigned) return { index, seal, coverage, problems: [unsigned] };
  const candidate = { index, seal, coverage: withinScope(seal, coverage, doubts) };
  return { ...candidate, problems: statementProblems(candidate) };
}

/** Past an entry or an edge that was changed, entries of other keys are no claim of the seal. */
function withinScope(seal: Seal, coverage: Coverage, doubts: Doubts): Coverage {
  if (coverage.bound) return coverage;
  const attested = coverage.attested.filter((node) =>
    node.body.public_key_id === seal.public_key_id || isDoubtful(doubts, node)
  );
  return { ...coverage, attested };
}

function statementProblems({ index, seal, coverage }: ValidSeal): SealProblem[] {
  if (coverage.attested.length === 0) {
    return [{
      code: "SEAL_HEADS",
      message:
        `Seal ${index} attests none of these entries: some entry under it was changed, or it belongs to another passport`,
      place: { field: "heads", stored: seal.heads.map((head) => head.entry_hash) },
    }];
  }
  if (!coverage.bound) return [];
  const counts = coverage.miscounted.map(({ node, entries }): SealProblem => ({
    code: "SEAL_COUNT",
    message: `Seal ${index} counts another number of entries under ${
      named(node)
    } than the ${entries} that are here`,
    place: placeOf(node, { field: "heads", computed: entries }),
  }));
  return counts.length > 0 ? counts : scopeProblem({ index, seal, coverage });
}

function scopeProblem({ index, seal, coverage }: ValidSeal): SealProblem[] {
  const node = coverage.attested.find((node) => node.body.public_key_id !== seal.public_key_id);
  if (node === undefined) return [];
  return [{
    code: "SEAL_SCOPE",
    message: `Seal ${index} claims ${named(node)}, which names another key`,
    place: placeOf(node, {
      field: "public_key_id",
      stored: node.body.public_key_id,
      computed: seal.public_key_id,
    }),
  }];
}

function checkSealTime(context: VerifyContext, valid: ValidSeal, doubts: Doubts): void {
  const { index, seal: { sealed_at_ms: time }, coverage } = valid;
  const newest = coverage.present
    .filter((node) => !isDoubtful(doubts, node))
    .reduce((latest, node) => Math.max(latest, node.body.timestamp_ms), 0);
  if (newest - time > context.tolerance || time - context.now > context.tolerance) {
    context.findings.fail(
      "integrity",
      "TIME_ORDER",
      `Seal ${index} claims a time before its entries were made, or in the future`,
      { seal: index, field: "sealed_at_ms", stored: time, computed: newest },
    );
  }
}
