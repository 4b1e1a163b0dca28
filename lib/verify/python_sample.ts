/**
 * Telling passports of the Python package, and the wrapper its samples come in,
 * from other JSON.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { type PublicKey, publicKeyFromJwk } from "../keys/public_key.ts";
import type { JsonObject } from "../lineage/reader.ts";
import { isObject, refuse } from "./python_object.ts";
import type { PythonKestVersion, PythonSample } from "./python_types.ts";

/**
 * Whether a parsed value looks like a passport of the Python package: it has
 * `history` and `origin`, and no `version`. One without `signature` is unsigned.
 */
export function isPythonPassport(value: unknown): boolean {
  return isObject(value) && Object.hasOwn(value, "history") && Object.hasOwn(value, "origin") &&
    !Object.hasOwn(value, "version");
}

function versionOf(sample: JsonObject): PythonKestVersion | null {
  if (!Object.hasOwn(sample, "kest_version")) return null;
  const version = sample.kest_version;
  if (typeof version === "string") {
    if (/^0\.1(?:\.|$)/.test(version)) return "0.1";
    if (/^0\.2(?:\.|$)/.test(version)) return "0.2";
  }
  refuse("VERSION", "/kest_version", "Expected a version 0.1 or 0.2");
}

function keyOf(sample: JsonObject): PublicKey | null {
  if (!Object.hasOwn(sample, "public_key")) return null;
  try {
    return publicKeyFromJwk(sample.public_key);
  } catch (error) {
    refuse("FIELD", "/public_key", messageOf(error));
  }
}

/**
 * Opens the wrapper `{kest_version, public_key, expect, passport}` of a parsed
 * sample file; `undefined` if the value is no such wrapper. The passport in it
 * is not read.
 *
 * @throws {ParseError} `VERSION` if it names another version, `FIELD` if its key
 * is not a sound Ed25519 JWK.
 */
export function unwrapPythonSample(value: unknown): PythonSample | undefined {
  if (!isObject(value) || !Object.hasOwn(value, "passport")) return undefined;
  if (Object.hasOwn(value, "history")) return undefined;
  if (!Object.hasOwn(value, "kest_version") && !Object.hasOwn(value, "public_key")) {
    return undefined;
  }
  const expect = Object.hasOwn(value, "expect") ? value.expect : null;
  return Object.freeze({
    kestVersion: versionOf(value),
    embeddedKey: keyOf(value),
    expect: typeof expect === "string" ? expect : null,
    passport: value.passport,
  });
}
