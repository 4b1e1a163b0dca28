/**
 * What goes into pages, from the files that the commands are given.
 *
 * @module
 */

import { fromUtf8 } from "../bytes/encoding.ts";
import { sha256 } from "../bytes/sha256.ts";
import { reach } from "../lineage/node.ts";
import { partsOf } from "../lineage/passport.ts";
import type { PageParts } from "../page/compose.ts";
import type { PagePolicy } from "../page/read.ts";
import type { AnyPassport } from "../verify/any_passport.ts";
import type { OptionSpec } from "./command.ts";
import { parseTrust, readBytes } from "./files.ts";
import type { CliIo } from "./io.ts";
import { usageError } from "./options.ts";
import type { Parsed } from "./parsed.ts";
import { parsePassportBytes, readPassportBytes } from "./passports.ts";
import { compileOrFail, POLICY_OPTION } from "./policy_engine.ts";
import { readPolicies } from "./policy_files.ts";

/** Options of every command that makes pages. */
export const PAGE_OPTIONS: readonly OptionSpec[] = [
  {
    name: "trust",
    value: "FILE",
    help: "A trust policy to send along. Readers are told that it is yours, not theirs.",
  },
  {
    ...POLICY_OPTION,
    required: false,
    help: "Policies to send along, so that recorded decisions can be evaluated again.",
  },
];

/** What all pages of one command share. */
export type SharedParts = Pick<PageParts, "policies" | "trust">;

/** One passport for a page. */
export interface PagePassport {
  readonly parts: Pick<PageParts, "name" | "passport">;
  /** Number of its entries. */
  readonly entries: number;
  /** SHA-256 of its bytes. */
  readonly digest: string;
}

/** The trust policy and the policies that are sent along, checked. */
export async function sharedFrom(parsed: Parsed, io: CliIo): Promise<SharedParts> {
  const policies = await policiesFrom(parsed, io);
  const file = parsed.value("trust");
  if (file === undefined) return { policies };
  const bytes = await readBytes(io, file);
  parseTrust(file, bytes);
  return { trust: fromUtf8(bytes), policies };
}

/** Fails if two files are standard input. */
export function refuseTwoInputs(parsed: Parsed, command: string): void {
  const named = [...parsed.operands, parsed.value("trust"), ...parsed.all("policy") ?? []];
  if (named.filter((path) => path === "-").length < 2) return;
  throw usageError(command, "only one file can be standard input");
}

async function policiesFrom(parsed: Parsed, io: CliIo): Promise<readonly PagePolicy[]> {
  const paths = parsed.all("policy") ?? [];
  if (paths.length === 0) return [];
  const files = await readPolicies(io, paths, { tests: false });
  compileOrFail(files, { regoVersion: "auto" });
  const names = new Set<string>();
  return files.map(({ name, text }) => {
    let own = nameBelow(paths, name);
    while (names.has(own)) own = `other/${own}`;
    names.add(own);
    return { name: own, source: text };
  });
}

/** A name that says nothing of where things lie on this machine. */
function nameBelow(paths: readonly string[], file: string): string {
  const folder = paths.map((path) => `${path.replace(/\/$/, "")}/`)
    .find((path) => file.startsWith(path));
  return folder === undefined ? baseName(file) : file.slice(folder.length);
}

function entriesOf(read: AnyPassport): number {
  if (read.kind === "python") return read.passport.entries.length;
  return reach(partsOf(read.passport).heads).size;
}

/** The last part of a path, for display. */
export function baseName(path: string): string {
  return path === "-" ? "passport" : path.split(/[/\\]/).at(-1)!;
}

/** A passport, read once to be sure that there is one. */
export async function passportFrom(
  io: CliIo,
  file: string,
  name = baseName(file),
): Promise<PagePassport> {
  const passport = await readPassportBytes(io, file);
  const entries = entriesOf(parsePassportBytes(file, passport));
  return { parts: { passport, name }, entries, digest: sha256(passport) };
}
