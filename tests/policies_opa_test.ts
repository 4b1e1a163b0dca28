// What only the opa binary can say; the rest of the suite does not need it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const TOOL = "policies/build.ts";

/** Runs a program; `undefined` if there is no such program. */
function run(
  program: string,
  args: readonly string[],
): { code: number; output: string } | undefined {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (error !== undefined && "code" in error && error.code === "ENOENT") return undefined;
  if (error !== undefined) throw error;
  return { code: status ?? -1, output: `${stdout}${stderr}` };
}

function leftOut(what: string, program: string): void {
  console.log(`Left out: ${what}; there is no ${program} on PATH`);
}

const hasOpa = run("opa", ["version"]) !== undefined;
const deno = "Deno" in globalThis ? process.execPath : "deno";

// The JSON Schemas beside the policies would be loaded as data, hence --ignore.
test("opa test passes on the policies", () => {
  if (!hasOpa) return leftOut("opa test policies", "opa");
  const result = run("opa", ["test", "--ignore", "*.json", "policies"]);
  assert.equal(result?.code, 0, result?.output);
});

test("opa check accepts the policies in strict mode", () => {
  if (!hasOpa) return leftOut("opa check --strict policies", "opa");
  const result = run("opa", ["check", "--strict", "--ignore", "*.json", "policies"]);
  assert.equal(result?.code, 0, result?.output);
});

test("quickstart.wasm agrees with the policies", () => {
  if (!hasOpa) return leftOut(`${TOOL} --check`, "opa");
  const flags = ["--allow-read", "--allow-write", "--allow-run=opa"];
  const result = run(deno, ["run", "--frozen", ...flags, TOOL, "--check"]);
  if (result === undefined) return leftOut(`${TOOL} --check`, "deno");
  assert.equal(result.code, 0, result.output);
});
