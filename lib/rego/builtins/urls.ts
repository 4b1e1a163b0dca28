/**
 * URLs and their queries, as Go reads and writes them.
 *
 * @module
 */

import {
  type BuiltinContext,
  type Builtins,
  failure,
  isReadable,
  objectAt,
  operandError,
  textBuiltin,
} from "../builtin.ts";
import { isArray, isSet, isString, objectEntries, RegoObject, type Value } from "../value.ts";
import { parseAddress } from "./cidr.ts";
import { bytesOf, textOf } from "./octets.ts";

function percent(text: string, isSafe: RegExp): string {
  let escaped = "";
  for (const octet of bytesOf(text)) {
    const character = String.fromCharCode(octet);
    escaped += octet < 0x80 && isSafe.test(character)
      ? character
      : `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

/** Text as it stands in a query. */
export function escapeQuery(text: string): string {
  return percent(text, /[A-Za-z0-9\-_.~ ]/).replaceAll(" ", "+");
}

/** Percent escapes undone; `undefined` if one is broken. */
function unescape(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  if (!text.includes("%")) return text;
  const bytes: number[] = [];
  const octets = bytesOf(text);
  for (let i = 0; i < octets.length; i++) {
    if (octets[i] !== 0x25) bytes.push(octets[i]!);
    else {
      bytes.push(parseInt(String.fromCharCode(octets[i + 1]!, octets[i + 2]!), 16));
      i += 2;
    }
  }
  return textOf(Uint8Array.from(bytes));
}

function unescapeQuery(text: string): string {
  const decoded = unescape(text.replaceAll("+", " "));
  if (decoded === undefined) throw failure("invalid URL escape");
  return decoded;
}

function stringsOf(value: Value): readonly string[] {
  const items = isString(value)
    ? [value]
    : isArray(value)
    ? value
    : isSet(value)
    ? value.sorted()
    : null;
  if (!items?.every(isString)) {
    throw operandError(1, "object with string, array or set of strings as values", value);
  }
  return items as readonly string[];
}

function encodeObject(args: readonly Value[], context: BuiltinContext): Value {
  const pairs: string[] = [];
  for (const [key, value] of objectEntries(objectAt(args, 0))) {
    const text = isString(key) ? key : "";
    context.spend(text.length / 8);
    const name = escapeQuery(text);
    for (const text of stringsOf(value)) {
      context.spend(1 + text.length / 8 + name.length / 16);
      pairs.push(`${name}=${escapeQuery(text)}`);
    }
  }
  return pairs.join("&");
}

function decodeObject(text: string, context: BuiltinContext): Value {
  const values = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    if (pair.includes(";")) throw failure("invalid semicolon separator in query");
    if (pair === "") continue;
    context.spend(2);
    const at = pair.indexOf("=");
    const name = unescapeQuery(at < 0 ? pair : pair.slice(0, at));
    const value = unescapeQuery(at < 0 ? "" : pair.slice(at + 1));
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  return new RegoObject(values);
}

interface Uri {
  scheme: string;
  hostname: string;
  port: string;
  path: string;
  rawPath: string;
  query: string;
  fragment: string;
}

const HOST = /^[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"\u0080-\u{10ffff}]*$/u;
const PATH_SAFE = /[A-Za-z0-9\-._~$&+,/:;=@]/;

/** The parts of a URL reference; `undefined` if Go would not read it. */
function parseUri(text: string): Uri | undefined {
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f]/.test(text)) return undefined;
  const hash = text.indexOf("#");
  const fragment = hash < 0 ? "" : unescape(text.slice(hash + 1));
  if (fragment === undefined) return undefined;
  const whole = hash < 0 ? text : text.slice(0, hash);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(whole)?.[1] ?? "";
  if (scheme === "" && /^:/.test(whole)) return undefined;
  let rest = scheme === "" ? whole : whole.slice(scheme.length + 1);
  const mark = rest.indexOf("?");
  const query = mark < 0 ? "" : rest.slice(mark + 1);
  if (mark >= 0) rest = rest.slice(0, mark);
  const uri: Uri = {
    scheme: scheme.toLowerCase(),
    hostname: "",
    port: "",
    path: "",
    rawPath: "",
    query,
    fragment,
  };
  if (!rest.startsWith("/")) {
    // Opaque: what follows the scheme is no path.
    if (scheme !== "") return uri;
    if (/^[^/]*:/.test(rest)) return undefined;
  }
  if (rest.startsWith("//") && (scheme !== "" || !rest.startsWith("///"))) {
    const end = rest.indexOf("/", 2);
    const authority = end < 0 ? rest.slice(2) : rest.slice(2, end);
    rest = end < 0 ? "" : rest.slice(end);
    if (!readAuthority(uri, authority)) return undefined;
  }
  return readPath(uri, rest) ? uri : undefined;
}

const USERINFO = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;

function readAuthority(uri: Uri, authority: string): boolean {
  const at = authority.lastIndexOf("@");
  if (at >= 0) {
    const user = authority.slice(0, at);
    if (!USERINFO.test(user) || unescape(user) === undefined) return false;
  }
  const host = authority.slice(at + 1);
  const bracket = /^\[([^\]]*)\](?::(\d*))?$/.exec(host);
  if (host.startsWith("[")) {
    const literal = bracket && unescape(bracket[1]!);
    const [address = "", zone] = literal?.split(/%(.*)/s) ?? [];
    if (!bracket || zone === "" || !address.includes(":") || parseAddress(address) === undefined) {
      return false;
    }
    uri.hostname = literal!;
    uri.port = bracket[2] ?? "";
    return true;
  }
  const match = /^([^:]*)(?::(\d*))?$/.exec(host);
  if (!match) return false;
  const hostname = match[1]!;
  // In a host, only what is not ASCII may be escaped.
  if (/%(?:25|[0-7][0-9A-Fa-f])/.test(hostname)) return false;
  const decoded = unescape(hostname);
  if (decoded === undefined || !HOST.test(decoded)) return false;
  uri.hostname = decoded;
  uri.port = match[2] ?? "";
  return true;
}

function readPath(uri: Uri, raw: string): boolean {
  const path = unescape(raw);
  if (path === undefined) return false;
  uri.path = path;
  const usual = percent(path, PATH_SAFE);
  uri.rawPath = usual === raw ? path : raw;
  return true;
}

function invalid(): never {
  throw failure("invalid URL");
}

function parse(text: string): Value {
  const uri = parseUri(text) ?? invalid();
  const { scheme, hostname, port, path, rawPath, query, fragment } = uri;
  const members: [string, string][] = [
    ["scheme", scheme],
    ["hostname", hostname],
    ["port", port],
    ["path", path],
    ["raw_path", path === "" ? "" : rawPath],
    ["raw_query", query],
    ["fragment", fragment],
  ];
  return new RegoObject(members.filter(([, value]) => value !== ""));
}

export const URLS: Builtins = {
  "uri.is_valid/1": isReadable((text) => text === "" ? invalid() : parse(text)),
  "uri.parse/1": textBuiltin(parse),
  "urlquery.decode/1": textBuiltin(unescapeQuery),
  "urlquery.decode_object/1": textBuiltin(decodeObject),
  "urlquery.encode/1": textBuiltin(escapeQuery),
  "urlquery.encode_object/1": encodeObject,
};
