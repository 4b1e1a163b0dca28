/**
 * Random texts of the small languages that builtins read.
 *
 * @module
 */

import fc from "fast-check";
import { FRACTIONS, INTEGERS, textOf } from "./builtins_terms.ts";

type Text = fc.Arbitrary<string>;

/** A text in which one character may be lost, doubled or another. */
export function damaged(original: Text, pieces: readonly string[]): Text {
  const cut = fc.tuple(original, fc.nat(), fc.constantFrom("", ...pieces)).map(
    ([whole, at, by]) => {
      const characters = [...whole];
      if (characters.length > 0) characters[at % characters.length] = by;
      return characters.join("");
    },
  );
  return fc.oneof({ weight: 3, arbitrary: original }, cut);
}

export const numberText: Text = damaged(
  fc.constantFrom(
    ...INTEGERS,
    ...FRACTIONS,
    ..."+1 .5 5. 0x10 0b11 1_000 NaN nan inf -Infinity 00 007 1e 1e5 +1e-5 0x1p4 - + . e5 1e999 - ١"
      .split(" "),
    "",
    " 1",
    "1 ",
  ),
  ["1", ".", "e", "-", "_", "x"],
);

export const regex: Text = textOf(
  ("a|b|.|a*|b+|[ab]|[^a]|(a)|(?:b)|(?P<n>a)|(?<m>b)|^|$|\\b|\\d|\\s|\\w|\\pL|x?|a{2}|a{1,2}|(a|b)|.*|.*?|(?i)A|" +
    "é|😀|\\.|\\||(a*)|()|[[:alpha:]]|\\z|\\A|(?s).|(?m)^|\\x41|[a-z]|\\Q.\\E|a**|(|)|[|\\|{|*|a{1001}|(?=a)|\\1|\\C|[z-a]|\\p{Greek}|\\n")
    .split("|").concat("a|b", "|"),
  5,
);
export const subject: Text = textOf(
  ["a", "b", "ab", "aab", "é", "😀", "x", ".", "A", "1", " ", "\n", "|", "ΑΣ", "/"],
  8,
);
export const template: Text = textOf(
  [
    "$1",
    "${1}",
    "$n",
    "${n}x",
    "$$",
    "$",
    "${",
    "x",
    "$0",
    "$2x",
    "${é}",
    "$é",
    "\\1",
    "$10",
    "${01}",
  ],
  4,
);

export const globPattern: Text = textOf(
  ("a|b|*|**|?|.|/|:|[ab]|[!ab]|[a-c]|[!a-c]|{a,b}|{a,}|{*.a,b}|{a,{b,c}}|\\*|\\{|é|😀|-|[|]|{|}|,|[a-]|[-a]|[]]|{}|{a}|\\|[!]|[abc-]|[^a]|{[a-b],**}")
    .split("|"),
  5,
);
export const globSubject: Text = textOf([
  "a",
  "b",
  "c",
  ".",
  "/",
  ":",
  "é",
  "😀",
  "*",
  "{",
  "-",
  "ab",
  ",",
], 6);
export const globs: Text = textOf(
  [
    "a",
    "b",
    ".",
    "a*",
    "b+",
    ".*",
    ".+",
    "[ab]",
    "[a-c]+",
    "[^a]",
    "\\*",
    "é",
    "[é]*",
    "*",
    "[",
    "-",
    "{a",
    "(",
    "^",
    "$",
    "[b-]",
    "c",
  ],
  5,
);

const ipv4: Text = fc.oneof(
  fc.ipV4(),
  fc.constantFrom(
    "10.0.0.0",
    "10.0.0.1",
    "10.1.2.3",
    "192.168.0.255",
    "0.0.0.0",
    "255.255.255.255",
    "127.0.0.1",
    "01.2.3.4",
    "1.2.3",
    "256.1.1.1",
    "1.2.3.4.5",
    "1.2.3.-4",
  ),
);
const ipv6: Text = fc.oneof(
  fc.ipV6(),
  fc.constantFrom(
    "::",
    "::1",
    "fe80::1",
    "2001:db8::",
    "::ffff:1.2.3.4",
    "1:2:3:4:5:6:7:8",
    "1::2::3",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "fe80::1%eth0",
    "2001:DB8::A",
    "::ffff:0:0",
    "12345::",
    "::1.2.3.4",
    "1:0:0:2:0:0:0:3",
  ),
);
export const ip: Text = fc.oneof(ipv4, ipv6);
export const cidr: Text = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(ipv4, fc.integer({ min: 0, max: 33 })).map(([a, n]) => `${a}/${n}`),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(ipv6, fc.integer({ min: 0, max: 129 })).map(([a, n]) => `${a}/${n}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "10.0.0.0/",
      "10.0.0.0",
      "/8",
      "10.0.0.0/+8",
      "10.0.0.0/08",
      "10.0.0.0/8/8",
      "",
      "a/8",
      "::/0",
      "0.0.0.0/0",
      "::ffff:10.0.0.0/104",
      "::ffff:10.0.0.0/90",
      "fe80::%1/64",
    ),
  },
);
/** Networks of few addresses. */
export const smallCidr: Text = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 27, max: 32 })).map(([a, n]) => `${a}/${n}`),
  fc.tuple(ipv6, fc.integer({ min: 124, max: 128 })).map(([a, n]) => `${a}/${n}`),
);
export const nearCidr: Text = fc.tuple(
  fc.constantFrom("10.0.0.", "10.0.1.", "192.168.0.", "255.255.255."),
  fc.integer({ min: 0, max: 255 }),
  fc.constantFrom("", "/24", "/25", "/26", "/30", "/31", "/32", "/8", "/16"),
).map((parts) => parts.join(""));

export const semver: Text = fc.oneof(
  damaged(
    fc.tuple(
      textOf([
        "1.2.3",
        "0.0.0",
        "1.10.0",
        "01.2.3",
        "1.2",
        "v1.2.3",
        "1.2.3.4",
        "9223372036854775808.0.0",
        "18446744073709551616.1.1",
        "-1.2.3",
      ], 1),
      textOf([
        "",
        "-alpha",
        "-alpha.1",
        "-1",
        "-01",
        "-a.b.c",
        "-",
        "-a..b",
        "-rc.10",
        "-rc.9",
        "--",
        "-99999999999999999999",
        "-0a",
      ], 1),
      textOf(["", "+build", "+1", "+", "+a.b", "+a..b", "+01"], 1),
    ).map((parts) => parts.join("")),
    [".", "-", "+", "é", " "],
  ),
);

export const base64: Text = damaged(
  fc.tuple(fc.uint8Array({ maxLength: 9 }), fc.constantFrom("base64", "base64url")).map((
    [bytes, kind],
  ) => btoaOf(bytes, kind === "base64url")),
  ["=", "\n", "\r", "-", "_", "+", "/", " ", "é", "A"],
);

export function btoaOf(bytes: Uint8Array, isUrl: boolean): string {
  const plain = btoa(String.fromCharCode(...bytes));
  return isUrl ? plain.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") : plain;
}

export const hex: Text = damaged(
  fc.uint8Array({ maxLength: 6 }).map((bytes) =>
    [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("")
  ),
  ["A", "g", "0", "é", ""],
);

export const units: Text = fc.tuple(
  fc.oneof(
    numberText,
    fc.constantFrom("1", "10", "1.5", "0.1", "100", "0.0005", "-3", "3.", "12345678901234567890"),
  ),
  fc.constantFrom(
    "",
    "m",
    "k",
    "K",
    "Ki",
    "ki",
    "KI",
    "M",
    "Mi",
    "mi",
    "MI",
    "G",
    "g",
    "Gi",
    "T",
    "P",
    "E",
    "e",
    "Ei",
    "B",
    "b",
    "kB",
    "KB",
    "KiB",
    "kib",
    "MB",
    "mb",
    "Mib",
    "EB",
    "EiB",
    "Z",
    "u",
    " k",
    "n",
    "kk",
    "Kib",
    '"',
    "e3",
    "E3",
    "Ee",
    "eB",
  ),
  fc.constantFrom("", "", "", '"'),
).map(([n, unit, q]) => q + n + unit + q);

export const duration: Text = damaged(
  fc.tuple(
    fc.constantFrom("", "-", "+"),
    textOf([
      "1h",
      "2m",
      "3s",
      "1.5h",
      "100ms",
      "1us",
      "1µs",
      "1μs",
      "5ns",
      "1d",
      "2w",
      "1y",
      "0",
      ".5s",
      "1.s",
      "9223372036854775807ns",
      "9223372036854775808ns",
      "300y",
      "1e3s",
      "0.1234567891234s",
      "1M",
      "0.3333333333333333333h",
    ], 3),
  ).map((parts) => parts.join("")),
  ["h", "1", ".", "-", " "],
);
