/**
 * The tree is the architecture: what may import what, and what may not be there.
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A file may import from its own layer and from those before it. */
const LAYERS = [
  "base",
  "bytes",
  "rego",
  "keys",
  "lineage",
  "policy",
  "verify",
  "track",
  "page",
  "cli",
];

const MAX_LINES = 400;

/** Files that may be longer, each with the reason. */
const LONG_FILES: Record<string, string> = {};

const FORBIDDEN = [
  [/(?<![\w$.])console\s*[.[]/, "console"],
  [/(?<![\w$.])eval\s*\(/, "eval"],
  [/\bnew\s+Function\s*\(/, "new Function"],
] as const;

function filesBelow(directory: string, name: RegExp): string[] {
  if (!existsSync(join(ROOT, directory))) return [];
  return readdirSync(join(ROOT, directory), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${directory}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(path, name);
      return name.test(entry.name) ? [path] : [];
    })
    .sort();
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Comments, template strings, other strings: whichever begins first. */
const LEXEMES =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|`(?:\\[\s\S]|[^`\\])*`|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

function withoutComments(code: string): string {
  return code.replace(
    LEXEMES,
    (lexeme) => lexeme.startsWith("/") ? blank(lexeme) : lexeme,
  );
}

function withoutCommentsAndStrings(code: string): string {
  // Template strings stay: they may hold code.
  return code.replace(
    LEXEMES,
    (lexeme) => lexeme.startsWith("`") ? lexeme : blank(lexeme),
  );
}

const IMPORT = new RegExp(
  [
    // import … from "x", export … from "x", with or without `type`
    /^[ \t]*(?:import|export)\b[^;"'`()=]*?\bfrom\s*["']([^"'\n]+)["']/,
    // import "x"
    /^[ \t]*import\s*["']([^"'\n]+)["']/,
    // import("x"), also in a type
    /(?<![\w$.])import\s*\(\s*["'`]([^"'`\n]+)["'`]/,
  ].map((part) => part.source).join("|"),
  "gm",
);

/** Every module specifier of a source, type-only and dynamic ones too. */
function importsOf(code: string): string[] {
  return [...withoutComments(code).matchAll(IMPORT)]
    .map((match) => match[1] ?? match[2] ?? match[3]!);
}

/** The path in the checkout that a relative specifier leads to. */
function resolve(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

function localImports(file: string): string[] {
  return importsOf(read(file))
    .filter((specifier) => /^\.{0,2}\//.test(specifier))
    .map((specifier) => resolve(file, specifier));
}

/** The place of a file in {@linkcode LAYERS}; -1 outside of them. */
function layerOf(path: string): number {
  return LAYERS.indexOf(/^lib\/([^/]+)\//.exec(path)?.[1] ?? "");
}

/** The files of one cycle, in order, or `undefined` if there is none. */
function findCycle(graph: Map<string, string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): string[] | undefined => {
    if (trail.includes(file)) {
      return [...trail.slice(trail.indexOf(file)), file];
    }
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...trail, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

const LIB = filesBelow("lib", /\.ts$/);

test("importsOf() sees every form of import and no comment", () => {
  const code = [
    `import a, { type b } from "./a.ts";`,
    `import type {`,
    `  C,`,
    `} from "./b.ts";`,
    `import * as d from './c.ts';`,
    `import "./d.ts";`,
    `export { e } from "./e.ts";`,
    `export type * from "./f.ts";`,
    `// import x from "./no1.ts";`,
    `/** import y from "./no2.ts"; */`,
    `const url = "https://example.org"; const g = await import("./g.ts");`,
    `let h: import("./h.ts").H;`,
    `const text = 'import z from "./no3.ts"';`,
  ].join("\n");
  const found = importsOf(code).map((specifier) => specifier.slice(2, 3));
  assert.deepEqual(found, ["a", "b", "c", "d", "e", "f", "g", "h"]);
});

test("findCycle() finds a cycle and only a cycle", () => {
  const diamond = new Map([["a", ["b", "c"]], ["b", ["d"]], ["c", ["d"]]]);
  assert.equal(findCycle(diamond), undefined);
  diamond.set("d", ["b"]);
  assert.deepEqual(findCycle(diamond), ["b", "d", "b"]);
});

test("every file of lib is in a layer", () => {
  assert(LIB.length > 0, "lib is empty");
  assert.deepEqual(LIB.filter((file) => layerOf(file) < 0), []);
});

test("lib imports go one way", () => {
  const wrong = LIB.flatMap((file) =>
    localImports(file)
      .filter((to) => layerOf(to) < 0 || layerOf(to) > layerOf(file))
      .map((to) => `${file} -> ${to}`)
  );
  assert.deepEqual(wrong, []);
});

test("lib has no import cycles", () => {
  const graph = new Map(LIB.map((file) => [file, localImports(file)]));
  assert.equal(findCycle(graph)?.join(" -> "), undefined);
});

/** The folders of the explorer, and what each may import from besides lib and itself. */
const EXPLORER: Readonly<Record<string, readonly string[]>> = {
  graph: [],
  work: ["graph"],
  view: ["work", "graph"],
};

test("the explorer's imports go one way, without cycles", () => {
  const files = filesBelow("explorer", /\.tsx?$/);
  const folderOf = (file: string) => file.split("/")[1]!;
  const inFolders = files.filter((file) => file.split("/").length > 2);
  assert.deepEqual(inFolders.filter((file) => !Object.hasOwn(EXPLORER, folderOf(file))), []);
  const wrong = inFolders.flatMap((file) => {
    const folder = folderOf(file);
    const allowed = [folder, ...EXPLORER[folder]!].map((name) => `explorer/${name}/`);
    return localImports(file)
      .filter((to) => !["lib/", ...allowed].some((start) => to.startsWith(start)))
      .map((to) => `${file} -> ${to}`);
  });
  assert.deepEqual(wrong, []);
  const graph = new Map(files.map((file) => [file, localImports(file)]));
  assert.equal(findCycle(graph)?.join(" -> "), undefined);
});

test("lib imports only what deno.json names", () => {
  const known = Object.keys(JSON.parse(read("deno.json")).imports);
  const wrong = LIB.flatMap((file) =>
    importsOf(read(file))
      .filter((specifier) => !specifier.startsWith("."))
      .filter((specifier) => !known.some((name) => `${specifier}/`.startsWith(`${name}/`)))
      .map((specifier) => `${file}: ${specifier}`)
  );
  assert.deepEqual(wrong, [], "modules of Node come from builtinModule()");
});

test("mod.ts imports only lib and names what it exports", () => {
  const wrong = importsOf(read("mod.ts"))
    .filter((specifier) => layerOf(resolve("mod.ts", specifier)) < 0);
  assert.deepEqual(wrong, []);
  const code = withoutComments(read("mod.ts"));
  assert.doesNotMatch(code, /\bexport\s+(?:type\s+)?\*/);
});

test("examples import only the public module", () => {
  const wrong = filesBelow("examples", /\.ts$/).flatMap((file) =>
    importsOf(read(file))
      .filter((specifier) =>
        !specifier.startsWith("node:") && specifier !== "@kest/kest" &&
        resolve(file, specifier) !== "mod.ts"
      )
      .map((specifier) => `${file}: ${specifier}`)
  );
  assert.deepEqual(wrong, []);
});

test(`no file of lib or the explorer is longer than ${MAX_LINES} lines`, () => {
  const long = [...LIB, ...filesBelow("explorer", /\.tsx?$/)].filter((file) =>
    read(file).split("\n").length - 1 > MAX_LINES
  );
  assert.deepEqual(long, Object.keys(LONG_FILES).sort());
});

test("lib does not print and does not evaluate strings", () => {
  const wrong = LIB.filter((file) => !file.startsWith("lib/cli/"))
    .flatMap((file) => {
      const code = withoutCommentsAndStrings(read(file));
      return FORBIDDEN.filter(([pattern]) => pattern.test(code))
        .map(([, name]) => `${file}: ${name}`);
    });
  assert.deepEqual(wrong, []);
});

/** One statement that begins at a line, by the indentation `deno fmt` gives it. */
function statementAt(lines: string[], start: number): string {
  const indent = /^ */.exec(lines[start]!)![0];
  if (/[;}]$/.test(lines[start]!)) return lines[start]!;
  let end = start + 1;
  while (end < lines.length && !isEnd(lines[end]!, indent)) end++;
  return lines.slice(start, end + 1).join("\n");
}

function isEnd(line: string, indent: string): boolean {
  return line.startsWith(indent) &&
    /^[})\]].*[;}]$/.test(line.slice(indent.length));
}

interface Found {
  file: string;
  line: number;
  name: string;
  code: string;
}

function find(files: string[], start: RegExp): Found[] {
  return files.flatMap((file) => {
    const lines = withoutComments(read(file)).split("\n");
    return lines.flatMap((line, at) => {
      const match = start.exec(line);
      if (!match) return [];
      const code = statementAt(lines, at);
      return [{ file, line: at + 1, name: match[1] ?? "", code }];
    });
  });
}

/** Names of functions that assert: themselves, or through one that does. */
function assertingFunctions(files: string[]): RegExp {
  const functions = find(
    files,
    /^ *(?:export )?(?:(?:async )?function\*? |const )(\w+)\b.*[({]$|^ *(?:export )?(?:async )?function\*? (\w+)/,
  );
  const names = new Set(["assert\\w*"]);
  let before = 0;
  while (names.size > before) {
    before = names.size;
    const calls = callOf(names);
    for (const { name, code } of functions) {
      const body = code.slice(code.indexOf("(") + 1);
      if (name && calls.test(body)) names.add(name);
    }
  }
  return callOf(names);
}

function callOf(names: Set<string>): RegExp {
  return new RegExp(
    `\\b(?:${[...names].join("|")})(?:\\.\\w+)*(?:<[^(]*>)?\\(`,
  );
}

test("no test is without an assertion", () => {
  const files = filesBelow("tests", /\.ts$/);
  const asserts = assertingFunctions(files);
  const tests = find(
    files.filter((file) => file.endsWith("_test.ts")),
    /^ *(?:for \(.*\) |await )?(?:t\.)?(?:test|it|Deno\.test)(?:\.\w+)?\(/,
  );
  assert(tests.length > 0, "no test found");
  const wrong = tests.filter(({ code }) => !asserts.test(code))
    .map(({ file, line }) => `${file}:${line}`);
  assert.deepEqual(wrong, []);
});
