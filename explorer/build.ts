/**
 * Bundles the explorer into `lib/page/built.ts`, from which pages are made, and
 * writes the hashes of their scripts into CHANGELOG.md, where they are published.
 *
 *     deno task explorer            builds
 *     deno task explorer --check    fails if what is committed is not what this builds
 */

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BUILT = `${ROOT}lib/page/built.ts`;
const LOG = `${ROOT}CHANGELOG.md`;

/** The code of one entry point, as a classic script. */
async function bundle(entry: string): Promise<string> {
  const flags = ["--quiet", "--platform", "browser", "--minify", "--format", "iife"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...flags, entry],
    cwd: ROOT,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  // The text ends no script element, wherever it stands.
  return decoder.decode(stdout).trim().replaceAll("</script", "<\\/script")
    .replaceAll("<!--", "<\\!--");
}

function compact(css: string): string {
  return css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\s+/g, " ").trim();
}

function member(name: string, what: string, text: string): string {
  const hash = `sha256-${createHash("sha256").update(text).digest("base64")}`;
  const size = gzipSync(text, { level: 9 }).length;
  console.log(`${name}: ${text.length} characters, ${size} bytes with gzip, ${hash}`);
  const value = `{\n  hash: ${JSON.stringify(hash)},\n  text: ${JSON.stringify(text)},\n}`;
  return `/** ${what} */\nexport const ${name}: BuiltPart = ${value};\n`;
}

async function built(): Promise<string> {
  const css = await Deno.readTextFile(new URL("page.css", import.meta.url));
  return [
    "// Made by `deno task explorer`; do not edit.\n",
    "/**\n * The explorer, built: what pages consist of besides their data.\n *\n * @module\n */\n",
    "/** A part of every page, with the hash by which its content policy admits it. */",
    "export interface BuiltPart {\n  /** `sha256-` and the base64 of the SHA-256 of the text. */",
    "  readonly hash: string;\n  /** The text. */\n  readonly text: string;\n}\n",
    member("APP", "The explorer and the verifier.", await bundle("explorer/main.ts")),
    member("ENGINE", "The policy engine.", await bundle("explorer/engine_main.ts")),
    member("STYLE", "The style sheet.", compact(css)),
  ].join("\n");
}

/** The change log with the hashes that this version publishes, at its first mention of each. */
function published(log: string, text: string): string {
  const hashes = [...text.matchAll(/hash: "(sha256-[^"]+)"/g)].map(([, hash]) => hash!);
  const names = ["explorer's script", "policy engine's script"];
  return names.reduce((all, name, i) => {
    const line = new RegExp(`(${name}: )\`[^\`]*\``);
    if (!line.test(all)) throw new Error(`CHANGELOG.md has no line "${name}: …"`);
    return all.replace(line, `$1\`${hashes[i]}\``);
  }, log);
}

const text = await built();
const log = await Deno.readTextFile(LOG);
const newLog = published(log, text);
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(BUILT, text);
  await Deno.writeTextFile(LOG, newLog);
} else if (newLog !== log || text !== await Deno.readTextFile(BUILT)) {
  console.error("lib/page/built.ts or the hashes in CHANGELOG.md are not what explorer/ builds:");
  console.error("run deno task explorer, and commit both");
  Deno.exit(1);
}
