/**
 * Bundles mod.ts for browsers and checks that the bundle imports nothing: no
 * module of Node, no package that was not bundled.
 *
 * @module
 */

import { gzipSync } from "node:zlib";

/** What the bundle is like. */
export interface BundleReport {
  /** What it still imports or requires, in order of appearance. */
  imports: string[];
  /** Its size, minified. */
  bytes: number;
  /** Its size, minified and compressed by gzip. */
  gzipBytes: number;
}

const IMPORT = /(?<![\w$.])(?:from|import|require|__require)\s*\(?\s*(["'`])([\w@.\/:#-]+)\1/g;

/** The specifiers of static imports, dynamic imports and requires in code. */
export function importsOf(code: string): string[] {
  return [...code.matchAll(IMPORT)].map((match) => match[2]!);
}

/** Minified code for browsers, with everything that `entry` imports. */
export async function bundle(entry: URL): Promise<string> {
  const args = ["bundle", "--quiet", "--platform", "browser", "--minify"];
  const output = await new Deno.Command(Deno.execPath(), {
    args: [...args, entry.href],
    cwd: new URL("..", import.meta.url),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!output.success) throw new Error(decoder.decode(output.stderr));
  return decoder.decode(output.stdout);
}

/** Measures a bundle. */
export function reportOn(code: string): BundleReport {
  const bytes = new TextEncoder().encode(code);
  return {
    imports: importsOf(code),
    bytes: bytes.length,
    gzipBytes: gzipSync(bytes, { level: 9 }).length,
  };
}

if (import.meta.main) {
  const report = reportOn(await bundle(new URL("../mod.ts", import.meta.url)));
  for (const specifier of report.imports) {
    console.error(`the bundle imports ${specifier}`);
  }
  console.log(
    `mod.ts for browsers: ${report.bytes} bytes, ${report.gzipBytes} with gzip`,
  );
  Deno.exit(report.imports.length === 0 ? 0 : 1);
}
