/**
 * The engine that the policy commands ask, from the files they are given.
 *
 * @module
 */

import type { Module } from "../rego/ast.ts";
import { type CompileIssue, PolicyCompileError } from "../rego/errors.ts";
import {
  type AddedPolicy,
  LocalOpaEngine,
  type LocalOpaOptions,
  type RegoVersionChoice,
} from "../rego/local_opa.ts";
import { readPolicy } from "../rego/policy_set.ts";
import type { OptionSpec } from "./command.ts";
import { CliError } from "./errors.ts";
import { parseJson, readBytes } from "./files.ts";
import type { CliIo } from "./io.ts";
import { usageError } from "./options.ts";
import type { Parsed } from "./parsed.ts";
import type { PolicyFile } from "./policy_files.ts";

/** The option that names the policies. */
export const POLICY_OPTION: OptionSpec = {
  name: "policy",
  value: "FILE|DIR",
  many: true,
  required: true,
  help: "The policies: a file, or every *.rego below a directory but *_test.rego.",
};

/** The option that chooses the language. */
export const VERSION_OPTION: OptionSpec = {
  name: "rego-version",
  value: "v0|v1|auto",
  help: "The language of the policies. Default: auto, v1 and where that fails v0.",
};

/** The option that gives the base document. */
export const DATA_OPTION: OptionSpec = {
  name: "data",
  value: "FILE",
  help: "The base document data: a JSON object.",
};

/** Nesting and length of JSON that policies read. */
export const JSON_LIMITS = { depth: 256, stringLength: 64 * 1024 * 1024 };

/** Policies that compile together. */
export interface Compiled {
  readonly engine: LocalOpaEngine;
  readonly added: readonly AddedPolicy[];
  readonly modules: readonly Module[];
}

/** The language that `--rego-version` asks for. */
export function versionFrom(parsed: Parsed, command: string): RegoVersionChoice {
  const version = parsed.value("rego-version") ?? "auto";
  if (version === "v0" || version === "v1" || version === "auto") return version;
  throw usageError(command, `--rego-version is v0, v1 or auto, not ${version}`);
}

/** The object in a JSON file. */
export async function readObject(
  io: CliIo,
  file: string,
  hint: string,
  limits = JSON_LIMITS,
): Promise<Record<string, unknown>> {
  const value = parseJson(file, await readBytes(io, file), hint, limits);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new CliError(`${file}: not a JSON object; ${hint}`, { code: "DATA" });
}

/** The base document that `--data` gives. */
export async function dataFrom(parsed: Parsed, io: CliIo): Promise<Record<string, unknown>> {
  const file = parsed.value("data");
  return file === undefined ? {} : await readObject(io, file, "--data is the document data");
}

function moduleOf({ name, text }: PolicyFile, version: RegoVersionChoice): Module {
  return readPolicy(name, text, version).module;
}

/** Compiles policies together, or says all that is wrong: syntax of all files first, then sense. */
export function compilePolicies(
  files: readonly PolicyFile[],
  options: LocalOpaOptions & { readonly regoVersion: RegoVersionChoice },
): Compiled | { readonly problems: readonly CompileIssue[] } {
  const problems: CompileIssue[] = [];
  const attempt = <T>(step: () => T): T | undefined => {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof PolicyCompileError)) throw error;
      problems.push(...error.issues);
      return undefined;
    }
  };
  const modules = files.flatMap((file) => attempt(() => moduleOf(file, options.regoVersion)) ?? []);
  if (problems.length > 0) return { problems };
  const engine = new LocalOpaEngine(options);
  const added = attempt(() => engine.addPolicies(files.map(({ name, text }) => [name, text])));
  return added ? { engine, added, modules } : { problems };
}

/** The same, where a problem ends the command. */
export function compileOrFail(
  files: readonly PolicyFile[],
  options: LocalOpaOptions & { readonly regoVersion: RegoVersionChoice },
): Compiled {
  const compiled = compilePolicies(files, options);
  if (!("problems" in compiled)) return compiled;
  throw new CliError("the policies do not compile", {
    code: "POLICY_COMPILE",
    problems: compiled.problems,
  });
}
