/**
 * Makes the npm package: `dist/kest-kest-<version>.tgz`.
 *
 * `deno pack` does the transpiling and the declarations. What it leaves out of
 * package.json is added here, what it takes in too much is dropped, and the
 * result is checked: every import must lead somewhere.
 *
 * Usage: `deno task pack [--repository owner/name]`
 *
 * @module
 */

import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

const FIELDS = {
  description:
    "Attested data lineage: every value carries a signed passport of where it came from, which steps it went through and which policies let it pass.",
  keywords: [
    "attestation",
    "audit",
    "data-lineage",
    "ed25519",
    "information-flow",
    "merkle-dag",
    "opa",
    "provenance",
    "taint-tracking",
  ],
  license: "Apache-2.0",
  engines: { node: ">=20.16 <21 || >=22.3" },
  // Without "./": npm drops a bin that has it when it publishes.
  bin: { kest: "bin/kest.js" },
};

const DOCUMENTS = ["README.md", "SPEC.md", "LICENSE", "CHANGELOG.md"];

const WANTED = [
  /^package\.json$/,
  /^mod\.(js|d\.ts)$/,
  /^lib\/.*\.(js|d\.ts)$/,
  /^policies\/[^/]*(?<!_test)\.(rego|wasm|json)$/,
];

// Node 20 has no `import.meta.main`, so main.js itself would do nothing there.
const BIN = `#!/usr/bin/env node
import { main, processIo } from "../lib/cli/main.js";

process.exitCode = await main(process.argv.slice(2), processIo());
`;

interface Manifest {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
  [field: string]: unknown;
}

/** What a finished command printed. */
export interface Result {
  /** The exit code. */
  code: number;
  /** Standard output. */
  stdout: string;
  /** Standard error. */
  stderr: string;
}

/** Runs a command to its end. A code other than 0 is an error, unless `check` is false. */
export async function run(
  command: string,
  args: string[],
  options: { cwd: string; check?: boolean },
): Promise<Result> {
  const output = await new Deno.Command(command, {
    args,
    cwd: options.cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const result = {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
  if (result.code !== 0 && options.check !== false) {
    const call = [command, ...args].join(" ");
    throw new Error(
      `${call}: exit code ${result.code}\n${result.stdout}${result.stderr}`,
    );
  }
  return result;
}

/** The paths of all files below a directory, relative to it, sorted. */
export async function filesBelow(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    const path = join(directory, entry.name);
    if (entry.isFile) found.push(entry.name);
    if (!entry.isDirectory) continue;
    for (const below of await filesBelow(path)) {
      found.push(`${entry.name}/${below}`);
    }
  }
  return found.sort();
}

async function transpileInto(stage: string): Promise<void> {
  const raw = join(stage, "raw.tgz");
  // Source maps of `deno pack` name the directory they were made in.
  const args = ["pack", "--allow-dirty", "--no-source-maps", "-o", raw];
  await run(Deno.execPath(), args, { cwd: ROOT });
  await run("tar", ["-xzf", "raw.tgz"], { cwd: stage });
}

async function keepWanted(packageDir: string): Promise<void> {
  for (const file of await filesBelow(packageDir)) {
    const wanted = DOCUMENTS.includes(file) ||
      WANTED.some((pattern) => pattern.test(file));
    if (!wanted) await Deno.remove(join(packageDir, file));
  }
  for (const document of DOCUMENTS) {
    await Deno.copyFile(join(ROOT, document), join(packageDir, document));
  }
}

/** The module specifiers in transpiled code or declarations. */
export function specifiersOf(code: string): string[] {
  const plain = code.replace(/\/\*[\s\S]*?\*\//g, "");
  const found = plain.matchAll(
    /(?:\bfrom\s+|^\s*import\s*|\bimport\s*\(\s*)["']([^"'\s]+)["']/gm,
  );
  return [...found].map((match) => match[1]!);
}

/** `a/b` of `a/b/c.js` for a scoped package, `a` of `a/b.js` for a plain one. */
function packageName(specifier: string): string {
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Which packages the files import; throws where an import leads nowhere. */
async function importedPackages(packageDir: string): Promise<Set<string>> {
  const files = new Set(await filesBelow(packageDir));
  const packages = new Set<string>();
  for (const file of files) {
    if (!/\.(js|d\.ts)$/.test(file)) continue;
    const code = await Deno.readTextFile(join(packageDir, file));
    for (const specifier of specifiersOf(code)) {
      if (specifier.startsWith("node:")) continue;
      if (!specifier.startsWith(".")) {
        packages.add(packageName(specifier));
        continue;
      }
      const js = relative(".", join(dirname(file), specifier));
      const target = file.endsWith(".d.ts") ? js.replace(/\.js$/, ".d.ts") : js;
      if (!files.has(target)) {
        throw new Error(`${file} imports ${specifier}: not in the package`);
      }
    }
  }
  return packages;
}

async function writeBin(packageDir: string): Promise<void> {
  await Deno.mkdir(join(packageDir, "bin"));
  const path = join(packageDir, "bin", "kest.js");
  await Deno.writeTextFile(path, BIN, { mode: 0o755 });
}

function usedDependencies(
  manifest: Manifest,
  packages: Set<string>,
): Record<string, string> {
  const used: Record<string, string> = {};
  for (const name of [...packages].sort()) {
    if (name === manifest.name) continue;
    const range = manifest.dependencies?.[name];
    if (!range) throw new Error(`${name} is imported but not a dependency`);
    used[name] = range;
  }
  return used;
}

async function completeManifest(
  packageDir: string,
  repository: string | undefined,
): Promise<Manifest> {
  const path = join(packageDir, "package.json");
  const packed: Manifest = JSON.parse(await Deno.readTextFile(path));
  const { name, version, dependencies: _, ...rest } = packed;
  const packages = await importedPackages(packageDir);
  const manifest = {
    name,
    version,
    ...FIELDS,
    ...(repository && {
      repository: {
        type: "git",
        url: `git+https://github.com/${repository}.git`,
      },
    }),
    ...rest,
    dependencies: usedDependencies(packed, packages),
  };
  await Deno.writeTextFile(path, JSON.stringify(manifest, null, 2) + "\n");
  return manifest;
}

/** Makes the package and returns the path of the tarball. */
export async function pack(repository?: string): Promise<string> {
  const dist = join(ROOT, "dist");
  await Deno.mkdir(dist, { recursive: true });
  const stage = await Deno.makeTempDir({ dir: dist, prefix: "stage-" });
  try {
    await transpileInto(stage);
    const packageDir = join(stage, "package");
    await keepWanted(packageDir);
    await writeBin(packageDir);
    const { name, version } = await completeManifest(packageDir, repository);
    const args = ["pack", "--ignore-scripts", "--pack-destination", dist];
    await run("npm", args, { cwd: packageDir });
    return join(dist, `${name.slice(1).replace("/", "-")}-${version}.tgz`);
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

function repositoryOf(args: string[]): string | undefined {
  if (args.length === 0) return undefined;
  const [option, repository] = args;
  if (
    args.length !== 2 || option !== "--repository" ||
    !/^[\w.-]+\/[\w.-]+$/.test(repository!)
  ) {
    throw new TypeError("usage: deno task pack [--repository owner/name]");
  }
  return repository;
}

if (import.meta.main) {
  const repository = repositoryOf(Deno.args);
  const tarball = await pack(repository);
  const { stdout } = await run("tar", ["-tzf", tarball], { cwd: ROOT });
  const { size } = await Deno.stat(tarball);
  console.log(stdout + `${relative(ROOT, tarball)}: ${size} bytes`);
  if (!repository) console.log("package.json names no repository");
}
