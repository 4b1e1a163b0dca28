/** Random inputs and base data for the policies of generate_policy.ts. */

import fc from "fast-check";

const value = fc.oneof(
  { maxDepth: 2 },
  fc.constantFrom(0, 1, 2, 3, -1, 1.5, "a", "b", "c", "", true, false, null),
  fc.array(fc.constantFrom(0, 1, 2, 3, "a", "b", null, true), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom("a", "b", "c", "0"), fc.constantFrom(0, 1, "a", false), {
    maxKeys: 3,
  }),
  fc.constantFrom([[1], { a: [1, 2] }], { a: { b: { c: 1 } } }, { a: 1 }, ["a", { k: 1 }]),
);

/** Documents whose members have, more often than not, the types that policies expect. */
export const input: fc.Arbitrary<unknown> = fc.record({
  a: value,
  b: value,
  n: fc.constantFrom(0, 1, 2, 3, 2.5, 10),
  s: fc.constantFrom("", "a", "abc", "12", "1e2", " x "),
  xs: fc.array(value, { maxLength: 4 }),
  ys: fc.array(fc.constantFrom(1, 2, 3, 2.5, -1), { maxLength: 4 }),
  names: fc.array(fc.constantFrom("a", "b", "x"), { maxLength: 3 }),
  o: fc.record({ a: value, b: value, c: value }, { requiredKeys: [] }),
  flag: fc.boolean(),
}, { requiredKeys: ["n", "s"] });

const base = fc.record({
  a: value,
  list: fc.array(value, { maxLength: 3 }),
  o: fc.dictionary(fc.constantFrom("a", "b", "1"), value, { maxKeys: 3 }),
}, { requiredKeys: [] });

/** `data.base`, and `data.p.given` beside the rules of package p. */
export const data: fc.Arbitrary<unknown> = fc.tuple(base, value).map(([base, given]) => ({
  base,
  p: { given },
}));
