/**
 * JSON Web Tokens, decoded. Nothing is verified.
 *
 * @module
 */

import { type BuiltinContext, type Builtins, failure, stringAt } from "../builtin.ts";
import { toHex } from "../../bytes/encoding.ts";
import { parseJsonText } from "../json.ts";
import { limitError, rethrowOverflow } from "../limits.ts";
import { isObject, isString, objectGet, type ObjectValue, type Value } from "../value.ts";
import { base64urlBytes } from "./encoding.ts";
import { textOf } from "./octets.ts";

/** Tokens within tokens. */
const MAX_DEPTH = 8;

function objectOf(text: string, what: string): ObjectValue {
  const value = parseJsonText(text);
  if (!isObject(value)) throw failure(`JWT ${what} is not a JSON object`);
  return value;
}

function bytesOf(part: string, what: string): Uint8Array {
  try {
    return base64urlBytes(part);
  } catch (error) {
    rethrowOverflow(error);
    throw failure(`JWT ${what} had invalid encoding`);
  }
}

function withoutQuotes(text: string): string {
  const isQuote = (at: number) => text[at] === '"' || text[at] === "'";
  let start = 0;
  let end = text.length;
  while (isQuote(start)) start++;
  while (end > start && isQuote(end - 1)) end--;
  return text.slice(start, end);
}

function decode(token: string, depth: number): Value {
  const parts = token.split(".");
  if (parts.length === 5) throw failure("JWT is a JWE object, which is not supported");
  if (parts.length !== 3) throw failure(`encoded JWT must have 3 sections, found ${parts.length}`);
  if (depth > MAX_DEPTH) throw limitError(`JWT nested deeper than ${MAX_DEPTH} levels`);
  const header = objectOf(textOf(bytesOf(parts[0]!, "header")), "header");
  if (objectGet(header, "enc") !== undefined) throw failure("JWT is a JWE object");
  const payload = textOf(bytesOf(parts[1]!, "payload"));
  const type = objectGet(header, "cty");
  // A token inside of a token stands in quotes.
  if (isString(type) && type === "JWT") {
    return decode(withoutQuotes(payload), depth + 1);
  }
  return [header, objectOf(payload, "payload"), toHex(bytesOf(parts[2]!, "signature"))];
}

export const JWT: Builtins = {
  "io.jwt.decode/1": (args: readonly Value[], context: BuiltinContext) => {
    const token = stringAt(args, 0);
    context.spend(1 + token.length);
    return decode(token, 0);
  },
};
