/**
 * What the caller of `kest verify` asks: whom to trust, what to expect.
 *
 * @module
 */

import { isHash } from "../bytes/encoding.ts";
import {
  type CheckedTrust,
  checkTrustPolicy,
  TRUST_VERSION,
  trustPolicy,
} from "../verify/trust_policy.ts";
import type { VerifyOptions } from "../verify/verify.ts";
import { readPublicKey, readTrust } from "./files.ts";
import type { CliIo } from "./io.ts";
import { usageError } from "./options.ts";
import type { Parsed } from "./parsed.ts";
import { parseTime } from "./time.ts";

/** The trust that `--trust` or `--key` gives; of nobody, if neither is given. */
export async function trustFrom(parsed: Parsed, io: CliIo): Promise<CheckedTrust> {
  const trust = parsed.value("trust");
  const key = parsed.value("key");
  if (trust !== undefined && key !== undefined) {
    throw usageError("verify", "--trust and --key exclude each other");
  }
  if (trust !== undefined) return await readTrust(io, trust);
  if (key === undefined) return checkTrustPolicy({ version: TRUST_VERSION, keys: [] });
  const grant = { name: "given by --key", key: await readPublicKey(io, key) };
  return checkTrustPolicy(trustPolicy([{ ...grant, mayOriginate: "any" }]));
}

function timeFrom(parsed: Parsed, io: CliIo): number {
  const given = parsed.value("at");
  if (given === undefined) return io.now();
  const time = parseTime(given);
  if (time !== undefined) return time;
  throw usageError(
    "verify",
    `--at ${given} is no time; write 2026-01-31T12:00:00Z or milliseconds since 1970`,
  );
}

function headsFrom(parsed: Parsed): readonly string[] | undefined {
  const hashes = parsed.all("expect-head");
  const wrong = hashes?.find((hash) => !isHash(hash));
  if (wrong === undefined) return hashes;
  throw usageError("verify", `--expect-head ${wrong} is no hash of 64 lowercase hex digits`);
}

/** The options for `verifyPassport`, without data and trust. */
export function expectationsFrom(parsed: Parsed, io: CliIo): VerifyOptions {
  const audience = parsed.value("audience");
  const nonce = parsed.value("nonce");
  const expectHeads = headsFrom(parsed);
  const expectOrigin = parsed.all("expect-origin");
  return {
    at: timeFrom(parsed, io),
    ...(audience !== undefined && { audience }),
    ...(nonce !== undefined && { nonce }),
    ...(expectHeads && { expectHeads }),
    ...(expectOrigin && { expectOrigin }),
  };
}
