/**
 * IP networks.
 *
 * @module
 */

import {
  type BuiltinContext,
  type Builtins,
  failure,
  isReadable,
  textBuiltin,
  textsBuiltin,
} from "../builtin.ts";
import { limitError } from "../limits.ts";
import {
  isArray,
  isObject,
  isSet,
  isString,
  objectEntries,
  RegoSet,
  type Value,
} from "../value.ts";

/** A network of 128-bit addresses; IPv4 lies in `::ffff:0:0/96`, as in Go. */
interface Network {
  readonly first: bigint;
  readonly last: bigint;
  /** How many bits are fixed. */
  readonly prefix: number;
}

const MAPPED = 0xffffn;
const OCTET = "(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

function isIpv4(address: bigint): boolean {
  return address >> 32n === MAPPED;
}

function joined(parts: readonly (string | number)[], bits: bigint): bigint {
  return parts.reduce<bigint>((value, part) => (value << bits) | BigInt(part), 0n);
}

/** The number of an IP address; `undefined` if the text is none. */
export function parseAddress(text: string): bigint | undefined {
  if (text.length > 50) return undefined;
  if (IPV4.test(text)) return (MAPPED << 32n) | joined(text.split("."), 8n);
  const url = `http://[${text}]`;
  if (!/^[\da-fA-F:.]+$/.test(text) || !URL.canParse(url)) return undefined;
  const [head = [], tail = []] = new URL(url).hostname.slice(1, -1).split("::")
    .map((half) => half.split(":").filter((group) => group !== "").map((group) => `0x${group}`));
  const zeros = Array<string>(8 - head.length - tail.length).fill("0x0");
  return joined([...head, ...zeros, ...tail], 16n);
}

function addressText(address: bigint): string {
  if (isIpv4(address)) {
    const low = Number(BigInt.asUintN(32, address));
    return `${low >>> 24}.${(low >>> 16) & 255}.${(low >>> 8) & 255}.${low & 255}`;
  }
  const groups = Array.from(
    { length: 8 },
    (_, i) => BigInt.asUintN(16, address >> BigInt(112 - 16 * i)).toString(16),
  ).join(":");
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}

function networkAt(address: bigint, prefix: number): Network {
  const hosts = (1n << BigInt(128 - prefix)) - 1n;
  return { first: address & ~hosts, last: address | hosts, prefix };
}

function networkText({ first, prefix }: Network): string {
  return `${addressText(first)}/${isIpv4(first) ? prefix - 96 : prefix}`;
}

function networkOf(text: string): Network {
  const [, address = "", digits] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const value = parseAddress(address);
  const prefix = Number(digits) + (address.includes(":") ? 0 : 96);
  if (value === undefined || prefix > 128) {
    throw failure(`invalid CIDR address: ${text.slice(0, 60)}`);
  }
  return networkAt(value, prefix);
}

function isInside({ first, last }: Network, address: bigint): boolean {
  return isIpv4(first) === isIpv4(address) && first <= address && address <= last;
}

function contains(cidr: string, other: string): boolean {
  const network = networkOf(cidr);
  const address = parseAddress(other);
  if (address !== undefined) return isInside(network, address);
  const inner = networkOf(other);
  return isInside(network, inner.first) && isInside(network, inner.last);
}

function intersects(a: string, b: string): boolean {
  const [x, y] = [networkOf(a), networkOf(b)];
  return isInside(x, y.first) || isInside(y, x.first);
}

/** What the text of an address takes. */
const IPV4_COST = 4;
const IPV6_COST = 32;

function expand(text: string, context: BuiltinContext): Value {
  const { first, last } = networkOf(text);
  const result = new RegoSet();
  const cost = isIpv4(first) ? IPV4_COST : IPV6_COST;
  for (let address = first; address <= last; address++) {
    context.spend(cost);
    result.add(addressText(address));
  }
  return result;
}

/** The elements of an operand, each with what it is called by. */
function named(value: Value): readonly (readonly [element: Value, name: Value])[] {
  if (isArray(value)) return value.map((item, i) => [item, i]);
  if (isSet(value)) return value.sorted().map((item) => [item, item]);
  if (isObject(value)) return objectEntries(value).map(([key, item]) => [item, key]);
  return isString(value) ? [[value, value]] : [];
}

/** The network of an element: the element or, of an array, the first item. */
function firstOf(element: Value): Value {
  const first = isArray(element) ? element[0] : isString(element) ? element : undefined;
  return first === undefined ? wrongElement() : first;
}

function wrongElement(): never {
  throw failure("elements must be strings or arrays that begin with one");
}

function containsMatches([a, b]: readonly Value[], context: BuiltinContext): Value {
  const found = new RegoSet();
  const [elements, others] = [named(a!), named(b!)];
  context.spend(elements.length + others.length);
  for (const [element, key] of elements) {
    const outer = firstOf(element);
    for (const [other, name] of others) {
      const inner = firstOf(other);
      context.spend(4);
      if (!isString(outer) || !isString(inner)) wrongElement();
      if (contains(outer, inner)) found.add([key, name]);
    }
  }
  return found;
}

/** Addresses in a row; its text if it was given as one network. */
interface Range {
  readonly first: bigint;
  readonly last: bigint;
  readonly text?: string;
  /** Whether it is an IPv4 network written as one of IPv6. */
  readonly isMapped?: boolean;
}

/** An IPv4 address alone stands for its classful network, written with the address. */
function rangeOf(item: Value): Range {
  if (!isString(item)) throw failure("element must be string");
  const address = parseAddress(item);
  if (address === undefined) {
    const network = networkOf(item);
    const isMapped = isIpv4(network.first) && item.includes(":");
    return { ...network, text: networkText(network), isMapped };
  }
  if (!isIpv4(address)) throw failure("IPv6 invalid: needs prefix length");
  const octet = (address >> 24n) & 0xffn;
  const size = octet < 128n ? 8 : octet < 192n ? 16 : 24;
  return { ...networkAt(address, 96 + size), text: `${addressText(address)}/${size}` };
}

/** The fewest networks that are a range. */
function networksOf({ first, last, text }: Range): string[] {
  if (text !== undefined) return [text];
  const networks: string[] = [];
  for (let address = first; address <= last;) {
    let network = networkAt(address, 128);
    while (network.prefix > 0) {
      const wider = networkAt(address, network.prefix - 1);
      if (wider.first !== address || wider.last > last) break;
      network = wider;
    }
    networks.push(networkText(network));
    address = network.last + 1n;
  }
  return networks;
}

function merge([value]: readonly Value[], context: BuiltinContext): Value {
  if (!isArray(value) && !isSet(value)) throw failure("operand must be an array");
  const items = isArray(value) ? value : value.sorted();
  context.spend(items.length * 4);
  const ranges = items.map(rangeOf).sort((a, b) =>
    Number(a.last - b.last) || Number(a.first - b.first)
  );
  const merged: Range[] = [];
  for (let range = ranges.pop(); range; range = ranges.pop()) {
    const before = ranges.at(-1);
    if (before && range.first <= before.last + 1n) {
      if (before.isMapped || range.isMapped) {
        throw limitError("net.cidr_merge of an IPv4 network written as IPv6");
      }
      const first = before.first < range.first ? before.first : range.first;
      ranges[ranges.length - 1] = { first, last: range.last };
    } else merged.push(range);
  }
  return new RegoSet(merged.flatMap(networksOf));
}

export const CIDR: Builtins = {
  "net.cidr_contains/2": textsBuiltin(contains),
  "net.cidr_contains_matches/2": containsMatches,
  "net.cidr_expand/1": textBuiltin(expand),
  "net.cidr_intersects/2": textsBuiltin(intersects),
  "net.cidr_is_valid/1": isReadable(networkOf),
  "net.cidr_merge/1": merge,
  "net.cidr_overlap/2": textsBuiltin(contains),
};
