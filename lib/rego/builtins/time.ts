/**
 * Time. The present is what the evaluation was given.
 *
 * @module
 */

import {
  type BuiltinContext,
  type Builtins,
  failure,
  integerAt,
  operandError,
  stringAt,
} from "../builtin.ts";
import { limitError } from "../limits.ts";
import { fromBigInt, ratio64 } from "../number.ts";
import { isArray, isNumber, isString, type Value } from "../value.ts";
import {
  type Civil,
  civilOf,
  daysOf,
  inRange,
  instantOf,
  WEEKDAYS,
  type Zone,
  zoneOf,
} from "./time_civil.ts";
import { formatTime, LAYOUTS, parseTime } from "./time_layout.ts";

/** An instant, where it is looked at from, and how it is to be written. */
interface Moment {
  readonly ns: bigint;
  readonly zone: Zone;
  readonly zoneName: string;
  readonly layout: string;
}

function nanosecondsOf(value: Value): bigint {
  if (!isNumber(value)) {
    throw operandError(1, "either number (ns) or [number (ns), string (tz)]", value);
  }
  const { over, under } = ratio64(value);
  const ns = over % under === 0n ? over / under : undefined;
  if (ns === undefined || BigInt.asIntN(64, ns) !== ns) throw failure("timestamp too big");
  return ns;
}

function momentAt(args: readonly Value[], index: number, context: BuiltinContext): Moment {
  const value = args[index]!;
  const [first, zoneName = "", layout = ""] = isArray(value) ? value : [value];
  if (first === undefined) {
    throw operandError(1, "either number (ns) or [number (ns), string (tz)]", value);
  }
  if (!isString(zoneName)) throw operandError(1, "string", zoneName);
  if (!isString(layout)) throw operandError(1, "string", layout);
  return { ns: nanosecondsOf(first), zone: zoneOf(zoneName, context), zoneName, layout };
}

function civilAt(args: readonly Value[], context: BuiltinContext): Civil {
  const { ns, zone } = momentAt(args, 0, context);
  return civilOf(ns, zone);
}

function format(args: readonly Value[], context: BuiltinContext): Value {
  const { ns, zone, layout } = momentAt(args, 0, context);
  const named = layout === "" ? "RFC3339Nano" : layout;
  context.spend(1 + layout.length);
  return formatTime(civilOf(ns, zone), LAYOUTS.get(named) ?? named);
}

/** Characters of a layout that is parsed by, and of a duration. */
const MAX_TEXT = 1_000;

function parse(layout: string, value: string, context: BuiltinContext): Value {
  context.spend(1 + layout.length + value.length / 16);
  if (layout.length > MAX_TEXT) {
    throw limitError(`a layout longer than ${MAX_TEXT} characters`);
  }
  return fromBigInt(parseTime(LAYOUTS.get(layout) ?? layout, value));
}

const HOUR = 3_600_000_000_000n;
const UNITS: Readonly<Record<string, bigint>> = {
  "ns": 1n,
  "us": 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  "ms": 1_000_000n,
  "s": 1_000_000_000n,
  "m": 60_000_000_000n,
  "h": HOUR,
  "d": 24n * HOUR,
  "w": 168n * HOUR,
  "y": 8_760n * HOUR,
};
const SEGMENT = /(\d*)(?:\.(\d*))?([^\d.]+)/y;

function duration(text: string): Value {
  const invalid = () => failure(`time: invalid duration "${text.slice(0, 50)}"`);
  const body = text.replace(/^[+-]/, "");
  if (body === "0") return 0;
  const isExtended = /[dwy]/.test(text);
  if (text.length > MAX_TEXT) {
    throw limitError(`a duration longer than ${MAX_TEXT} characters`);
  }
  if (body === "" || (isExtended && text.includes("\u03bc"))) {
    throw invalid();
  }
  let total = 0n;
  SEGMENT.lastIndex = 0;
  while (SEGMENT.lastIndex < body.length) {
    const match = SEGMENT.exec(body);
    const unit = match && Object.hasOwn(UNITS, match[3]!) ? UNITS[match[3]!] : undefined;
    const [, whole = "", fraction = ""] = match ?? [];
    if (unit === undefined || whole + fraction === "") throw invalid();
    // Go works out the fraction with doubles.
    const first = fraction.slice(0, 19);
    const digits = BigInt(first || "0") > 2n ** 63n ? first.slice(0, 18) : first;
    const part = Number(digits) * (Number(unit) / 10 ** digits.length);
    total += BigInt(whole) * unit + BigInt(Math.floor(part));
  }
  const ns = text.startsWith("-") ? -total : total;
  if (BigInt.asIntN(64, ns) !== ns) throw invalid();
  return fromBigInt(ns);
}

function addDate(args: readonly Value[], context: BuiltinContext): Value {
  const { ns, zone } = momentAt(args, 0, context);
  const [years, months, days] = [integerAt(args, 1), integerAt(args, 2), integerAt(args, 3)];
  const civil = civilOf(ns, zone);
  const sum = {
    ...civil,
    year: civil.year + years,
    month: civil.month + months,
    day: civil.day + days,
  };
  return fromBigInt(inRange(instantOf(sum, zone)));
}

/** Years, months, days, hours, minutes and seconds between two moments. */
function difference(args: readonly Value[], context: BuiltinContext): Value {
  const a = momentAt(args, 0, context);
  const b = momentAt(args, 1, context);
  const [first, last] = a.ns <= b.ns ? [a.ns, b.ns] : [b.ns, a.ns];
  const from = civilOf(first, a.zone);
  const to = civilOf(last, a.zone);
  const parts = [
    to.year - from.year,
    to.month - from.month,
    to.day - from.day,
    to.hour - from.hour,
    to.minute - from.minute,
    to.second - from.second,
  ];
  const inMonth = daysOf(from.year, from.month + 1, 1) - daysOf(from.year, from.month, 1);
  const sizes = [Infinity, 12, inMonth, 24, 60, 60];
  for (let i = 5; i > 0; i--) {
    if (parts[i]! >= 0) continue;
    parts[i]! += sizes[i]!;
    parts[i - 1]!--;
  }
  return parts;
}

export const TIME: Builtins = {
  "time.add_date/4": addDate,
  "time.clock/1": (args, context) => {
    const { hour, minute, second } = civilAt(args, context);
    return [hour, minute, second];
  },
  "time.date/1": (args, context) => {
    const { year, month, day } = civilAt(args, context);
    return [year, month, day];
  },
  "time.diff/2": difference,
  "time.format/1": format,
  "time.now_ns/0": (_, context) => fromBigInt(context.timeNs),
  "time.parse_duration_ns/1": (args) => duration(stringAt(args, 0)),
  "time.parse_ns/2": (args, context) => parse(stringAt(args, 0), stringAt(args, 1), context),
  "time.parse_rfc3339_ns/1": (args, context) => parse("RFC3339", stringAt(args, 0), context),
  "time.weekday/1": (args, context) => WEEKDAYS[civilAt(args, context).weekday]!,
};
