/**
 * Packs the npm package, installs it and tests it as its users have it: types,
 * the portable tests under this machine's Node and under the newest, the
 * command line.
 *
 * Usage: `deno task test:node`
 *
 * @module
 */

import { dirname, join } from "node:path";
import { filesBelow, pack, ROOT, run } from "./pack.ts";

const PORTABLE = "tests/portable";

// ---- The calls of the public API that depend on its shape. ----

/** Writes good.json, tampered.json and trust.json. */
const MAKE_PASSPORTS = `
import { createKest, generateKey, trustPolicy } from "@kest/kest";
import { LocalOpaEngine } from "@kest/kest/rego";
import { writeFileSync } from "node:fs";

const signer = await generateKey();
const policyEngine = new LocalOpaEngine();
const policy = 'package p\\n\\nallow if not "secret" in input.taints\\n';
policyEngine.addPolicy("p.rego", policy);
writeFileSync("p.rego", policy);
const kest = createKest({ signer, policyEngine });
const raw = await kest.originate({ a: 1 });
const double = kest.verified({ nodeId: "double", enforceRules: ["data.p.allow"] }, (x) => ({
  a: x.a * 2,
}));
const out = await double(raw);
const good = JSON.stringify(await out.passport.seal());
const tampered = good.replaceAll('"double"', '"triple"');
if (tampered === good) throw new Error("nothing was tampered with");
const trust = trustPolicy([
  { name: "me", key: signer.publicKey, nodes: ["*"], mayOriginate: "any" },
]);
writeFileSync("good.json", good);
writeFileSync("tampered.json", tampered);
writeFileSync("trust.json", JSON.stringify(trust));
`;

/** What `kest` is called with, and the exit code it must end with. */
const CLI_CASES: [name: string, args: string[], code: number][] = [
  ["good", ["verify", "good.json", "--trust", "trust.json"], 0],
  ["tampered", ["verify", "tampered.json", "--trust", "trust.json"], 1],
  ["missing", ["verify", "missing.json", "--trust", "trust.json"], 2],
  ["good", ["replay", "good.json", "--policy", "p.rego"], 0],
  ["good", ["policy", "check", "p.rego"], 0],
  ["good", ["page", "good.json", "-o", "good.html", "--policy", "p.rego"], 0],
  ["page", ["verify", "good.html", "--trust", "trust.json"], 0],
];

/** Compiles only if the declarations are found and hold types. */
const CONSUMER = `
import { createKest, generateKey, KestError } from "@kest/kest";
import { main, processIo } from "@kest/kest/cli";

const kest = createKest({ signer: await generateKey() });
const raw = await kest.originate({ a: 1 });
const double = kest.verified({ nodeId: "double" }, (x: { a: number }) => x.a * 2);
export const result: number = (await double(raw)).data;
export const code: Promise<number> = main([], processIo());
export const error: Error = new KestError("PARSE", "");
// @ts-expect-error Not any: a number is no string.
export const wrong: string = (await double(raw)).data;
`;

// ---------------------------------------------------------------

const TYPESCRIPT = "typescript@5.9.3";

const TSC_FLAGS = [
  ...["--noEmit", "--strict", "--skipLibCheck", "false"],
  ...["--target", "es2023", "--module", "nodenext"],
  ...["--moduleResolution", "nodenext"],
];

interface Counts {
  passed: number;
  failed: number;
}

async function installPackage(directory: string): Promise<void> {
  const tarball = await pack();
  const { imports } = JSON.parse(
    await Deno.readTextFile(join(ROOT, "deno.json")),
  );
  const fastCheck = String(imports["fast-check"]).replace(/^npm:/, "");
  const manifest = JSON.stringify({ private: true, type: "module" });
  await Deno.writeTextFile(join(directory, "package.json"), manifest);
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", [...args, tarball, fastCheck, TYPESCRIPT], {
    cwd: directory,
  });
}

/** Code of a portable test, importing the package in place of the checkout. */
function asConsumer(code: string): string {
  return code
    .replace(/(["'])(?:\.\.\/)+mod\.ts\1/g, '"@kest/kest"')
    .replace(/(["']\.{1,2}\/[^"'\n]*)\.ts(["'])/g, "$1.js$2");
}

/** Copies what lies below tests/, each ts file of the portable tests rewritten. */
async function copyTests(directory: string): Promise<string[]> {
  const sources: string[] = [];
  for (const file of await filesBelow(join(ROOT, "tests"))) {
    const path = `tests/${file}`;
    const isTs = path.endsWith(".ts");
    if (isTs && !path.startsWith(PORTABLE)) continue;
    const target = join(directory, path);
    await Deno.mkdir(dirname(target), { recursive: true });
    if (!isTs) {
      await Deno.copyFile(join(ROOT, path), target);
      continue;
    }
    const code = await Deno.readTextFile(join(ROOT, path));
    await Deno.writeTextFile(target, asConsumer(code));
    sources.push(path);
  }
  return sources;
}

/** Puts the portable tests into `directory` as JavaScript; returns their paths. */
async function transpileTests(directory: string): Promise<string[]> {
  const sources = await copyTests(directory);
  for (const path of sources) {
    const js = path.replace(/\.ts$/, ".js");
    const args = ["transpile", "--no-config", "--no-check", "-o", js, path];
    await run(Deno.execPath(), args, { cwd: directory });
  }
  return sources.filter((path) => path.endsWith("_test.ts"))
    .map((path) => path.replace(/\.ts$/, ".js"));
}

function countOf(output: string, word: "pass" | "fail"): number {
  const last = [...output.matchAll(new RegExp(`^# ${word} (\\d+)$`, "gm"))].at(
    -1,
  );
  if (!last) throw new Error(`node --test printed no totals:\n${output}`);
  return Number(last[1]);
}

/** Runs the tests under one Node, `command` with `prefix` before its arguments. */
async function testUnder(
  command: string,
  prefix: string[],
  files: string[],
  directory: string,
): Promise<Counts> {
  const options = { cwd: directory, check: false };
  const version = await run(command, [...prefix, "--version"], {
    cwd: directory,
  });
  const args = [...prefix, "--test", "--test-reporter=tap", ...files];
  const { code, stdout, stderr } = await run(command, args, options);
  const passed = countOf(stdout, "pass");
  const failed = countOf(stdout, "fail");
  if (code !== 0 || failed > 0) console.log(stdout + stderr);
  console.log(
    `Node ${version.stdout.trim()}: ${passed} passed, ${failed} failed`,
  );
  return { passed, failed: code === 0 ? failed : Math.max(failed, 1) };
}

/** Runs one check that throws when it fails. */
async function step(name: string, check: () => Promise<void>): Promise<Counts> {
  try {
    await check();
    console.log(`${name}: ok`);
    return { passed: 1, failed: 0 };
  } catch (error) {
    console.log(`${name}: FAILED`);
    console.log(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
  }
}

async function checkTypes(directory: string): Promise<void> {
  await Deno.writeTextFile(join(directory, "consumer.ts"), CONSUMER);
  const args = ["--no-install", "tsc", ...TSC_FLAGS, "consumer.ts"];
  await run("npx", args, { cwd: directory });
}

async function makePassports(directory: string): Promise<void> {
  await Deno.writeTextFile(join(directory, "make.js"), MAKE_PASSPORTS);
  await run("node", ["make.js"], { cwd: directory });
}

async function expectCode(
  args: string[],
  expected: number,
  directory: string,
): Promise<void> {
  const options = { cwd: directory, check: false };
  const result = await run("npx", ["--no-install", "kest", ...args], options);
  if (result.code === expected) return;
  throw new Error(
    `exit code ${result.code} in place of ${expected}\n` +
      result.stdout + result.stderr,
  );
}

/** Node's page is Deno's, byte for byte. */
async function comparePages(directory: string): Promise<void> {
  const [passport, policy] = ["good.json", "p.rego"].map((file) => join(directory, file));
  const args = ["page", passport!, "-o", join(directory, "deno.html"), "--policy", policy!];
  const main = join(ROOT, "lib/cli/main.ts");
  const rights = ["--allow-read", "--allow-write", "--no-prompt"];
  await run(Deno.execPath(), ["run", ...rights, main, ...args], { cwd: directory });
  // The names of policies are shown in the page: Node is given the same paths.
  args[3] = join(directory, "node.html");
  await run("npx", ["--no-install", "kest", ...args], { cwd: directory });
  const [a, b] = await Promise.all(
    ["deno.html", "node.html"].map((file) => Deno.readTextFile(join(directory, file))),
  );
  if (a !== b || a!.length < 10_000) throw new Error("Deno and Node make different pages");
}

/** Starts `kest explore`, and ends it once it has said where it serves. */
async function explore(directory: string): Promise<void> {
  const child = new Deno.Command("node", {
    args: ["node_modules/@kest/kest/bin/kest.js", "explore", "good.json", "--no-open"],
    cwd: directory,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (!said.includes("Ctrl-C")) continue;
    child.kill("SIGTERM");
  }
  const { code } = await child.status;
  if (code === 0 && /http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\//.test(said)) return;
  throw new Error(`exit code ${code}\n${said}`);
}

async function testInstalled(directory: string): Promise<Counts[]> {
  await installPackage(directory);
  const files = await transpileTests(directory);
  if (files.length === 0) throw new Error(`${PORTABLE} holds no test`);
  const counts = [
    await step("types", () => checkTypes(directory)),
    await testUnder("node", [], files, directory),
    await testUnder("npx", ["-y", "node@latest"], files, directory),
    await step("passports", () => makePassports(directory)),
  ];
  for (const [name, args, code] of CLI_CASES) {
    const check = () => expectCode(args, code, directory);
    counts.push(await step(`kest ${args[0]}, ${name} file`, check));
  }
  counts.push(await step("kest page, the same bytes", () => comparePages(directory)));
  counts.push(await step("kest explore", () => explore(directory)));
  return counts;
}

const directory = await Deno.makeTempDir({ prefix: "kest-node-" });
try {
  const counts = await testInstalled(directory);
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  console.log(`${passed} passed, ${failed} failed`);
  Deno.exitCode = failed === 0 ? 0 : 1;
} finally {
  await Deno.remove(directory, { recursive: true });
}
