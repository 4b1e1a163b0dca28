/**
 * The data that a passport came with, read as a head's `content_kind` says.
 *
 * @module
 */

import { CONTENT_DEPTH, CONTENT_LENGTH } from "../base/limits.ts";
import { contentAs, type ContentKind } from "../bytes/content.ts";
import { partsOf, type Passport } from "../lineage/passport.ts";
import { CliError, errorAbout } from "./errors.ts";
import { parseJson, readBytes } from "./files.ts";
import type { CliIo } from "./io.ts";

const LIMITS = { depth: CONTENT_DEPTH, stringLength: CONTENT_LENGTH };

/** The bytes of a file as the value that content of this kind is. */
function valueAs(kind: ContentKind, file: string, bytes: Uint8Array): unknown {
  // No file holds `undefined` or no result: bytes match neither.
  if (kind !== "json" && kind !== "items") return bytes;
  const what = kind === "json" ? "JSON" : "a JSON array of stream items";
  const hint = `what the passport was made for is ${what}`;
  const value = parseJson(file, bytes, hint, LIMITS);
  if (kind === "items" && !Array.isArray(value)) {
    throw new CliError(`${file}: not an array; ${hint}`, { code: "DATA" });
  }
  return value;
}

async function matches(passport: Passport, kind: ContentKind, value: unknown): Promise<boolean> {
  const content = await contentAs(kind, value);
  return partsOf(passport).heads.some(({ body }) =>
    body.content_kind === kind && content.kind === kind && content.hash === body.content_hash
  );
}

/**
 * The data in a file as a value for `verifyPassport`. Where heads are of several
 * kinds, the one that matches decides; else the first that can be read.
 */
export async function readData(io: CliIo, file: string, passport: Passport): Promise<unknown> {
  const bytes = await readBytes(io, file);
  const kinds = new Set(partsOf(passport).heads.map((head) => head.body.content_kind));
  const readable: { readonly value: unknown }[] = [];
  let problem: unknown;
  for (const kind of kinds) {
    try {
      const value = valueAs(kind, file, bytes);
      if (await matches(passport, kind, value)) return value;
      readable.push({ value });
    } catch (error) {
      problem ??= errorAbout(file, error, "such data has no content hash");
    }
  }
  if (readable[0] === undefined) throw problem;
  return readable[0].value;
}
