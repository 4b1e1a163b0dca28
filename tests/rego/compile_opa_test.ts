// Every policy of compile_corpus.txt is refused where OPA refuses it, and only there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LocalOpaEngine, PolicyCompileError } from "../../lib/rego/mod.ts";
import { MISSING, type Server, withServer } from "../opa_server.ts";

/** What is wrong with a policy, if something is. */
interface Fault {
  readonly code: string;
  readonly message: string;
  readonly row: number | undefined;
  readonly col: number | undefined;
}

const CORPUS = readFileSync(new URL("compile_corpus.txt", import.meta.url), "utf8")
  .trimEnd().split("\n---\n").map((rules) => `package p\n\n${rules}\n`);

/** Where OPA checks more than the engine: some types, and the YAML of comments. */
const UNCHECKED = /match error|invalid argument\(s\)|undefined ref|annotation|METADATA|yaml:/;

/** Policies that the engine reads otherwise, with the reason. */
const OTHERWISE: Readonly<Record<string, string>> = {
  "p := http.send({})": "the engine has no network",
  "p := opa.runtime()": "the engine does not show its host",
  "p := rego.metadata.rule()": "the engine does not show policy source",
  "_ := 1": "a rule that nothing can ask",
  "p [x] := 1 if x := 1": "a space inside a head",
  "with http.send as": "the engine has no network, not even a mock of it",
  "with internal.member_2": "OPA's internal names are plain names here",
  "some input in [": "OPA accepts the name, and then means the document by it",
  "with sum as all": "deprecated functions are refused as replacements too",
  "with print as": "print cannot be replaced",
  "every k, k in": "the second of two equal names counts",
  "p := every.x": "a reference may begin with a word of the language",
  "f[g](x) := 1": "refused as a rule's name, before its variables are looked at",
  "p := [x | x := 1,\n": "reported where the array goes wrong, not the comprehension",
  "default p := true\ndefault": "reported at the second default, not at the package",
  "p[x](y) := 1": "refused as a rule's name, before its variables are looked at",
  "p := f(1)(2)": "refused as a function, before the next statement is looked at",
  'p if { $"{x}" == "1"; x := 1 }': "unsafe where OPA calls it used before it is assigned",
  "with input[0] as 1": "refused as a target, where OPA refuses the reference before it",
  "p if input.x with input[x] as 1": "refused as a target, before its variables are looked at",
  'p := $"{input.x}\n': "reported where the template begins, not where the file ends",
  "default p := 2": "reported at the second default, not at the package",
};

async function askOpa({ url }: Server, source: string): Promise<Fault | undefined> {
  const response = await fetch(`${url}/v1/policies/p`, { method: "PUT", body: source });
  const { errors } = await response.json();
  if (response.ok) return undefined;
  const [{ code, message, location }] = errors;
  return { code, message, row: location?.row, col: location?.col };
}

function askEngine(source: string, regoVersion: "v0" | "v1"): Fault | undefined {
  try {
    new LocalOpaEngine({ regoVersion }).addPolicy("p", source);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof PolicyCompileError, String(error));
    return error.issues[0]!;
  }
}

function text(fault: Fault | undefined): string {
  return fault ? `${fault.code} ${fault.row}:${fault.col} ${fault.message}` : "accepted";
}

/** Parse errors agree in the row, in v0 that of what v1 made a word may be another. */
function agree(opa: Fault | undefined, own: Fault | undefined, version: string): boolean {
  if (!opa || !own) return !opa === !own;
  if (opa.code !== own.code) return false;
  if (opa.code === "rego_parse_error") return version === "v0" || opa.row === own.row;
  return opa.row === undefined || (opa.row === own.row && opa.col === own.col);
}

for (const version of ["v0", "v1"] as const) {
  test(`the compiler agrees with OPA on ${version}`, async (t) => {
    if (MISSING) return t.diagnostic(`Left out: the comparison: ${MISSING}`);
    const flags = version === "v0" ? ["--v0-compatible"] : [];
    let compared = 0;
    const differences: string[] = [];
    await withServer(flags, {}, async (server) => {
      for (const source of CORPUS) {
        if (Object.keys(OTHERWISE).some((known) => source.includes(known))) continue;
        const opa = await askOpa(server, source);
        const own = askEngine(source, version);
        if (!own && opa && UNCHECKED.test(opa.message)) continue;
        compared++;
        if (!agree(opa, own, version)) {
          differences.push(`${source}OPA: ${text(opa)}\nown: ${text(own)}`);
        }
      }
    });
    t.diagnostic(`${compared} compared`);
    assert.deepEqual(differences, []);
    assert.ok(compared > 1_000);
  });
}
