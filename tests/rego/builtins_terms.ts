/**
 * Random Rego terms: nasty strings, numbers and collections, as source text.
 *
 * @module
 */

import fc from "fast-check";

/** A term's source text. */
export type Term = fc.Arbitrary<string>;

/** Text, often composed of the given pieces. */
export function textOf(pieces: readonly string[], maxLength = 4): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { maxLength }).map((parts) => parts.join(""));
}

/** A string literal of the text; source text may not have U+FEFF in it. */
export function quoted(text: fc.Arbitrary<string>): Term {
  return text.map((one) => JSON.stringify(one).replaceAll("\ufeff", "\\ufeff"));
}

const CHARACTERS =
  "a|b|ab|A|Z|z|x|0|9|é|e\u0301|😀|𝔸|日本|ß|İ|ı|ǆ|ﬁ|ΑΣ|ς|\0|\t|\n| |\u00a0|<&>|\u2028|%|\"|\\|/|.|,|-|_|~|+|=|;|:|'|`|\x7f|\u200b|\ufeff|\ufffd|__proto__|constructor|toString"
    .split("|");
const PIECES = [...CHARACTERS, "|"];

export const text: fc.Arbitrary<string> = textOf(PIECES);
export const short: fc.Arbitrary<string> = textOf(["a", "b", "ab", "é", "😀", "", "x", "A"], 3);
export const str: Term = quoted(fc.oneof(text, short));

export const INTEGERS: readonly string[] =
  ("0 1 -1 2 3 7 8 10 -5 31 63 64 100 255 1000 2147483647 2147483648 4294967296 " +
    "9007199254740991 9007199254740992 9007199254740993 -9007199254740993 9223372036854775807 " +
    "9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 " +
    "18446744073709551616 1000000000000000000000 123456789012345678901234567890123456789012345")
    .split(" ");
export const FRACTIONS: readonly string[] =
  ("0.1 0.2 0.3 0.5 1.5 2.5 -0.5 -1.5 -2.5 1e-7 1e21 1e20 1e22 1.0 -3.0 1.10 2e3 1E5 1e+2 12e-1 " +
    "0.30000000000000004 123456789.123456789 1e300 -1e300 1e-300 1e400 4.9e-324 " +
    "2.2250738585072014e-308 12345678901234567890.5 9007199254740992.5 0.000001 0.0000001 " +
    "100000000000000000000.5 3.14159265358979323846 -0.0 0.0 1e0 0e5 5e-1 99999999999999999999e-5 " +
    "1.7976931348623157e308").split(" ");

export const small: Term = fc.integer({ min: -3, max: 12 }).map(String);
export const integer: Term = fc.oneof(
  small,
  fc.constantFrom(...INTEGERS),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String),
);
export const number: Term = fc.oneof(
  integer,
  fc.constantFrom(...FRACTIONS),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer({ min: -9999, max: 9999 }).map((n) => String(n / 100)),
);
export const bool: Term = fc.constantFrom("true", "false");
export const scalar: Term = fc.oneof(
  { weight: 3, arbitrary: str },
  { weight: 3, arbitrary: number },
  bool,
  fc.constant("null"),
);

export function arrayOf(item: Term, maxLength = 4): Term {
  return fc.array(item, { maxLength }).map((items) => `[${items.join(", ")}]`);
}

export function setOf(item: Term, maxLength = 4): Term {
  return fc.array(item, { maxLength }).map((items) =>
    items.length === 0 ? "set()" : `{${items.join(", ")}}`
  );
}

export function listOf(item: Term, maxLength = 4): Term {
  return fc.oneof(arrayOf(item, maxLength), setOf(item, maxLength));
}

/** Objects; of keys that are written alike the last counts. */
export function objectOf(key: Term, value: Term, maxLength = 4): Term {
  return fc.array(fc.tuple(key, value), { maxLength }).map((entries) =>
    `{${[...new Map(entries)].map(([k, v]) => `${k}: ${v}`).join(", ")}}`
  );
}

function nested(key: Term, withSets: boolean): Term {
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      { weight: 5, arbitrary: scalar },
      { weight: 2, arbitrary: arrayOf(tie("value")) },
      { weight: 2, arbitrary: objectOf(key, tie("value")) },
      { weight: withSets ? 1 : 0, arbitrary: setOf(tie("value")) },
    ),
  }));
  return value;
}

export const name: Term = quoted(
  fc.constantFrom(
    ..."a b c 0 1 a/b ~ é __proto__ constructor toString".split(" "),
    "",
  ),
);

export const json: Term = nested(str, false);
export const value: Term = nested(fc.oneof(str, scalar, arrayOf(small)), true);
/** Documents with few names, so that paths meet something. */
export const doc: Term = nested(name, false);
export const docWithSets: Term = nested(fc.oneof(name, small), true);
