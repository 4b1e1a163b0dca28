/**
 * The head of a module: its package and what it imports.
 *
 * @module
 */

import type { Import } from "./ast.ts";
import { PolicyCompileError } from "./errors.ts";
import { MAX_PATH } from "./parse_terms.ts";
import { issueAt } from "./source.ts";
import { type Cursor, FUTURE, LOGICAL } from "./tokens.ts";

/** `package a.b`. */
export function readPackage(c: Cursor): string[] {
  if (!c.takeWord("package")) c.unexpected("package");
  return dotted(c);
}

/** `a.b["c"]`. */
function dotted(c: Cursor): string[] {
  const path = [c.expectKind("name", "a name")];
  while (!c.token.spaced) {
    if (path.length > MAX_PATH) c.fail(`more than ${MAX_PATH} parts in one name`);
    if (c.take(".")) path.push(c.expectKind("name", "a name after the dot"));
    else if (c.take("[")) {
      const { at } = c.token;
      path.push(c.unquoted(c.expectKind("string", "a string"), at));
      c.expect("]");
    } else return path;
  }
  return path;
}

/** One `import`. */
export function readImport(c: Cursor): Import {
  const { at } = c.token;
  c.index++;
  const { at: pathAt } = c.token;
  const path = dotted(c);
  const [root] = path;
  if (root === "rego" || root === "future") {
    if (root === "rego") regoImport(c, path, pathAt);
    else futureImport(c, path, pathAt);
    if (c.isWord("as")) c.fail(`\`${root}\` imports cannot be aliased`);
  } else if (root !== "data" && root !== "input") {
    const roots = "{data, future, input, rego}";
    c.fail(`unexpected import path, must begin with one of: ${roots}`, pathAt);
  }
  return { path, name: alias(c, path, pathAt), at };
}

/** The name of an import: its alias, or the last of its path. */
function alias(c: Cursor, path: readonly string[], pathAt: number): string {
  if (c.takeWord("as")) {
    const { kind, text } = c.token;
    if (kind !== "name" || c.isReserved(text)) c.unexpected("an alias");
    if (text === "input" || text === "data") {
      c.fail(`unexpected import alias, must not be a reserved name, got: ${text}`);
    }
    c.index++;
    return text;
  }
  const name = path.at(-1)!;
  if (c.isReserved(name) && path[0] !== "future") {
    c.fail(`unexpected import path, must not end with a keyword, got: ${name}`, pathAt);
  }
  return name;
}

function regoImport(c: Cursor, path: readonly string[], at: number): void {
  const version = path.join(".");
  if (version !== "rego.v1" && version !== "rego.v2") {
    c.fail(`invalid import ${version}: must be rego.v1 or rego.v2`, at);
  }
  c.version = "v1";
  const words = version === "rego.v1" ? FUTURE : [...FUTURE, ...LOGICAL, "not"];
  words.forEach((word) => c.keywords.add(word));
}

function futureImport(c: Cursor, path: readonly string[], at: number): void {
  const [, keywords, word] = path;
  const known = [...FUTURE, ...LOGICAL, "not"];
  if (keywords !== "keywords" || path.length > 3 || (word && !known.includes(word))) {
    c.fail(`unexpected keyword in ${path.join(".")}, must be one of [${known}]`, at);
  }
  for (const one of word ? [word] : known) c.keywords.add(one);
  if (word === "every") c.keywords.add("in");
}

/** v1: no two imports have one name. */
export function refuseTwice(c: Cursor, imports: readonly Import[]): void {
  const seen = new Map<string, Import>();
  for (const imported of imports) {
    const { name, at } = imported;
    const before = seen.get(name);
    if (before) {
      const text = `import must not shadow import ${before.path.join(".")}`;
      throw new PolicyCompileError([issueAt(c.source, at, "rego_compile_error", text)]);
    }
    seen.set(name, imported);
  }
}
