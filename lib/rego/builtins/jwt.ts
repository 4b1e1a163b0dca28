/**
 * JSON Web Tokens, decoded. Nothing is verified.
 *
 * @module
 */

import { type BuiltinContext, type Builtins, failure, stringAt } from "../builtin.ts";
import { toHex } from "../../bytes/encoding.ts";
import { parseJsonText } from "../json.ts";
import { isObject, isString, objectGet, type ObjectValue, type Value } from "../value.ts";
import { base64urlBytes } from "./encoding.ts";
import { textOf } from "./octets.ts";

function objectOf(text: string, what: string): ObjectValue {
  const value = parseJsonText(text);
  if (!isObject(value)) throw failure(`JWT ${what} is not a JSON object`);
  return value;
}

function bytesOf(part: string, what: string): Uint8Array {
  try {
    return base64urlBytes(part);
  } catch {
    throw failure(`JWT ${what} had invalid encoding`);
  }
}

function decode(token: string, depth: number): Value {
  const parts = token.split(".");
  if (parts.length === 5) throw failure("JWT is a JWE object, which is not supported");
  if (parts.length !== 3) throw failure(`encoded JWT must have 3 sections, found ${parts.length}`);
  if (depth > 8) throw failure("JWT is nested too deeply");
  const header = objectOf(textOf(bytesOf(parts[0]!, "header")), "header");
  if (objectGet(header, "enc") !== undefined) throw failure("JWT is a JWE object");
  const payload = textOf(bytesOf(parts[1]!, "payload"));
  const type = objectGet(header, "cty");
  // A token inside of a token stands in quotes.
  if (isString(type) && type === "JWT") {
    return decode(payload.replace(/^["']+|["']+$/g, ""), depth + 1);
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
