/**
 * Random texts of the small languages that builtins read.
 *
 * @module
 */

import fc from "fast-check";
import { FRACTIONS, INTEGERS, short, text, textOf } from "./builtins_terms.ts";

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

const url: Text = fc.tuple(
  fc.constantFrom(
    "",
    "http:",
    "HTTPS:",
    "mailto:",
    "ftp:",
    "1a:",
    "a+b.c-d:",
    ":",
    "urn:",
    "http",
    "é:",
  ),
  fc.constantFrom("", "//", "///", "/"),
  fc.constantFrom("", "", "", "user@", "user:p%40ss@", "us er@", "a:b:c@", "é@"),
  fc.constantFrom(
    "",
    "example.com",
    "EXAMPLE.com",
    "[::1]",
    "[fe80::1%25eth0]",
    "[::1",
    "a b",
    "ex%41mple",
    "ex%C3%A9",
    "é.com",
    "1.2.3.4",
    "a_b",
    "h%zz",
    "<x>",
    "a^b",
    "[1.2.3.4]",
    "%",
  ),
  fc.constantFrom("", "", ":80", ":", ":8a", ":99999", ":-1"),
  fc.constantFrom(
    "",
    "/",
    "/a/b",
    "/a%2Fb",
    "/a b",
    "/é",
    "/%zz",
    "/a;b,c",
    "/[x]",
    "/a%20b",
    "*",
    "a/b",
    "/a:b",
    "/'()*!$&",
    "//x",
    "/%c3%a9",
    "/^`{|}",
    '/"<>',
    "/%41",
  ),
  fc.constantFrom("", "?", "?a=b", "?a=b&c", "?%zz", "?a b", "?é", "??"),
  fc.constantFrom("", "#", "#f", "#a%20b", "#%zz", "#a#b", "#é", "#[x]"),
).map((parts) => parts.join(""));
export const uri: Text = fc.oneof(
  url,
  damaged(url, ["%", "\0", "\x7f", " ", ":", "@", "[", "]"]),
  text,
);
export const query: Text = textOf(
  [
    "a",
    "=",
    "&",
    "b",
    "%20",
    "+",
    "%zz",
    "%",
    ";",
    "é",
    "%C3%A9",
    "%ff",
    "a=1",
    "&a=2",
    "a[]=1",
    "%3B",
    "%00",
    "__proto__=1",
  ],
  6,
);

const anyJson: Text = fc.jsonValue({ maxDepth: 2 }).map((one) => JSON.stringify(one));
export const jsonText: Text = fc.oneof(
  damaged(anyJson, ["{", "}", "[", "]", '"', ",", ":", "1", "\n", "\0", "\\", "e"]),
  numberText,
  textOf([
    '{"a":1,"a":2}',
    '"\\ud83d\\ude00"',
    '"\\ud83d"',
    '"\\u0000"',
    '"\\x"',
    "[1e5]",
    "[1.0]",
    '{"b":1,"a":[]}',
    " ",
    "\n",
    "\t",
    "//",
    "nul",
    "NaN",
    '{"__proto__":1}',
    "[1,]",
    '{"a":1,}',
    "'a'",
    '"\t"',
    '"\\/"',
    "[0123]",
    "[-]",
    "[1.]",
    '"a"b',
    "\ufeff1",
    "true",
    "[]",
    "{}",
  ], 2),
);

export const yaml: Text = fc.oneof(
  anyJson,
  textOf(
    [
      "a: 1\n",
      "b: x y\n",
      "- 1\n",
      "- a\n",
      "- - b\n",
      "c:\n  d: 2\n",
      "e:\n- 1\n",
      "f: [1, {g: h}]\n",
      "&x a\n",
      "*x\n",
      "k: &x 1\nl: *x\n",
      "<<: {m: 1}\n",
      "? q\n: r\n",
      "|\n  t\n  u\n",
      "s: >\n  v\n  w\n",
      "'it''s'\n",
      '"\\u00e9\\n"\n',
      "# c\n",
      "---\n",
      "...\n",
      "~\n",
      "null\n",
      "yes\n",
      "on: off\n",
      "0x1F\n",
      "0o17\n",
      "017\n",
      "1_000\n",
      "1e3\n",
      ".5\n",
      "1.0\n",
      "+1\n",
      ".inf\n",
      ".nan\n",
      "2020-01-01\n",
      "2020-01-01T00:00:00Z\n",
      "!!str 1\n",
      '!!int "3"\n',
      "!!binary aGk=\n",
      "!x y\n",
      "\t",
      "1: a\n",
      "true: b\n",
      "1.5: c\n",
      "null: d\n",
      "[1]: e\n",
      "a: 1\na: 2\n",
      "é: 😀\n",
      "190:20:30\n",
      "__proto__: 1\n",
      "18446744073709551615\n",
      "18446744073709551616\n",
      "-9223372036854775809\n",
      "%YAML 1.1\n",
      "@a\n",
      "`\n",
      "a: b: c\n",
      "- a: 1\n  b: 2\n",
      "0b11\n",
      "12e03\n",
      "1.\n",
      "-.5\n",
      "key: |+\n  a\n\n",
      "key: |-\n  a\n",
      "{a: 1, b}\n",
      "[a, b,]\n",
      "0x\n",
      "- !!set {a}\n",
      "!!float 1\n",
      "!!null x\n",
      "!!bool yes\n",
      "a:\n",
      "a:1\n",
      "1__0\n",
      "08\n",
      "-0\n",
      "-0.0\n",
      "1e400\n",
      "y\n",
      "NO\n",
    ],
    3,
  ),
  damaged(textOf(["a: 1\n", "- x\n", "b: [1]\n", "c: {d: e}\n"], 3), [
    "\n",
    ":",
    " ",
    "-",
    "'",
    '"',
    "{",
    "[",
  ]),
);

export const uuid: Text = fc.oneof(
  damaged(fc.uuid(), ["g", "-", "", "A"]),
  fc.constantFrom(
    "",
    "urn:uuid:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
    "a0eebc999c0b4ef8bb6d6bb9bd380a11",
    "A0EEBC99-9C0B-1EF8-BB6D-6BB9BD380A11",
    "a0eebc99-9c0b-2ef8-bb6d-6bb9bd380a11",
    "a0eebc99-9c0b-2ef8-bb03-6bb9bd380a11",
    "00000000-0000-0000-0000-000000000000",
    "(a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11)",
    "a0eebc99-9c0b-6ef8-0b6d-6bb9bd380a11",
    "a0eebc99-9c0b-7ef8-cb6d-6bb9bd380a11",
    "a0eebc99-9c0b-1ef8-fb6d-6bb9bd380a11",
    "URN:UUID:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "xa0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11y",
    "a0eebc99-9c0b4ef8-bb6d-6bb9bd380a111",
  ),
);

const part: Text = fc.constantFrom(
  '{"alg":"HS256"}',
  '{"typ":"JWT","alg":"none"}',
  '{"cty":"JWT"}',
  '{"enc":"A"}',
  "{}",
  "[]",
  '{"iss":"x","n":1.0,"n":2}',
  "x",
  "null",
  '"a"',
  '{"a":{"b":[1e3]}}',
  '{"cty":"jwt"}',
  "1",
);
const utf = (s: string) => btoaOf(new TextEncoder().encode(s), true);
export const jwt: Text = damaged(
  fc.oneof(
    fc.tuple(part, part, fc.constantFrom("", "c2ln", "c2lnbg", "!", "/+==")).map(([h, p, s]) =>
      `${utf(h)}.${utf(p)}.${s}`
    ),
    fc.tuple(part, part).map(([h, p]) =>
      `${utf('{"cty":"JWT"}')}.${utf(`"${utf(h)}.${utf(p)}.c2ln"`)}.c2ln`
    ),
  ),
  [".", "=", "A", ""],
);

export const goTemplate: Text = textOf(
  [
    "x",
    "{{.a}}",
    "{{ .b.c }}",
    "{{- .a -}}",
    " ",
    "\n",
    "{{if .a}}T{{else}}F{{end}}",
    "{{range .l}}<{{.}}>{{else}}none{{end}}",
    "{{range $i, $x := .l}}{{$i}}={{$x}};{{end}}",
    "{{with .b}}{{.c}}{{end}}",
    "{{$v := .a}}{{$v}}",
    "{{len .l}}",
    "{{index .l 0}}",
    '{{index .b "c"}}',
    '{{printf "%v-%d" .a 3}}',
    "{{print .a .l}}",
    "{{println 1 2}}",
    "{{eq .a 1}}",
    '{{eq .a "x"}}',
    "{{and .a .b}}",
    "{{or .z .a}}",
    "{{not .z}}",
    "{{.z}}",
    "{{.z.y}}",
    "{{/* c */}}",
    "{{end}}",
    "{{",
    "}}",
    "{{.}}",
    "{{$.a}}",
    "{{.a | len}}",
    '{{"q" | printf "%s"}}',
    '{{html "<a>"}}',
    '{{js "\'"}}',
    '{{urlquery "a b"}}',
    "{{lt 1 2}}",
    "{{true}}",
    "{{nil}}",
    "{{1.5}}",
    "{{'a'}}",
    "{{0x10}}",
    "{{if not .a}}n{{else if .b}}b{{end}}",
    "{{range 3}}{{.}}{{end}}",
    "{{range .m}}{{.}}{{end}}",
    "{{range $k, $v := .m}}{{$k}}:{{$v}} {{end}}",
    "{{break}}",
    "{{range .l}}{{break}}{{end}}",
    '{{slice "abc" 1 2}}',
    "{{call .a}}",
    '{{template "t"}}',
    '{{define "t"}}D{{end}}',
    '{{block "t" .}}B{{end}}',
    "{{.l}}",
    "{{.m}}",
    "{{.b}}",
    "{{ne 1 2}}",
    "{{$v = 2}}",
    "{{(.b).c}}",
    "{{`raw`}}",
    "{{.e}}",
    "{{.f}}",
    "{{.n}}",
    '{{`a` "b"}}',
    "{{.A_1}}",
    '{{len "é"}}',
    "{{eq 1 1 2}}",
    "{{with $x := .b}}{{$x.c}}{{else}}none{{end}}",
    "{{gt .a 1}}",
    '{{- "x" -}}',
    "{{.__proto__}}",
    "{{.toString}}",
  ],
  3,
);

export { short, text };
