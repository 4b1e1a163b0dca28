/**
 * Bundles the explorer into `lib/page/built.ts`, from which pages are made.
 *
 *     deno task explorer            builds
 *     deno task explorer --check    fails if what is committed is not what this builds
 */

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BUILT = `${ROOT}lib/page/built.ts`;

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

const text = await built();
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(BUILT, text);
} else if (text !== await Deno.readTextFile(BUILT)) {
  console.error("lib/page/built.ts is not what explorer/ builds: run deno task explorer");
  Deno.exit(1);
}
