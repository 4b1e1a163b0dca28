/**
 * Sets of policies, compiled together, and their digests.
 *
 * @module
 */

import { sha256 } from "../bytes/sha256.ts";
import type { Module, RegoVersion } from "./ast.ts";
import type { Expr, Program } from "./context.ts";
import { PolicyCompileError } from "./errors.ts";
import { parseModule, parseModuleAuto } from "./parser.ts";
import { compileProgram } from "./program.ts";
import { issueAt, type Source } from "./source.ts";

/** The language of a policy: `auto` tries v1, then v0. */
export type RegoVersionChoice = "auto" | RegoVersion;

/** One policy, read. */
export interface Policy {
  readonly module: Module;
  /** The SHA-256 of its source. */
  readonly hash: string;
}

/** One set of policies, compiled. Never changes: the engine puts another in its place. */
export interface PolicySet {
  readonly policies: ReadonlyMap<string, Policy>;
  readonly program: Program;
  /** What rule paths were compiled to. */
  readonly paths: Map<string, Expr>;
  /** What builtins keep. */
  readonly cache: Map<string, unknown>;
}

const DIGEST_PREFIX = "kest/v1/policy-rego\0";

/** Syntax that is nested so deeply that the call stack ends is a fault of the policy. */
function withinStack<T>(source: Source | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError) || !source) throw error;
    throw new PolicyCompileError([issueAt(source, 0, "rego_parse_error", "nested too deeply")]);
  }
}

/** Reads one policy. */
export function readPolicy(name: string, text: string, version: RegoVersionChoice): Policy {
  if (typeof name !== "string" || name === "") throw new TypeError("A policy needs a name");
  if (typeof text !== "string") throw new TypeError("A policy must be Rego source text");
  const source = text.toWellFormed();
  const module = withinStack(
    { file: name, source },
    () => version === "auto" ? parseModuleAuto(name, source) : parseModule(name, source, version),
  );
  return { module, hash: sha256(source) };
}

/** What the digest says of a policy. */
function digestedAs({ module, hash }: Policy): string {
  return `["${module.version}","${hash}"]`;
}

/** The policies as the digest orders them. */
function inDigestOrder(policies: ReadonlyMap<string, Policy>): readonly Policy[] {
  return [...policies.values()].sort((a, b) => digestedAs(a) < digestedAs(b) ? -1 : 1);
}

/** Compiles policies. Their names decide where problems are reported, and nothing else. */
export function compileSet(policies: ReadonlyMap<string, Policy>): PolicySet {
  const names = [...policies.keys()].sort();
  const modules = names.map((name) => policies.get(name)!.module);
  const ranks = new Map(inDigestOrder(policies).map(({ module }, rank) => [module, rank]));
  const program = withinStack(modules.at(-1), () => compileProgram(modules, ranks));
  return { policies, program, paths: new Map(), cache: new Map() };
}

/** The digest of policies and data (SPEC 8.3). */
export function digestOf({ policies }: PolicySet, dataText: string, strict: boolean): string {
  const modules = inDigestOrder(policies).map(digestedAs);
  return "rego:sha256:" +
    sha256(`${DIGEST_PREFIX}{"data":${dataText},"modules":[${modules}],"strict":${strict}}`);
}
