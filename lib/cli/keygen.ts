/**
 * `kest keygen`: a new signing key.
 *
 * @module
 */

import { generateKey } from "../keys/signer.ts";
import type { Command } from "./command.ts";
import { CliError, EXIT_OK } from "./errors.ts";
import { exists, writeJson } from "./files.ts";
import type { CliIo } from "./io.ts";
import { usageError } from "./options.ts";
import type { Parsed } from "./parsed.ts";
import { printJson, Screen } from "./screen.ts";

function publicPathOf(path: string): string {
  return path.replace(/\.(?:jwk|json)$/, "") + ".pub.jwk";
}

function refuseExisting(io: CliIo, paths: readonly string[]): void {
  const there = paths.find((path) => exists(io, path));
  if (there === undefined) return;
  throw new CliError(
    `${there} exists already; name another file, or --force replaces the key for good`,
    { code: "FILE" },
  );
}

async function run(parsed: Parsed, io: CliIo): Promise<number> {
  const path = parsed.value("output")!;
  if (path === "-" || path === "") throw usageError("keygen", "-o needs the name of a file");
  const publicPath = publicPathOf(path);
  const force = parsed.has("force");
  if (!force) refuseExisting(io, [path, publicPath]);
  const signer = await generateKey();
  writeJson(io, path, signer.exportPrivateJwk(), { mode: 0o600, exclusive: !force });
  writeJson(io, publicPath, signer.publicKey.jwk, { exclusive: !force });
  const { id } = signer.publicKey;
  if (parsed.has("json")) {
    printJson(io, { publicKeyId: id, privateKey: path, publicKey: publicPath });
    return EXIT_OK;
  }
  const screen = new Screen(io);
  screen.row(["Key id"], id, 13);
  screen.row(["Private key"], `${path} (only you can read it; keep it secret)`, 13);
  screen.row(["Public key"], `${publicPath} (give it to whoever verifies)`, 13);
  screen.flush();
  return EXIT_OK;
}

/** The command. */
export const keygen: Command = {
  name: "keygen",
  summary: "Make a signing key.",
  operands: [],
  options: [
    {
      name: "output",
      short: "o",
      value: "FILE",
      required: true,
      help: "Where the private key goes (mode 0600); the public key goes beside it, to *.pub.jwk.",
    },
    { name: "force", help: "Replace files that exist. A replaced key cannot be recovered." },
  ],
  notes: ["Keys are Ed25519, in JWK (RFC 8037). The key id is the RFC 7638 thumbprint."],
  run,
};
