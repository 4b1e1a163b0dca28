/**
 * IP networks.
 *
 * @module
 */

import { type BuiltinContext, type Builtins, failure, stringAt } from "../builtin.ts";
import {
  isArray,
  isObject,
  isSet,
  isString,
  objectEntries,
  RegoSet,
  type Value,
} from "../value.ts";

/** An address: its number and how many bits it has. */
interface Address {
  readonly value: bigint;
  readonly bits: 32 | 128;
}

/** A network: its first address and how many bits are fixed. */
interface Network extends Address {
  readonly prefix: number;
}

function parseIpv4(text: string): Address | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return { value, bits: 32 };
}

/** The groups on one side of `::`; an IPv4 address may come last. */
function groupsOf(text: string, mayEndInIpv4: boolean): readonly bigint[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: bigint[] = [];
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else {
      const last = mayEndInIpv4 && i === parts.length - 1 ? parseIpv4(part) : undefined;
      if (!last) return undefined;
      groups.push(last.value >> 16n, last.value & 0xffffn);
    }
  }
  return groups;
}

const MAPPED = 0xffffn;

function parseIpv6(text: string): Address | undefined {
  const halves = text.split("::");
  if (!text.includes(":") || halves.length > 2) return undefined;
  const head = groupsOf(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1]!, true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<bigint>(missing).fill(0n), ...tail];
  return { value: groups.reduce((value, group) => (value << 16n) | group, 0n), bits: 128 };
}

/** `::ffff:1.2.3.4` is the IPv4 address, as in Go. */
function unmapped(address: Address): Address {
  return address.bits === 128 && address.value >> 32n === MAPPED
    ? { value: address.value & 0xffffffffn, bits: 32 }
    : address;
}

function parseAddress(text: string): Address | undefined {
  return text.length > 50 ? undefined : parseIpv4(text) ?? parseIpv6(text);
}

function hostMask({ bits, prefix }: Pick<Network, "bits" | "prefix">): bigint {
  return (1n << BigInt(bits - prefix)) - 1n;
}

function parseNetwork(text: string): Network | undefined {
  const at = text.indexOf("/");
  if (at < 0) return undefined;
  const address = parseAddress(text.slice(0, at));
  const digits = text.slice(at + 1);
  if (!address || !/^\d{1,3}$/.test(digits) || Number(digits) > address.bits) return undefined;
  const network = { ...address, prefix: Number(digits) };
  return { ...network, value: address.value & ~hostMask(network) };
}

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (!network) throw failure(`invalid CIDR address: ${text.slice(0, 60)}`);
  return network;
}

function isInside(network: Network, address: Address): boolean {
  const net = unmapped(network);
  const own = unmapped(address);
  if (net.bits !== own.bits) return false;
  const prefix = net.bits === network.bits ? network.prefix : network.prefix - 96;
  if (prefix < 0) return false;
  return (own.value & ~hostMask({ bits: net.bits, prefix })) === net.value;
}

function lastOf(network: Network): Address {
  return { value: network.value | hostMask(network), bits: network.bits };
}

function contains(cidr: string, other: string): boolean {
  const network = networkOf(cidr);
  const address = parseAddress(other);
  if (address) return isInside(network, address);
  const inner = networkOf(other);
  return isInside(network, inner) && isInside(network, lastOf(inner));
}

function ipv6Text(value: bigint): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn),
  );
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const hex = (from: number, to: number) =>
    groups.slice(from, to).map((group) => group.toString(16)).join(":");
  return best.at < 0 ? hex(0, 8) : `${hex(0, best.at)}::${hex(best.at + best.length, 8)}`;
}

function addressText({ value, bits }: Address): string {
  if (bits === 128) return ipv6Text(value);
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

function expand(args: readonly Value[], context: BuiltinContext): Value {
  const network = networkOf(stringAt(args, 0));
  const count = Number(hostMask(network)) + 1;
  context.spend(count);
  const result = new RegoSet();
  for (let i = 0; i < count; i++) {
    result.add(addressText({ value: network.value + BigInt(i), bits: network.bits }));
  }
  return result;
}

/** The networks that an operand names, each with what it is called by. */
function named(value: Value, position: number): readonly (readonly [string, Value])[] {
  const cidr = (item: Value): string => {
    const first = isArray(item) ? item[0] : item;
    if (isString(first)) return first;
    throw failure(`operand ${position}: element must be string or non-empty array`);
  };
  if (isString(value)) return [[value, value]];
  if (isArray(value)) return value.map((item, i) => [cidr(item), i]);
  if (isSet(value)) return value.sorted().map((item) => [cidr(item), item]);
  return isObject(value) ? objectEntries(value).map(([key, item]) => [cidr(item), key]) : [];
}

function containsMatches([a, b]: readonly Value[], context: BuiltinContext): Value {
  const outer = named(a!, 1);
  const inner = named(b!, 2);
  context.spend(outer.length * inner.length * 4);
  const found = new RegoSet();
  for (const [cidr, key] of outer) {
    for (const [other, name] of inner) if (contains(cidr, other)) found.add([key, name]);
  }
  return found;
}

interface Range {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
}

/** The classful prefix that Go gives an IPv4 address without one. */
function classful(value: bigint): number {
  const first = value >> 24n;
  return first < 128n ? 8 : first < 192n ? 16 : 24;
}

function rangeOf(item: Value): Range {
  if (!isString(item)) throw failure("element must be string");
  const address = parseAddress(item);
  if (address) {
    const { value, bits } = unmapped(address);
    if (bits === 128) throw failure("IPv6 invalid: needs prefix length");
    const network: Network = { value, bits, prefix: classful(value) };
    return { bits, first: value & ~hostMask(network), last: value | hostMask(network) };
  }
  const network = networkOf(item);
  return { bits: network.bits, first: network.value, last: lastOf(network).value };
}

/** The fewest networks that are a range. */
function networksOf({ bits, first, last }: Range): Network[] {
  const networks: Network[] = [];
  for (let value = first; value <= last;) {
    let prefix = bits as number;
    while (prefix > 0) {
      const wider = hostMask({ bits, prefix: prefix - 1 });
      if ((value & wider) !== 0n || value + wider > last) break;
      prefix--;
    }
    networks.push({ value, bits, prefix });
    value += hostMask({ bits, prefix }) + 1n;
  }
  return networks;
}

function merge([value]: readonly Value[], context: BuiltinContext): Value {
  if (!isArray(value) && !isSet(value)) throw failure("operand must be an array");
  const items = isArray(value) ? value : value.sorted();
  context.spend(items.length * 4);
  const ranges = items.map(rangeOf).sort((a, b) =>
    a.bits - b.bits || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0)
  );
  const merged: Range[] = [];
  for (const range of ranges) {
    const before = merged.at(-1);
    if (before && before.bits === range.bits && range.first <= before.last + 1n) {
      const last = before.last > range.last ? before.last : range.last;
      merged[merged.length - 1] = { ...before, last };
    } else merged.push(range);
  }
  return new RegoSet(
    merged.flatMap(networksOf).map((network) => `${addressText(network)}/${network.prefix}`),
  );
}

function intersects(args: readonly Value[]): Value {
  const a = networkOf(stringAt(args, 0));
  const b = networkOf(stringAt(args, 1));
  return isInside(a, b) || isInside(b, a);
}

export const CIDR: Builtins = {
  "net.cidr_contains": (args) => contains(stringAt(args, 0), stringAt(args, 1)),
  "net.cidr_contains_matches": containsMatches,
  "net.cidr_expand": expand,
  "net.cidr_intersects": intersects,
  "net.cidr_is_valid": ([text]) => isString(text) && parseNetwork(text) !== undefined,
  "net.cidr_merge": merge,
  "net.cidr_overlap": (args) => contains(stringAt(args, 0), stringAt(args, 1)),
};
