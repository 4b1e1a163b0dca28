/**
 * Go's layouts: times written as the reference time would be.
 *
 * @module
 */

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
  const shortened = digits.replace(/0+$/, "");
  return shortened === "" ? "" : chunk[0] + shortened;
}

function yearDay({ year, month, day }: Civil): number {
  return daysOf(year, month, day) - daysOf(year, 1, 1) + 1;
}

function chunkText(time: Civil, chunk: string): string {
  const hour12 = time.hour % 12 || 12;
  switch (chunk) {
    case "January":
      return MONTHS[time.month - 1]!;
    case "Jan":
      return MONTHS[time.month - 1]!.slice(0, 3);
    case "Monday":
      return WEEKDAYS[time.weekday]!;
    case "Mon":
      return WEEKDAYS[time.weekday]!.slice(0, 3);
    case "MST":
      return time.zone.abbreviation;
    case "2006":
      return pad(time.year, 4);
    case "06":
      return pad(((time.year % 100) + 100) % 100, 2);
    case "01":
      return pad(time.month, 2);
    case "1":
      return String(time.month);
    case "02":
      return pad(time.day, 2);
    case "2":
      return String(time.day);
    case "_2":
      return pad(time.day, 2, " ");
    case "002":
      return pad(yearDay(time), 3);
    case "__2":
      return pad(yearDay(time), 3, " ");
    case "15":
      return pad(time.hour, 2);
    case "03":
      return pad(hour12, 2);
    case "3":
      return String(hour12);
    case "04":
      return pad(time.minute, 2);
    case "4":
      return String(time.minute);
    case "05":
      return pad(time.second, 2);
    case "5":
      return String(time.second);
    case "PM":
      return time.hour < 12 ? "AM" : "PM";
    case "pm":
      return time.hour < 12 ? "am" : "pm";
    case "":
      return "";
  }
  return chunk[0] === "." || chunk[0] === ","
    ? fractionText(time.nanosecond, chunk)
    : offsetText(time.zone.offset, chunk);
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
  year = 0;
  month = -1;
  day = -1;
  yearDay = -1;
  hour = 0;
  minute = 0;
  second = 0;
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

  #number(pattern: RegExp, low: number, high: number): number {
    const value = Number(this.#take(pattern));
    return value < low || value > high ? wrong() : value;
  }

  #name(names: readonly string[], length: number): number {
    const rest = this.#rest.toLowerCase();
    const index = names.findIndex((name) => rest.startsWith(name.slice(0, length).toLowerCase()));
    if (index < 0) wrong();
    this.#rest = this.#rest.slice(names[index]!.slice(0, length).length);
    return index;
  }

  #chunk(chunk: string, next: readonly [string, string] | undefined): void {
    const one = /^\d\d?/;
    const two = /^\d\d/;
    switch (chunk) {
      case "January":
        this.month = this.#name(MONTHS, 20) + 1;
        return;
      case "Jan":
        this.month = this.#name(MONTHS, 3) + 1;
        return;
      case "Monday":
        return void this.#name(WEEKDAYS, 20);
      case "Mon":
        return void this.#name(WEEKDAYS, 3);
      case "MST":
        return this.#zoneName();
      case "2006":
        this.year = this.#number(/^\d{4}/, 0, 9999);
        return;
      case "06": {
        const year = this.#number(two, 0, 99);
        this.year = year >= 69 ? 1900 + year : 2000 + year;
        return;
      }
      case "01":
      case "1":
        this.month = this.#number(chunk === "01" ? two : one, 1, 12);
        return;
      case "02":
      case "2":
      case "_2":
        if (chunk === "_2") this.#rest = this.#rest.replace(/^ /, "");
        this.day = this.#number(chunk === "02" ? two : one, 0, 99);
        return;
      case "002":
      case "__2":
        if (chunk === "__2") this.#rest = this.#rest.replace(/^ {1,2}/, "");
        this.yearDay = this.#number(chunk === "002" ? /^\d{3}/ : /^\d{1,3}/, 0, 999);
        return;
      case "15":
        this.hour = this.#number(one, 0, 23);
        return;
      case "03":
      case "3":
        this.hour = this.#number(chunk === "03" ? two : one, 0, 12);
        return;
      case "04":
      case "4":
        this.minute = this.#number(chunk === "04" ? two : one, 0, 59);
        return;
      case "05":
      case "5":
        this.second = this.#number(chunk === "05" ? two : one, 0, 59);
        if (!next || !/^[.,]/.test(next[0] + next[1]) || next[0] !== "") this.#looseFraction();
        return;
      case "PM":
        this.isPm = this.#take(/^[AP]M/) === "PM";
        return;
      case "pm":
        this.isPm = this.#take(/^[ap]m/) === "pm";
        return;
    }
    if (chunk[0] === "." || chunk[0] === ",") this.#fraction(chunk);
    else this.#offset(chunk);
  }

  /** A fraction of which the layout says nothing. */
  #looseFraction(): void {
    if (/^[.,]\d/.test(this.#rest)) this.#nanoseconds(this.#take(/^[.,]\d+/));
  }

  #fraction(chunk: string): void {
    if (chunk[1] === "9") {
      if (/^[.,]\d/.test(this.#rest)) this.#nanoseconds(this.#take(/^[.,]\d+/));
    } else this.#nanoseconds(this.#take(new RegExp(`^[.,]\\d{${chunk.length - 1}}`)));
  }

  #nanoseconds(text: string): void {
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

/** The instant that a value stands for by a layout, in nanoseconds since 1970. */
export function parseTime(layout: string, value: string): bigint {
  const time = new Reader(value);
  time.read(layout);
  const { hour, isPm, year, yearDay } = time;
  const hour24 = isPm === true && hour < 12 ? hour + 12 : isPm === false && hour === 12 ? 0 : hour;
  let days: number;
  if (yearDay >= 0) {
    const length = daysOf(year + 1, 1, 1) - daysOf(year, 1, 1);
    if (yearDay < 1 || yearDay > length) wrong();
    days = daysOf(year, 1, yearDay);
    const month = Math.max(time.month, 0);
    const isOther = month > 0 &&
      (days < daysOf(year, month, 1) || days >= daysOf(year, month + 1, 1));
    if (isOther) wrong();
    if (time.day >= 0 && dateOf(days).day !== time.day) wrong();
  } else {
    const month = time.month < 0 ? 1 : time.month;
    const day = time.day < 0 ? 1 : time.day;
    if (day < 1 || day > daysOf(year, month + 1, 1) - daysOf(year, month, 1)) wrong();
    days = daysOf(year, month, day);
  }
  const seconds = days * 86_400 + hour24 * 3600 + time.minute * 60 + time.second -
    (time.isUtc ? 0 : time.offset);
  return inRange(BigInt(seconds) * 1_000_000_000n + BigInt(time.nanosecond));
}
