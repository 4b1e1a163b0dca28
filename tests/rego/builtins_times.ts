/**
 * Random instants, zones, layouts and times written by them.
 *
 * @module
 */

import fc from "fast-check";
import type { Term } from "./builtins_terms.ts";

const BOUNDARIES =
  ("1970-01-01T00:00:00Z 1999-12-31T23:59:59.999999999Z 2000-01-01T00:00:00Z 2000-02-29T12:34:56Z " +
    "2019-12-31T23:59:59Z 2020-02-29T00:00:00Z 2021-03-28T01:00:00Z 2021-10-31T01:00:00Z 2024-12-31T23:00:00Z " +
    "1900-03-01T00:00:00Z 1969-12-31T23:59:59Z 2038-01-19T03:14:07Z 2262-04-11T23:47:16Z 1678-01-01T00:00:00Z " +
    "2023-03-12T10:00:00Z 2023-11-05T09:00:00Z 1945-05-01T00:00:00Z 2011-12-30T10:00:00Z").split(
      " ",
    );

const instant: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(...BOUNDARIES).map((text) =>
    BigInt(Date.parse(text.replace(/(\.\d{3})\d+/, "$1"))) * 1_000_000n
  ),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: 0n, max: 2_000_000_000_000_000_000n }),
);

export const ZONES =
  ("UTC Europe/Berlin Europe/London America/New_York America/Los_Angeles Asia/Tokyo Asia/Kolkata " +
    "Australia/Sydney Australia/Lord_Howe America/Sao_Paulo Africa/Cairo Asia/Kathmandu Pacific/Apia America/St_Johns " +
    "Europe/Dublin Europe/Moscow Asia/Tehran Africa/Casablanca Pacific/Auckland Etc/GMT+5 Asia/Shanghai Europe/Istanbul " +
    "America/Phoenix Pacific/Chatham America/Caracas Asia/Dubai GMT Local Nowhere/Nix europe/berlin Asia/Pyongyang")
    .split(" ");
const zone: fc.Arbitrary<string> = fc.constantFrom("", ...ZONES);

const NS: Term = fc.oneof(
  { weight: 8, arbitrary: instant.map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "0",
      "-1",
      "1.5",
      "1e18",
      "1e30",
      "9223372036854775808",
      "1e3",
      "2.0",
    ),
  },
);

export const moment: Term = fc.oneof(
  NS,
  fc.tuple(NS, zone).map(([ns, tz]) => `[${ns}, ${JSON.stringify(tz)}]`),
);

/** What a layout has for a part of the time, and texts that fit, or nearly. */
const CHUNKS: readonly (readonly [string, readonly string[]])[] = [
  ["2006", ["2020", "1999", "0001", "9999", "99"]],
  ["06", ["69", "68", "00", "7"]],
  ["01", ["02", "12", "13", "1", "00"]],
  ["1", ["2", "12", "02", "0"]],
  ["Jan", ["Feb", "dec", "MAR", "Foo", "February"]],
  ["January", ["February", "may", "Jun"]],
  ["02", ["29", "31", "01", "1", "00", "32"]],
  ["2", ["29", "3", "03"]],
  ["_2", [" 3", "29", "3"]],
  ["002", ["060", "366", "365", "001", "000", "1"]],
  ["__2", [" 60", "  1", "366"]],
  ["Mon", ["Tue", "sun", "Foo"]],
  ["Monday", ["Tuesday", "sunday", "Mon"]],
  ["15", ["00", "23", "24", "7"]],
  ["03", ["12", "01", "00", "13", "1"]],
  ["3", ["12", "1", "0"]],
  ["04", ["59", "60", "05", "5"]],
  ["4", ["5", "59"]],
  ["05", ["59", "00", "60", "5", "07.123", "07,5"]],
  ["5", ["5", "07"]],
  ["PM", ["PM", "AM", "pm", "XM"]],
  ["pm", ["pm", "am", "PM"]],
  ["MST", [
    "UTC",
    "CET",
    "GMT+3",
    "GMT",
    "PST",
    "ChST",
    "+03",
    "+0300",
    "WITA",
    "MEST",
    "EASST",
    "foo",
    "GMT-12",
    "GMT+99",
  ]],
  ["Z07:00", ["Z", "+01:00", "-12:34", "+25:00", "+0100"]],
  ["-07:00", ["+01:00", "-00:30", "Z", "+24:60"]],
  ["-0700", ["+0100", "-2359", "+01:00"]],
  ["-07", ["+01", "-12"]],
  ["Z0700", ["Z", "+0100"]],
  ["Z07", ["Z", "+01"]],
  ["-070000", ["+010203"]],
  ["-07:00:00", ["+01:02:03"]],
  ["Z07:00:00", ["Z", "+01:02:03"]],
  [".000", [".123", ".12", ",123", ".1234"]],
  [",000", [",123", ".123"]],
  [".999", [".123", ".1", "", ".123456"]],
  [".000000000", [".123456789"]],
  [".999999999", [".5", ""]],
  ["_2006", ["_2020", " 2020"]],
  ["Janu", ["Janu"]],
  ["Month", ["Month", "Tueth"]],
  ["002006", ["0602020"]],
  ["1504", ["2359"]],
  ["05.000", ["05.123", "05"]],
  ["05.999x", ["05.1x", "05x"]],
  ["20", ["20"]],
  [" ", [" ", "  ", ""]],
  ["T", ["T"]],
  ["é", ["é"]],
];
const SEPARATORS = ["", "", "-", "/", " ", ":", "T", ", ", "."];
const piece = fc.tuple(
  fc.constantFrom(...CHUNKS).chain(([chunk, texts]) =>
    fc.tuple(fc.constant(chunk), fc.constantFrom(...texts))
  ),
  fc.constantFrom(...SEPARATORS),
);

/** A layout and a text. */
const written: fc.Arbitrary<readonly [string, string]> = fc.array(piece, {
  minLength: 1,
  maxLength: 6,
}).map((pieces) => [
  pieces.map(([[chunk], separator]) => chunk + separator).join(""),
  pieces.map(([[, text], separator]) => text + separator).join(""),
]);

const NAMED: readonly (readonly [string, string])[] = [
  ["RFC3339", "2020-02-29T12:34:56Z"],
  ["RFC3339", "2020-02-29T12:34:56.123456789+01:00"],
  ["RFC3339", "2020-02-30T12:34:56Z"],
  ["RFC3339", "2020-2-9T12:34:56Z"],
  ["RFC3339Nano", "1999-12-31T23:59:59.5-08:00"],
  ["ANSIC", "Mon Jan  2 15:04:05 2006"],
  ["UnixDate", "Mon Jan  2 15:04:05 CET 2006"],
  ["RubyDate", "Mon Jan 02 15:04:05 -0700 2006"],
  ["RFC822", "02 Jan 06 15:04 MST"],
  ["RFC822Z", "02 Jan 06 15:04 -0700"],
  ["RFC850", "Monday, 02-Jan-06 15:04:05 MST"],
  ["RFC1123", "Mon, 02 Jan 2006 15:04:05 GMT"],
  ["RFC1123Z", "Mon, 02 Jan 2006 15:04:05 +0200"],
  ["Kitchen", "3:04PM"],
  ["3:04PM", "3:04PM"],
  ["DateTime", "2006-01-02 15:04:05"],
  ["2006-01-02 15:04:05", "2006-01-02 15:04:05"],
  ["", ""],
  ["2006", "3000"],
  ["Stamp", "Jan _2 15:04:05"],
];

export const layoutAndText: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  { weight: 4, arbitrary: written },
  { weight: 1, arbitrary: fc.constantFrom(...NAMED) },
);

export const rfc3339: fc.Arbitrary<string> = fc.tuple(
  fc.constantFrom(
    "2020-02-29",
    "2021-02-29",
    "1969-12-31",
    "0001-01-01",
    "9999-12-31",
    "2020-13-01",
    "2262-04-12",
    "1677-09-21",
  ),
  fc.constantFrom("T", "t", " "),
  fc.constantFrom("00:00:00", "23:59:59", "24:00:00", "12:60:00", "1:02:03", "12:34:60"),
  fc.constantFrom("", ".5", ".123456789", ".1234567891", ",5", "."),
  fc.constantFrom("Z", "z", "+01:00", "-12:34", "+24:00", "", "+0100", "+23:59"),
).map((parts) => parts.join(""));

/** `[ns, zone, layout]` of `time.format`. */
export const formatted: Term = fc.tuple(NS, zone, layoutAndText).map(([ns, tz, [layout]]) =>
  `[${ns}, ${JSON.stringify(tz)}, ${JSON.stringify(layout)}]`
);
