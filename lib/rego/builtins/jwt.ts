/**
 * `io.jwt.decode`: the parts of a token, none of them verified.
 *
 * @module
 */

import { toHex } from "../../bytes/encoding.ts";
import { type Builtins, failure } from "../builtin.ts";
import { parseJsonText } from "../json.ts";
import { isObject, isString, objectGet, type ObjectValue, type Value } from "../value.ts";
import { decodeBase64url, paidString, textOf, wellFormed } from "./encoding.ts";

function jsonObject(text: string): ObjectValue {
  const value = parseJsonText(wellFormed(text));
  if (!isObject(value)) throw failure("decoded JSON type was not an Object");
  return value;
}

function decode(token: string): Value {
  const [head, body, signature, ...more] = token.split(".", 4);
  if (signature === undefined || more.length > 0) {
    throw failure("encoded JWT must have 3 sections");
  }
  const header = jsonObject(textOf(decodeBase64url(head!)));
  if (objectGet(header, "enc") !== undefined) {
    throw failure("JWT is a JWE object, which is not supported");
  }
  const payload = textOf(decodeBase64url(body!));
  const type = objectGet(header, "cty");
  if (type !== undefined && !isString(type)) throw failure("JWT header cty is no string");
  // The signature of what holds another token counts for nothing here.
  if (type === "JWT") return decode(payload.replace(/^["']+|["']+$/g, ""));
  return [header, jsonObject(payload), toHex(decodeBase64url(signature))];
}

export const JWT: Builtins = {
  "io.jwt.decode": (args, context) => decode(paidString(args, 0, context)),
};
