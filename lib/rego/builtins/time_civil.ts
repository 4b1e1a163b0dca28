/**
 * Instants on calendars and clocks of time zones.
 *
 * @module
 */

import { type BuiltinContext, failure } from "../builtin.ts";

/** A zone's clock at an instant. */
export interface ZoneClock {
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly abbreviation: () => string;
}

/** A time zone. */
export type Zone = (seconds: number) => ZoneClock;

/** What calendar and clock show. */
export interface Civil {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** From Sunday, 0. */
  readonly weekday: number;
  readonly zone: ZoneClock;
}

export const MONTHS: readonly string[] =
  ("January February March April May June July August September October November December")
    .split(" ");
export const WEEKDAYS: readonly string[] =
  "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

const BILLION = 1_000_000_000n;
const DAY = 86_400;
const UTC_CLOCK: ZoneClock = { offset: 0, abbreviation: () => "UTC" };

/** Universal time. */
export const UTC: Zone = () => UTC_CLOCK;

/** Days since 1970-01-01 of a day that may lie outside of its month, a month outside of its year. */
export function daysOf(year: number, month: number, day: number): number {
  const months = year * 12 + month - 1;
  const y = Math.floor(months / 12);
  const m = months - y * 12;
  // Years begin in March, so that the leap day is the last.
  const shifted = m < 2 ? y - 1 : y;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * ((m + 10) % 12) + 2) / 5);
  const leaps = Math.floor(ofEra / 4) - Math.floor(ofEra / 100);
  return era * 146_097 + ofEra * 365 + leaps + ofYear + (day - 1) - 719_468;
}

/** The date of a day since 1970. */
export function dateOf(days: number): Pick<Civil, "year" | "month" | "day"> {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) /
      365,
  );
  const ofYear = ofEra -
    (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** What a zone's calendar and clock show at an instant, in nanoseconds since 1970. */
export function civilOf(ns: bigint, zone: Zone): Civil {
  const nanosecond = Number(((ns % BILLION) + BILLION) % BILLION);
  const seconds = Number((ns - BigInt(nanosecond)) / BILLION);
  const clock = zone(seconds);
  const local = seconds + clock.offset;
  const days = Math.floor(local / DAY);
  const rest = local - days * DAY;
  return {
    ...dateOf(days),
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    nanosecond,
    weekday: (((days + 4) % 7) + 7) % 7,
    zone: clock,
  };
}

/** Nanoseconds since 1970 of local time, as Go finds them where clocks are set. */
export function instantOf(
  date: Pick<Civil, "year" | "month" | "day" | "hour" | "minute" | "second" | "nanosecond">,
  zone: Zone,
): bigint {
  const { year, month, day, hour, minute, second, nanosecond } = date;
  const local = daysOf(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
  if (!Number.isSafeInteger(local)) throw failure("time outside of valid range");
  const first = zone(local).offset;
  const second_ = zone(local - first).offset;
  return BigInt(local - (second_ === first ? first : second_)) * BILLION + BigInt(nanosecond);
}

/** Fails if an instant does not fit into 64 bits. */
export function inRange(ns: bigint): bigint {
  if (BigInt.asIntN(64, ns) !== ns) throw failure("time outside of valid range");
  return ns;
}

/** Abbreviations that no locale below knows: of standard time, and of summer time. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  "GMT": "GMT GMT",
  "Europe/Dublin": "GMT IST",
  "Europe/Moscow": "MSK MSD",
  "Asia/Seoul": "KST KDT",
  "Asia/Shanghai": "CST CDT",
  "Asia/Taipei": "CST CDT",
  "Asia/Jerusalem": "IST IDT",
  "Asia/Manila": "PST PDT",
};
const LOCALES = ["en-US", "en-GB", "en-AU", "en-ZA", "en-CA", "ja", "en-HK"];

function offsetText(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const pad = (value: number) => String(value).padStart(2, "0");
  const rest = minutes % 60 === 0 ? "" : pad(minutes % 60);
  return `${offset < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}${rest}`;
}

/** One zone of the runtime's database. */
class IntlZone {
  readonly #name: string;
  readonly #clock: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  constructor(name: string) {
    this.#name = name;
    const timeZone = name;
    this.#clock = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  at(seconds: number): ZoneClock {
    const offset = this.#offsetAt(seconds);
    // Only who writes it asks for the abbreviation, which is costly.
    return { offset, abbreviation: () => this.#abbreviation(seconds, offset) };
  }

  #offsetAt(seconds: number): number {
    const known = this.#offsets.get(seconds);
    if (known !== undefined) return known;
    const fields: Record<string, string> = {};
    for (const { type, value } of this.#clock.formatToParts(seconds * 1000)) fields[type] = value;
    const number = (name: string) => Number(fields[name]);
    const year = fields.era === "BC" ? 1 - number("year") : number("year");
    const local = daysOf(year, number("month"), number("day")) * DAY +
      number("hour") * 3600 + number("minute") * 60 + number("second");
    if (this.#offsets.size > 1_000) this.#offsets.clear();
    this.#offsets.set(seconds, local - seconds);
    return local - seconds;
  }

  #abbreviation(seconds: number, offset: number): string {
    const [standard, summer] = ABBREVIATIONS[this.#name]?.split(" ") ?? [];
    if (standard) {
      const { year } = civilOf(BigInt(seconds) * BILLION, UTC);
      const winter = this.#offsetAt(daysOf(year, 1, 1) * DAY);
      return offset > Math.min(winter, this.#offsetAt(daysOf(year, 7, 1) * DAY))
        ? summer!
        : standard;
    }
    // Names of the past are often not known; those of today do where the offset is the same.
    for (const at of [seconds, 1_700_000_000, 1_720_000_000]) {
      const name = this.#offsetAt(at) === offset ? this.#nameAt(at) : undefined;
      if (name !== undefined) return name;
    }
    return offsetText(offset);
  }

  #nameAt(seconds: number): string | undefined {
    const options = { timeZone: this.#name, timeZoneName: "short" } as const;
    for (const locale of LOCALES) {
      const name = new Intl.DateTimeFormat(locale, options).formatToParts(seconds * 1000)
        .find(({ type }) => type === "timeZoneName")!.value;
      // Zones for whose time the database has no name.
      if (/^(?!GST|LH)[A-Z]{3,5}$/.test(name)) return name;
    }
    return undefined;
  }
}

// Names are files in Go: `europe/berlin` is none.
const NAME = /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*){0,2}$/;

/**
 * A zone by its name in the IANA database. `Local` is UTC: a policy does not see
 * where it runs.
 */
export function zoneOf(name: string, context: BuiltinContext): Zone {
  if (name === "" || name === "UTC" || name === "Local") return UTC;
  if (!NAME.test(name) || name.length > 64) throw failure("unknown time zone");
  const key = `zone:${name}`;
  let zone = context.cache.get(key) as IntlZone | undefined;
  if (!zone) {
    context.spend(1_000);
    try {
      zone = new IntlZone(name);
    } catch (error) {
      // An unknown name is a RangeError, and so is a full call stack.
      if (/call stack/.test(String(error))) throw error;
      throw failure(`unknown time zone ${name}`);
    }
    if (context.cache.size >= 500) context.cache.clear();
    context.cache.set(key, zone);
  }
  context.spend(50);
  return (seconds) => zone.at(seconds);
}
