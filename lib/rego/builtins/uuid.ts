/**
 * UUIDs.
 *
 * @module
 */

import { type Builtins, stringAt } from "../builtin.ts";
import { jsonText } from "../json.ts";
import { fromBigInt } from "../number.ts";
import { uuidFrom } from "../random.ts";
import { isString, RegoObject, type Value } from "../value.ts";

const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;

/** 100 ns from 1582-10-15 to 1970-01-01. */
const GREGORIAN = 0x01b21dd213814000n;
const DOMAINS = ["Person", "Group", "Org"];

/** The 32 digits; whatever stands around the 36 characters of a UUID is taken for braces. */
function digitsOf(text: string): string | undefined {
  if (text.length > 45) return undefined;
  const lower = text.toLowerCase();
  if (/^[0-9a-f]{32}$/.test(lower)) return lower;
  const bare = text.length === 38 ? lower.slice(1, -1) : lower.replace(/^urn:uuid:/, "");
  return UUID.exec(bare)?.slice(1).join("");
}

function variantOf(octet: number): string {
  if ((octet & 0xc0) === 0x80) return "RFC4122";
  if ((octet & 0xe0) === 0xc0) return "Microsoft";
  return (octet & 0xe0) === 0xe0 ? "Future" : "Reserved";
}

/** Who made a UUID of versions 1 and 2. */
function macParts(digits: string): [string, Value][] {
  const first = parseInt(digits.slice(20, 22), 16);
  const variables = `${first & 2 ? "local" : "global"}:${first & 1 ? "multicast" : "unicast"}`;
  return [
    ["nodeid", digits.slice(20).match(/../g)!.join("-")],
    ["macvariables", variables],
    ["clocksequence", parseInt(digits.slice(16, 20), 16) & 0x3fff],
  ];
}

function timeOf(digits: string): Value {
  const high = BigInt(`0x${digits.slice(12, 16)}`) & 0xfffn;
  const time = (high << 48n) | BigInt(`0x${digits.slice(8, 12)}${digits.slice(0, 8)}`);
  return fromBigInt(BigInt.asIntN(64, (time - GREGORIAN) * 100n));
}

function parse(args: readonly Value[]): Value | undefined {
  const digits = digitsOf(stringAt(args, 0));
  if (digits === undefined) return undefined;
  const version = parseInt(digits[12]!, 16);
  const entries: [string, Value][] = [
    ["version", version],
    ["variant", variantOf(parseInt(digits.slice(16, 18), 16))],
  ];
  if (version === 1 || version === 2) entries.push(...macParts(digits), ["time", timeOf(digits)]);
  if (version === 2) {
    const domain = parseInt(digits.slice(18, 20), 16);
    entries.push(
      ["id", parseInt(digits.slice(0, 8), 16)],
      ["domain", DOMAINS[domain] ?? `Domain${domain}`],
    );
  }
  return new RegoObject(entries);
}

export const UUIDS: Builtins = {
  "uuid.parse/1": parse,
  "uuid.rfc4122/1": ([key], context) => {
    const text = isString(key!) ? key : jsonText(key!, (units) => context.spend(units));
    return uuidFrom(context.random("uuid.rfc4122", text));
  },
};
