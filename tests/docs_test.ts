/**
 * Runs every ts block of the documents and of the docstrings, each as a module
 * of its own, with no permission but those that its info string names:
 * "ts allow-read" for `--allow-read`.
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const DOCUMENTS = ["README.md", "SPEC.md"].filter((path) => existsSync(join(ROOT, path)));

interface Block {
  /** The file it stands in. */
  source: string;
  /** The line of its first line of code, from 1. */
  line: number;
  /** What follows the fence, in words. */
  info: string[];
  code: string;
}

const FENCE = /^(.*?)(`{3,}|~{3,})(.*)$/;

/** The fenced blocks of lines that stand at their place in a file. */
function blocksOf(source: string, lines: string[]): Block[] {
  const blocks: Block[] = [];
  let open: { fence: string; indent: number; block: Block } | undefined;
  lines.forEach((text, at) => {
    const match = FENCE.exec(text);
    const isFence = match !== null && match[1]!.trim() === "";
    if (open && isFence && match[2] === open.fence && !match[3]!.trim()) {
      blocks.push(open.block);
      open = undefined;
    } else if (open) {
      open.block.code += text.slice(open.indent) + "\n";
    } else if (isFence) {
      const info = match[3]!.trim().split(/\s+/);
      const block = { source, line: at + 2, info, code: "" };
      open = { fence: match[2]!, indent: match[1]!.length, block };
    }
  });
  assert.equal(open?.block.line, undefined, `${source}: an open code block`);
  return blocks;
}

/** Lines of a source in which all but the text of its docstrings is blank. */
function docstringLines(code: string): string[] {
  let inside = false;
  return code.split("\n").map((line) => {
    if (/^\s*\/\*\*/.test(line)) inside = true;
    const text = inside ? line.replace(/^\s*\/?\*+(?:\/| |$)/, "") : "";
    if (line.includes("*/")) inside = false;
    return text.replace(/\*\/\s*$/, "");
  });
}

function blocksIn(path: string): Block[] {
  const text = readFileSync(join(ROOT, path), "utf8");
  const lines = path.endsWith(".md") ? text.split("\n") : docstringLines(text);
  return blocksOf(path, lines);
}

function sourcesBelow(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${directory}/${entry.name}`;
      if (entry.isDirectory()) return sourcesBelow(path);
      return path.endsWith(".ts") ? [path] : [];
    })
    .sort();
}

/** The flags that the info string of a block names. */
function flagsOf(block: Block): string[] {
  return block.info.slice(1).map((word) => `--${word}`).sort();
}

/** deno.json for blocks: the same packages and checks, and the own name. */
function configForBlocks(): string {
  const { name, exports, imports, compilerOptions } = JSON.parse(
    readFileSync(join(ROOT, "deno.json"), "utf8"),
  );
  const own: Record<string, string> = {};
  for (const [path, file] of Object.entries<string>(exports)) {
    own[name + path.slice(1)] = pathToFileURL(join(ROOT, file)).href;
  }
  return JSON.stringify({
    imports: { ...imports, ...own },
    // A block may name a result only to show it.
    compilerOptions: { ...compilerOptions, noUnusedLocals: false },
    nodeModulesDir: "none",
  });
}

/** Blocks that may read find the policies, and what they write is thrown away. */
function copyPolicies(directory: string): void {
  Deno.mkdirSync(directory);
  for (const { name, isFile } of Deno.readDirSync(join(ROOT, "policies"))) {
    if (!isFile) continue;
    Deno.copyFileSync(join(ROOT, "policies", name), join(directory, name));
  }
}

/** Writes the blocks as modules whose lines are those of their sources. */
function writeModules(directory: string, blocks: Block[]): void {
  Deno.writeTextFileSync(join(directory, "deno.json"), configForBlocks());
  const lock = join(ROOT, "deno.lock");
  if (existsSync(lock)) Deno.copyFileSync(lock, join(directory, "deno.lock"));
  copyPolicies(join(directory, "policies"));
  const runner = blocks.map((block) => {
    const file = moduleOf(block);
    const code = "\n".repeat(block.line - 2) + `export {};\n${block.code}`;
    Deno.writeTextFileSync(join(directory, file), code);
    const label = JSON.stringify(nameOf(block));
    return `Deno.test({ name: ${label}, sanitizeOps: false, ` +
      `sanitizeResources: false, fn: async () => { await import("./${file}"); } });`;
  });
  Deno.writeTextFileSync(join(directory, "run_test.ts"), runner.join("\n"));
}

function nameOf(block: Block): string {
  return `${block.source}:${block.line}`;
}

function moduleOf(block: Block): string {
  return `${block.source.replaceAll("/", "__")}__${block.line}.ts`;
}

/** The output with the names of generated modules replaced by their sources. */
function withSources(output: string, directory: string): string {
  return output
    .replaceAll(pathToFileURL(directory).href + "/", "")
    .replace(
      /[\w.]+__\d+\.ts(?=:\d)/g,
      (module) => module.replace(/__\d+\.ts$/, "").replaceAll("__", "/"),
    );
}

interface Outcome {
  success: boolean;
  output: string;
}

/** Runs blocks in one process; nothing but `flags` is allowed to them. */
async function runBlocks(flags: string[], blocks: Block[]): Promise<Outcome> {
  const directory = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    writeModules(directory, blocks);
    const args = ["test", "--check", "--no-prompt", ...flags, "run_test.ts"];
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      { args, cwd: directory, env: { NO_COLOR: "1" }, stdin: "null" },
    ).output();
    const decoder = new TextDecoder();
    const text = decoder.decode(stderr) + decoder.decode(stdout);
    return { success, output: withSources(text, directory) };
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

const ALL = [...DOCUMENTS, "mod.ts", ...sourcesBelow("lib")].flatMap(blocksIn);
const BLOCKS = ALL.filter((block) => block.info[0] === "ts");

const GROUPS = Object.entries(
  Object.groupBy(BLOCKS, (block) => flagsOf(block).join(" ")),
);

test("code blocks say ts, and nothing but flags of permissions", () => {
  const wrong = ALL.filter(({ info }) =>
    /^(typescript|[cm]?js|jsx|tsx|mts|javascript)$/i.test(info[0]!) ||
    info[0] === "ts" && !info.slice(1).every((word) => /^allow-/.test(word))
  );
  assert.deepEqual(wrong.map(nameOf), []);
});

for (const document of DOCUMENTS.filter((path) => path === "README.md")) {
  test(`${document} has code that runs`, () => {
    assert(BLOCKS.some((block) => block.source === document));
  });
}

for (const [flags, blocks] of GROUPS) {
  test(`docs run (${flags || "no permission"})`, async (t) => {
    const words = flags.split(" ").filter(Boolean);
    const { success, output } = await runBlocks(words, blocks!);
    assert(/\b\d+ passed/.test(output), output);
    for (const name of blocks!.map(nameOf)) {
      await t.test(name, () => {
        assert(
          output.includes(`\n${name} ... ok`),
          "fails; see the output below",
        );
      });
    }
    assert(success, output);
  });
}
