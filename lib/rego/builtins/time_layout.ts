/**
 * Go's layouts: times written as the reference time would be.
 *
 * @module
 */

import { withoutZeros } from "../big_float.ts";
import { failure } from "../builtin.ts";
import { type Civil, dateOf, daysOf, inRange, MONTHS, WEEKDAYS } from "./time_civil.ts";

/** Layouts that have a name. */
export const LAYOUTS: ReadonlyMap<string, string> = new Map([
  ["ANSIC", "Mon Jan _2 15:04:05 2006"],
  ["UnixDate", "Mon Jan _2 15:04:05 MST 2006"],
  ["RubyDate", "Mon Jan 02 15:04:05 -0700 2006"],
  ["RFC822", "02 Jan 06 15:04 MST"],
  ["RFC822Z", "02 Jan 06 15:04 -0700"],
  ["RFC850", "Monday, 02-Jan-06 15:04:05 MST"],
  ["RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"],
  ["RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"],
  ["RFC3339", "2006-01-02T15:04:05Z07:00"],
  ["RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"],
]);

const CHUNK = new RegExp(
  [
    "January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST",
    "-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07",
    "002|0[1-6]|15|1|2006|2|__2|_2(?!006)|3|4|5|PM|pm",
    "[.,](?:0+|9+)(?![0-9])",
  ].join("|"),
);

/** A layout in pieces: text, then what stands for a part of the time (or "" at the end). */
function pieces(layout: string): readonly (readonly [text: string, chunk: string])[] {
  const found: (readonly [string, string])[] = [];
  for (let rest = layout;;) {
    const match = CHUNK.exec(rest);
    if (!match) return [...found, [rest, ""]];
    found.push([rest.slice(0, match.index), match[0]]);
    rest = rest.slice(match.index + match[0].length);
  }
}

type Field =
  | "year"
  | "shortYear"
  | "month"
  | "day"
  | "yearDay"
  | "hour"
  | "hour12"
  | "minute"
  | "second";

const ONE = /^\d\d?/;
const TWO = /^\d\d/;

/** Numbers: the part, how wide it is written, how it is read, its least and greatest value. */
const NUMBERS: Readonly<Record<string, readonly [Field, number, RegExp, number, number]>> = {
  "2006": ["year", 4, /^\d{4}/, 0, 9999],
  "06": ["shortYear", 2, TWO, 0, 99],
  "01": ["month", 2, TWO, 1, 12],
  "1": ["month", 1, ONE, 1, 12],
  "02": ["day", 2, TWO, 0, 99],
  "2": ["day", 1, ONE, 0, 99],
  "_2": ["day", 2, /^ ?\d\d?/, 0, 99],
  "002": ["yearDay", 3, /^\d{3}/, 0, 999],
  "__2": ["yearDay", 3, /^ {0,2}\d{1,3}/, 0, 999],
  "15": ["hour", 2, ONE, 0, 23],
  "03": ["hour12", 2, TWO, 0, 12],
  "3": ["hour12", 1, ONE, 0, 12],
  "04": ["minute", 2, TWO, 0, 59],
  "4": ["minute", 1, ONE, 0, 59],
  "05": ["second", 2, TWO, 0, 59],
  "5": ["second", 1, ONE, 0, 59],
};

/** Names, and how much of them is written. */
const NAMES: Readonly<Record<string, readonly [names: readonly string[], length: number]>> = {
  January: [MONTHS, 20],
  Jan: [MONTHS, 3],
  Monday: [WEEKDAYS, 20],
  Mon: [WEEKDAYS, 3],
};

const LONGEST_NAME = Math.max(...[...MONTHS, ...WEEKDAYS].map(({ length }) => length));

function pad(value: number, width: number, fill = "0"): string {
  const text = String(Math.abs(value)).padStart(width, fill);
  return value < 0 ? `-${text}` : text;
}

function offsetText(offset: number, chunk: string): string {
  if (chunk.startsWith("Z") && offset === 0) return "Z";
  const size = Math.abs(offset);
  const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const shape = chunk.slice(1);
  const count = shape.replaceAll(":", "").length / 2;
  const separator = shape.includes(":") ? ":" : "";
  return (offset < 0 ? "-" : "+") + parts.slice(0, count).map((p) => pad(p, 2)).join(separator);
}

function fractionText(nanosecond: number, chunk: string): string {
  const digits = pad(nanosecond, 9).slice(0, chunk.length - 1).padEnd(chunk.length - 1, "0");
  if (chunk[1] === "0") return chunk[0] + digits;
  const shortened = withoutZeros(digits);
  return shortened === "" ? "" : chunk[0] + shortened;
}

function chunkText(time: Civil, chunk: string): string {
  const number = NUMBERS[chunk];
  if (number) {
    const fields = {
      ...time,
      shortYear: ((time.year % 100) + 100) % 100,
      yearDay: daysOf(time.year, time.month, time.day) - daysOf(time.year, 1, 1) + 1,
      hour12: time.hour % 12 || 12,
    };
    return pad(fields[number[0]], number[1], chunk.startsWith("_") ? " " : "0");
  }
  if (chunk in NAMES) {
    const [names, length] = NAMES[chunk]!;
    return names[names === MONTHS ? time.month - 1 : time.weekday]!.slice(0, length);
  }
  switch (chunk[0]) {
    case undefined:
      return "";
    case "M":
      return time.zone.abbreviation();
    case "P":
      return time.hour < 12 ? "AM" : "PM";
    case "p":
      return time.hour < 12 ? "am" : "pm";
    case ".":
    case ",":
      return fractionText(time.nanosecond, chunk);
  }
  return offsetText(time.zone.offset, chunk);
}

/** A time by a layout. */
export function formatTime(time: Civil, layout: string): string {
  return pieces(layout).map(([text, chunk]) => text + chunkText(time, chunk)).join("");
}

function wrong(): never {
  throw failure("the value does not have the layout of the format");
}

/** Reads a value by a layout. */
class Reader {
  #rest: string;
  readonly fields: Partial<Record<Field, number>> = {};
  nanosecond = 0;
  isPm: boolean | undefined;
  offset = 0;
  isUtc = false;

  constructor(value: string) {
    this.#rest = value;
  }

  read(layout: string): void {
    const found = pieces(layout);
    found.forEach(([text, chunk], i) => {
      this.#text(text);
      if (chunk === "") return this.#rest === "" ? undefined : wrong();
      this.#chunk(chunk, found[i + 1]);
    });
  }

  /** Any number of spaces stands for any other. */
  #text(text: string): void {
    let rest = this.#rest;
    for (let prefix = text; prefix !== "";) {
      if (prefix[0] === " ") {
        if (rest !== "" && rest[0] !== " ") wrong();
        prefix = prefix.replace(/^ +/, "");
        rest = rest.replace(/^ +/, "");
      } else {
        if (rest[0] !== prefix[0]) wrong();
        prefix = prefix.slice(1);
        rest = rest.slice(1);
      }
    }
    this.#rest = rest;
  }

  #take(pattern: RegExp): string {
    const match = pattern.exec(this.#rest);
    if (!match) wrong();
    this.#rest = this.#rest.slice(match[0].length);
    return match[0];
  }

  #name(names: readonly string[], length: number): void {
    const rest = this.#rest.slice(0, LONGEST_NAME).toLowerCase();
    const index = names.findIndex((name) => rest.startsWith(name.slice(0, length).toLowerCase()));
    if (index < 0) wrong();
    this.#rest = this.#rest.slice(names[index]!.slice(0, length).length);
    if (names === MONTHS) this.fields.month = index + 1;
  }

  #chunk(chunk: string, next: readonly [string, string] | undefined): void {
    const number = NUMBERS[chunk];
    if (number) {
      const [field, , pattern, low, high] = number;
      const value = Number(this.#take(pattern));
      if (value < low || value > high) wrong();
      // What is read last counts, however it is written.
      if (field === "hour12") this.fields.hour = value;
      else if (field === "shortYear") this.fields.year = value + (value >= 69 ? 1900 : 2000);
      else this.fields[field] = value;
      const isFractionNext = next?.[0] === "" && /^[.,]/.test(next[1]);
      if (field === "second" && !isFractionNext) this.#fraction(".9");
      return;
    }
    if (chunk in NAMES) return this.#name(...NAMES[chunk]!);
    switch (chunk[0]) {
      case "M":
        return this.#zoneName();
      case "P":
      case "p":
        this.isPm = this.#take(chunk === "PM" ? /^[AP]M/ : /^[ap]m/).toUpperCase() === "PM";
        return;
      case ".":
      case ",":
        return this.#fraction(chunk);
    }
    this.#offset(chunk);
  }

  /** Of as many digits as zeros are in the layout; nines stand for any number or none. */
  #fraction(chunk: string): void {
    const isAny = chunk[1] === "9";
    if (isAny && !/^[.,]\d/.test(this.#rest)) return;
    const text = this.#take(isAny ? /^[.,]\d+/ : new RegExp(`^[.,]\\d{${chunk.length - 1}}`));
    this.nanosecond = Number(text.slice(1, 10).padEnd(9, "0"));
  }

  #offset(chunk: string): void {
    if (chunk.startsWith("Z") && this.#rest.startsWith("Z")) {
      this.#take(/^Z/);
      this.isUtc = true;
      return;
    }
    const shape = chunk.slice(1).replace(/\d\d/g, "(\\d\\d)");
    const match = new RegExp(`^([+-])${shape}`).exec(this.#rest);
    if (!match) wrong();
    this.#rest = this.#rest.slice(match[0].length);
    const [, sign, hours, minutes = "0", seconds = "0"] = match;
    if (Number(hours) > 24 || Number(minutes) > 60 || Number(seconds) > 60) wrong();
    const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    this.offset = sign === "-" ? -offset : offset;
  }

  /** As in Go, the name of a zone does not move the instant. */
  #zoneName(): void {
    if (this.#rest.startsWith("UTC")) this.isUtc = true;
    if (/^GMT[+-]\d{1,2}/.test(this.#rest)) return void this.#take(/^GMT[+-]\d{1,2}/);
    this.#take(/^(?:ChST|MeST|[+-]\d{2}(?:\d{2})?|[A-Z]{3,4}T|WITA|[A-Z]{3})(?![A-Z])/);
  }
}

/** The day since 1970 that the fields name. */
function dayOf({ year = 0, month, day, yearDay }: Reader["fields"]): number {
  if (yearDay === undefined) {
    const days = daysOf(year, month ?? 1, day ?? 1);
    return dateOf(days).day === (day ?? 1) ? days : wrong();
  }
  const days = daysOf(year, 1, yearDay);
  const date = dateOf(days);
  const isOther = (month ?? date.month) !== date.month || (day ?? date.day) !== date.day;
  return yearDay < 1 || date.year !== year || isOther ? wrong() : days;
}

/** The instant that a value stands for by a layout, in nanoseconds since 1970. */
export function parseTime(layout: string, value: string): bigint {
  const time = new Reader(value);
  time.read(layout);
  const { hour = 0, minute = 0, second = 0 } = time.fields;
  const isOther = time.isPm === true ? hour < 12 : time.isPm === false && hour === 12;
  const hour24 = isOther ? (hour + 12) % 24 : hour;
  const seconds = dayOf(time.fields) * 86_400 + hour24 * 3600 + minute * 60 + second;
  const offset = time.isUtc ? 0 : time.offset;
  return inRange(BigInt(seconds - offset) * 1_000_000_000n + BigInt(time.nanosecond));
}
