/**
 * The Ed25519 signature of a passport of the Python package, rechecked over the
 * text that Python signs.
 *
 * @module
 */

import { utf8 } from "../bytes/encoding.ts";
import { JsonNumber } from "../bytes/json_text.ts";
import { SIGNATURE_BYTES } from "../keys/ed25519.ts";
import type { PublicKey } from "../keys/public_key.ts";
import { fromPythonBase64, type PythonJson, writePythonJson } from "./python_json.ts";
import type {
  PythonEntry,
  PythonKestVersion,
  PythonPassport,
  PythonSignatureStatus,
} from "./python_types.ts";

function entryJson(entry: PythonEntry, as: PythonKestVersion): PythonJson {
  return {
    entry_id: entry.entryId,
    parent_entry_ids: entry.parentEntryIds,
    node_id: entry.nodeId,
    timestamp_ms: new JsonNumber(entry.timestampText),
    input_state_hash: entry.inputStateHash,
    content_hash: entry.contentHash,
    environment: entry.environment,
    labels: entry.labels,
    added_taint: entry.addedTaint,
    accumulated_taint: entry.accumulatedTaint,
    ...(as === "0.2" ? { trust_score: entry.trustScore ?? 1 } : {}),
  };
}

/** The text that Python signs: the model without its signature. */
function signedText(passport: PythonPassport, as: PythonKestVersion): string {
  const { origin } = passport;
  const history: Record<string, PythonJson> = Object.create(null);
  for (const entry of passport.entries) history[entry.key] = entryJson(entry, as);
  return writePythonJson({
    origin: {
      user_id: origin.userId,
      session_id: origin.sessionId,
      policies: { curated_refs: origin.curatedRefs, inline_rules: origin.inlineRules },
    },
    history,
    public_key_id: passport.publicKeyId,
  });
}

async function signerOf(
  passport: PythonPassport,
  keys: readonly PublicKey[],
): Promise<PublicKey | undefined> {
  const signature = fromPythonBase64(passport.signature);
  if (signature?.length !== SIGNATURE_BYTES) return undefined;
  for (const version of passport.signedAs) {
    const message = utf8(signedText(passport, version));
    for (const key of keys) {
      if (await key.verify(signature, message)) return key;
    }
  }
  return undefined;
}

/** What the signature of a Python passport is worth, and whose it is. */
export interface CheckedPythonSignature {
  readonly status: PythonSignatureStatus;
  /** The key that it verifies under, if it does. */
  readonly signer?: PublicKey;
}

/** {@linkcode checkPythonSignature}, with the key that signed. */
export async function findPythonSigner(
  passport: PythonPassport,
  keys: readonly PublicKey[],
): Promise<CheckedPythonSignature> {
  if (passport.signature === "") return { status: "unsigned" };
  if (keys.length === 0) return { status: "unchecked" };
  const signer = await signerOf(passport, keys);
  return signer ? { status: "valid", signer } : { status: "changed" };
}

/**
 * Rechecks the Ed25519 signature over Python's own JSON form. Only the given
 * keys count: a key in the same file does not.
 *
 * @returns `unsigned`: there is no signature. `unchecked`: there is one, but no
 * key was given. `changed`: it verifies under none of the keys.
 */
export async function checkPythonSignature(
  passport: PythonPassport,
  keys: readonly PublicKey[],
): Promise<PythonSignatureStatus> {
  return (await findPythonSigner(passport, keys)).status;
}
