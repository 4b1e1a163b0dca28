/**
 * Reads policies and queries, in the language that they are written in.
 *
 * @module
 */

import type { Body, Module, RegoVersion } from "./ast.ts";
import { PolicyCompileError } from "./errors.ts";
import { ParseFault } from "./lexer.ts";
import { BodyParser } from "./parse_bodies.ts";
import { ModuleParser } from "./parse_module.ts";
import { issueAt, type Source } from "./source.ts";
import { Cursor } from "./tokens.ts";

/** What `read` reads from a source, or where that failed. */
function attempted<T>(
  source: Source,
  version: RegoVersion,
  read: (cursor: Cursor) => T,
): T | ParseFault {
  let cursor: Cursor | undefined;
  try {
    return read(cursor = new Cursor(source, version));
  } catch (error) {
    if (!(error instanceof ParseFault)) throw error;
    return cursor ? cursor.furthest(error) : error;
  }
}

function tryModule(source: Source, version: RegoVersion): Module | ParseFault {
  return attempted(source, version, (cursor) => new ModuleParser(cursor).module());
}

function orThrow<T>(source: Source, read: T | ParseFault): T {
  if (!(read instanceof ParseFault)) return read;
  throw new PolicyCompileError([issueAt(source, read.at, "rego_parse_error", read.message)]);
}

/**
 * Reads a policy in one language.
 *
 * @throws {PolicyCompileError} `rego_parse_error` with the position.
 */
export function parseModule(file: string, text: string, version: RegoVersion): Module {
  const source = { file, source: text };
  return orThrow(source, tryModule(source, version));
}

const V1_WORD = /\b(?:if|in|every|contains)\b(?!\()/;

/** The line in which something lies. */
function lineAt({ source }: Source, at: number): string {
  const end = source.indexOf("\n", at);
  return source.slice(source.lastIndexOf("\n", at - 1) + 1, end < 0 ? undefined : end);
}

/**
 * Reads a policy as v1, or else as v0.
 *
 * @throws {PolicyCompileError} what v1 says, unless v0 can read more, up to a line
 * that is not of v1.
 */
export function parseModuleAuto(file: string, text: string): Module {
  const source = { file, source: text };
  const newer = tryModule(source, "v1");
  if (!(newer instanceof ParseFault)) return newer;
  const older = tryModule(source, "v0");
  if (!(older instanceof ParseFault)) return older;
  const isOlder = older.at > newer.at && !V1_WORD.test(lineAt(source, older.at));
  return orThrow<Module>(source, isOlder ? older : newer);
}

/**
 * Reads a query.
 *
 * @throws {PolicyCompileError} `rego_parse_error` with the position.
 */
export function parseQuery(text: string): Body {
  const source = { file: "query", source: text };
  const read = attempted(source, "v1", (cursor) => new BodyParser(cursor).body(""));
  return orThrow(source, read);
}
