import assert from "node:assert/strict";
import test from "node:test";
import { bundle, importsOf, reportOn } from "./bundle_check.ts";

const IMPORTING = [
  [`import{a as b}from"node:fs";b()`, "node:fs"],
  [`import"node:fs";`, "node:fs"],
  [`export*from'node:fs';`, "node:fs"],
  ["let a=await import(`node:fs`)", "node:fs"],
  [`var a=require("fs");`, "fs"],
  [`var a=__require("fs");`, "fs"],
] as const;

for (const [code, expected] of IMPORTING) {
  test(`importsOf() finds ${code}`, () => {
    assert.deepEqual(importsOf(code), [expected]);
  });
}

test("importsOf() takes a mere name of a module for no import", () => {
  assert.deepEqual(importsOf(`p.getBuiltinModule("node:crypto")`), []);
});

test("mod.ts bundles for browsers and imports nothing", async () => {
  const report = reportOn(await bundle(new URL("../mod.ts", import.meta.url)));
  console.log(`bundle: ${report.bytes} bytes, ${report.gzipBytes} with gzip`);
  assert.deepEqual(report.imports, []);
  assert(report.bytes > 1000, "an empty bundle proves nothing");
});
