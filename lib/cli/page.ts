/**
 * `kest page`: one self-contained file that rechecks a passport wherever it is
 * opened, or a folder of them.
 *
 * @module
 */

import { fromUtf8 } from "../bytes/encoding.ts";
import { APP, ENGINE } from "../page/built.ts";
import { composePage } from "../page/compose.ts";
import { blocksIn } from "../page/frame.ts";
import { composeIndex, type SitePage } from "../page/site.ts";
import type { Command } from "./command.ts";
import { CliError, EXIT_OK } from "./errors.ts";
import { exists, readBytes, writeText } from "./files.ts";
import type { CliIo } from "./io.ts";
import { usageError } from "./options.ts";
import {
  baseName,
  PAGE_OPTIONS,
  type PagePassport,
  passportFrom,
  refuseTwoInputs,
  sharedFrom,
  type SharedParts,
} from "./page_parts.ts";
import type { Parsed } from "./parsed.ts";
import { Progress } from "./progress.ts";
import { printJson, Screen } from "./screen.ts";

/** A page that was written. */
interface Written extends SitePage {
  readonly bytes: number;
}

const INDEX = "index.html";

/** Whether a file is what this command wrote before, and may write again. */
async function isOurs(io: CliIo, path: string): Promise<boolean> {
  try {
    const html = fromUtf8(await readBytes(io, path));
    return html.includes("<title>Kest passports</title>") || blocksIn(html).size > 0;
  } catch {
    return false;
  }
}

async function write(io: CliIo, path: string, text: string, force: boolean): Promise<void> {
  if (!force && exists(io, path) && !await isOurs(io, path)) {
    throw new CliError(`${path} exists and is no page by kest; --force replaces it`, {
      code: "FILE",
    });
  }
  writeText(io, path, text, { directory: true });
}

async function writePage(
  io: CliIo,
  path: string,
  passport: PagePassport,
  shared: SharedParts,
  force: boolean,
): Promise<Written> {
  const html = composePage({ ...passport.parts, ...shared });
  await write(io, path, html, force);
  const { entries, digest, parts } = passport;
  const bytes = new TextEncoder().encode(html).length;
  return { file: baseName(path), name: parts.name, entries, digest, bytes };
}

/** Names of files that no two passports share, whatever the system thinks of case. */
class PageNames {
  readonly #taken = new Set([INDEX]);

  of(passport: string): string {
    const base = passport.replace(/\.json$/i, "").replace(/[^\w.-]+/g, "-").replace(/^[.-]+/, "") ||
      "passport";
    for (let count = 1;; count++) {
      const name = `${count === 1 ? base : `${base}-${count}`}.html`;
      if (this.#taken.has(name.toLowerCase())) continue;
      this.#taken.add(name.toLowerCase());
      return name;
    }
  }
}

async function writeSite(parsed: Parsed, io: CliIo, dir: string): Promise<Written[]> {
  const folder = dir.replace(/\/$/, "");
  const shared = await sharedFrom(parsed, io);
  const force = parsed.has("force");
  const names = new PageNames();
  const progress = new Progress(io, "pages", parsed.operands.length);
  const written: Written[] = [];
  try {
    for (const file of parsed.operands) {
      const passport = await passportFrom(io, file);
      const path = `${folder}/${names.of(baseName(file))}`;
      written.push(await writePage(io, path, passport, shared, force));
      progress.step();
    }
  } finally {
    progress.end();
  }
  await write(io, `${folder}/${INDEX}`, composeIndex(written), force);
  return written;
}

async function writeOne(parsed: Parsed, io: CliIo, path: string): Promise<Written[]> {
  const [file, ...more] = parsed.operands;
  if (more.length > 0) throw usageError("page", "-o takes one passport; --dir takes several");
  const passport = await passportFrom(io, file!, parsed.value("name"));
  return [await writePage(io, path, passport, await sharedFrom(parsed, io), parsed.has("force"))];
}

function report(parsed: Parsed, io: CliIo, where: string, written: readonly Written[]): void {
  const hasEngine = parsed.has("policy");
  const scripts = [APP.hash, ...(hasEngine ? [ENGINE.hash] : [])];
  if (parsed.has("json")) return printJson(io, { output: where, pages: written, scripts });
  const screen = new Screen(io);
  for (const { file, entries, digest, bytes } of written) {
    screen.row(["Page"], `${file}: ${entries} entries, ${Math.ceil(bytes / 1000)} kB`, 10);
    screen.row(["Passport"], `sha256 ${digest}`, 10);
  }
  for (const hash of scripts) screen.row(["Script"], hash, 10);
  screen.gap();
  screen.text(
    [],
    "A page cannot vouch for itself: readers check it with kest verify, or compare " +
      "these hashes with those published with this version.",
    0,
  );
  screen.flush();
}

async function run(parsed: Parsed, io: CliIo): Promise<number> {
  const [output, dir] = [parsed.value("output"), parsed.value("dir")];
  if ((output === undefined) === (dir === undefined)) {
    throw usageError("page", "give either -o FILE or --dir DIR");
  }
  if (dir !== undefined && parsed.has("name")) {
    throw usageError("page", "--name goes with -o; with --dir pages are called as their files");
  }
  refuseTwoInputs(parsed, "page");
  const written = dir === undefined
    ? await writeOne(parsed, io, output!)
    : await writeSite(parsed, io, dir);
  report(parsed, io, dir ?? output!, written);
  return EXIT_OK;
}

/** The command. */
export const page: Command = {
  name: "page",
  summary: "Write a page that rechecks a passport where it is opened, without a network.",
  operands: ["FILE"],
  many: true,
  options: [
    { name: "output", short: "o", value: "FILE", help: "The page to write, e.g. report.html." },
    {
      name: "dir",
      value: "DIR",
      help: "Write a folder for a web host instead: one page for each passport, and an index.",
    },
    ...PAGE_OPTIONS,
    { name: "name", value: "TEXT", help: "The title. Default: the name of the file." },
    { name: "force", help: "Replace files that are no pages by kest." },
  ],
  notes: [
    "FILE is a passport, also of the Python package, or a page whose passport is taken.",
    "The same input makes the same bytes. Every page of a version has the same script, whose hash is printed.",
    "kest verify reads pages too, and uses only the passport in them.",
  ],
  run,
};
