/**
 * Files of the command line: passports' bytes, JSON, keys, trust policies. What
 * goes wrong becomes one line that says what to do.
 *
 * @module
 */

import { DEFAULT_LIMITS } from "../base/limits.ts";
import { messageOf } from "../base/errors.ts";
import { fromUtf8 } from "../bytes/encoding.ts";
import { parseJsonStrictly } from "../bytes/json_text.ts";
import { isPrivateJwk, type PublicKey, publicKeyFromJwk } from "../keys/public_key.ts";
import { type CheckedTrust, checkTrustPolicy } from "../verify/trust_policy.ts";
import { CliError, errorAbout } from "./errors.ts";
import { type CliIo, type Place, resolvePath, type WriteOptions } from "./io.ts";

function shownPath(path: string): string {
  return path === "-" ? "standard input" : path;
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: "the system does not allow it; check the rights of the file",
  EEXIST: "it exists already; --force replaces it",
  ELOOP: "its links lead in a circle",
  EISDIR: "it is a directory; name a file in it",
  ENOENT: "no such file or directory; check the path",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is no directory; check the path",
  EPERM: "the system does not allow it; check the rights of the file",
  EROFS: "the disk is read-only",
};

function fileError(doing: "read" | "write", path: string, error: unknown): CliError {
  const { code = "", name } = error as { code?: string; name?: string };
  const what = `cannot ${doing} ${shownPath(path)}`;
  if (code === "ERR_ACCESS_DENIED" || name === "NotCapable") {
    const flag = `--allow-${doing}`;
    return new CliError(`${what}: permission not granted; run with ${flag}`, {
      code: "PERMISSION",
    });
  }
  return new CliError(`${what}: ${WHY[code] ?? messageOf(error)}`, {
    code: code === "ENOENT" ? "NO_FILE" : "FILE",
  });
}

/** The bytes of a file, or of standard input for `-`. */
export async function readBytes(
  io: CliIo,
  path: string,
  limit: number = DEFAULT_LIMITS.bytes,
): Promise<Uint8Array> {
  try {
    return await io.readFile(resolvePath(io, path), limit);
  } catch (error) {
    if ((error as { code?: string }).code !== "EFBIG") throw fileError("read", path, error);
    throw new CliError(`cannot read ${shownPath(path)}: it is longer than ${limit} bytes`, {
      code: "FILE",
    });
  }
}

/** What stands at a path. */
export function lookAt(io: CliIo, path: string): Place {
  try {
    return io.look(resolvePath(io, path));
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** Whether a file is there. */
export function exists(io: CliIo, path: string): boolean {
  return io.exists(resolvePath(io, path));
}

/** Writes a file, whole or not at all. */
export function writeText(io: CliIo, path: string, text: string, options?: WriteOptions): void {
  try {
    io.writeFile(resolvePath(io, path), text, options);
  } catch (error) {
    throw fileError("write", path, error);
  }
}

/** Writes JSON for people. */
export function writeJson(io: CliIo, path: string, value: unknown, options?: WriteOptions): void {
  writeText(io, path, JSON.stringify(value, null, 2) + "\n", options);
}

/** Parses JSON of a file strictly. */
export function parseJson(
  path: string,
  bytes: Uint8Array,
  hint: string,
  { depth, stringLength } = {
    depth: DEFAULT_LIMITS.depth,
    stringLength: DEFAULT_LIMITS.stringLength,
  },
): unknown {
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw new CliError(`${path}: not valid UTF-8; ${hint}`, { code: "PARSE" });
  }
  try {
    return parseJsonStrictly(text, { what: "JSON", depth, stringLength });
  } catch (error) {
    throw errorAbout(path, error, hint);
  }
}

const KEY_HINT = "give a JWK file as kest keygen writes it";

/** The public key in a JWK file; a private key has no business where one is asked for. */
export async function readPublicKey(io: CliIo, path: string): Promise<PublicKey> {
  const jwk = parseJson(path, await readBytes(io, path), KEY_HINT);
  if (isPrivateJwk(jwk)) {
    throw new CliError(
      `${path} is a private key; give the public one, *.pub.jwk, and keep this one secret`,
      {
        code: "KEY_PRIVATE",
      },
    );
  }
  try {
    return publicKeyFromJwk(jwk);
  } catch (error) {
    throw errorAbout(path, error, KEY_HINT);
  }
}

const TRUST_HINT = "give a trust policy as kest trust add writes it";

/** The trust policy in a file, checked. */
export async function readTrust(io: CliIo, path: string): Promise<CheckedTrust> {
  return parseTrust(path, await readBytes(io, path));
}

/** The same; `undefined` if there is no such file. */
export async function readTrustIfThere(
  io: CliIo,
  path: string,
): Promise<CheckedTrust | undefined> {
  try {
    return await readTrust(io, path);
  } catch (error) {
    if (error instanceof CliError && error.code === "NO_FILE") return undefined;
    throw error;
  }
}

/** The trust policy in the bytes of a file, checked. */
export function parseTrust(path: string, bytes: Uint8Array): CheckedTrust {
  const policy = parseJson(path, bytes, TRUST_HINT);
  try {
    return checkTrustPolicy(policy);
  } catch (error) {
    throw errorAbout(path, error, TRUST_HINT);
  }
}
