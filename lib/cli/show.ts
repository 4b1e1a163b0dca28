/**
 * `kest show`: the lineage as a tree. Says what a passport claims, not whether
 * that is so.
 *
 * @module
 */

import type { Passport } from "../lineage/passport.ts";
import type { Seal } from "../lineage/seal.ts";
import type { PythonPassport } from "../verify/python.ts";
import type { Command } from "./command.ts";
import { type Drawing, drawingOf, drawingOfPython } from "./drawing.ts";
import { EXIT_OK } from "./errors.ts";
import type { AnyPassport } from "../verify/any_passport.ts";
import type { CliIo } from "./io.ts";
import type { Parsed } from "./parsed.ts";
import { readPassport } from "./passports.ts";
import { printJson, Screen } from "./screen.ts";
import { timeText } from "./time.ts";
import { drawTree } from "./tree.ts";

/** Seals that are listed. */
const LISTED_SEALS = 20;

/** Origins that are listed. */
const LISTED_ORIGINS = 20;

function sealText(seal: Seal): string {
  const heads = seal.heads.length === 1 ? "1 head" : `${seal.heads.length} heads`;
  return [
    `key ${seal.public_key_id}`,
    `${heads}, ${timeText(seal.sealed_at_ms)}`,
    ...(seal.audience === undefined ? [] : [`for ${seal.audience}`]),
    ...(seal.nonce === undefined ? [] : ["answers a nonce"]),
    ...(seal.expires_at_ms === undefined ? [] : [`until ${timeText(seal.expires_at_ms)}`]),
  ].join(", ");
}

function printSeals(screen: Screen, seals: readonly Seal[]): void {
  screen.line(seals.length === 0 ? "Seals: none, nobody signed it" : `Seals: ${seals.length}`);
  for (const seal of seals.slice(0, LISTED_SEALS)) screen.text([], sealText(seal), 2);
  const more = seals.length - LISTED_SEALS;
  if (more > 0) screen.line(`  … and ${more} more (--json lists all)`);
}

function printOrigins(screen: Screen, users: readonly string[]): void {
  const shown = users.slice(0, LISTED_ORIGINS).join(", ");
  const more = users.length - LISTED_ORIGINS;
  screen.text(["Origins: "], `${shown}${more > 0 ? `, … and ${more} more` : ""}`, 9);
}

function originsOf(passport: Passport): readonly string[] {
  return [...new Set(passport.origins.map((origin) => origin.user_id))].sort();
}

function printPython(screen: Screen, passport: PythonPassport): void {
  printOrigins(screen, [passport.origin.userId]);
  const version = passport.signedAs.join(" or ");
  screen.text([], `Written by the Python package kest ${version}`, 0);
  const key = passport.publicKeyId === "" ? "" : ` (key ${passport.publicKeyId})`;
  const signed = passport.signature === "" ? "none" : `present${key}, not checked`;
  screen.text([], `Signature: ${signed}`, 0);
}

function printKest(screen: Screen, passport: Passport): void {
  printOrigins(screen, originsOf(passport));
  printSeals(screen, passport.seals);
}

function drawingFrom(read: AnyPassport): Drawing {
  return read.kind === "kest" ? drawingOf(read.passport) : drawingOfPython(read.passport);
}

function jsonOf(read: AnyPassport, { heads, entries }: Drawing): Record<string, unknown> {
  const common = { verified: null, heads, entries: [...entries.values()] };
  if (read.kind === "kest") {
    const { seals } = read.passport;
    return { format: "kest/v1", ...common, origins: originsOf(read.passport), seals };
  }
  const { origin, signature, publicKeyId, signedAs } = read.passport;
  return {
    format: `python ${signedAs.join(" or ")}`,
    ...common,
    origins: [origin.userId],
    signed: signature !== "",
    publicKeyId,
  };
}

async function run(parsed: Parsed, io: CliIo): Promise<number> {
  const file = parsed.operands[0]!;
  const read = await readPassport(io, file);
  const drawing = drawingFrom(read);
  if (parsed.has("json")) {
    printJson(io, { file, ...jsonOf(read, drawing) });
    return EXIT_OK;
  }
  const screen = new Screen(io);
  drawTree(screen, drawing);
  screen.gap();
  if (read.kind === "kest") printKest(screen, read.passport);
  else printPython(screen, read.passport);
  screen.text([], `This is not a verification: kest verify ${file} checks it.`, 0);
  screen.flush();
  return EXIT_OK;
}

/** The command. */
export const show: Command = {
  name: "show",
  summary: "Draw where the data came from, from the newest entry to the first.",
  operands: ["FILE"],
  options: [],
  notes: [
    "FILE may be - for standard input. An entry on several paths is drawn once with what lies above it, and named again elsewhere.",
    "This shows what a passport claims. Only kest verify says whether that is so.",
  ],
  run,
};
