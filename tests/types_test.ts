/**
 * Type tests: checked by the compiler (`deno check`, `deno test`), hardly run.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createKest,
  type KestData,
  type KestStream,
  type Originated,
  type Plain,
  plain,
  returns,
  type Trackable,
  type VerifiedFunction,
} from "../mod.ts";

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles only if the two types are the same. */
function assertSame<_A, _B>(..._proof: Equals<_A, _B> extends true ? [] : [never]): void {}

/** The assertion is the compiler's: the code is compiled, and never called. */
function assertCompiles(code: () => unknown): void {
  assert.equal(typeof code, "function");
}

const kest = createKest();
const { verified } = kest;

interface Row {
  readonly id: number;
  readonly tags: readonly string[];
}

declare const row: KestData<Row>;
declare const text: KestData<string>;
declare const count: KestData<number>;

test("a plain function: parameters are trackable, the result is promised and tracked", () => {
  assertCompiles(() => {
    const fn = verified({ nodeId: "x" }, (r: Row, n: number) => r.id + n);
    assertSame<typeof fn, VerifiedFunction<unknown, [r: Row, n: number], number>>();
    assertSame<ReturnType<typeof fn>, Promise<KestData<number>>>();
    fn(row, count);
    fn(Promise.resolve(row), Promise.resolve(count));
    fn({ id: 1, tags: [] }, 1);
    fn(Promise.resolve({ id: 1, tags: [] }), Promise.resolve(1));
    // @ts-expect-error A tracked string is no number.
    fn(row, text);
    // @ts-expect-error A string is no number.
    fn(row, "1");
    // @ts-expect-error An argument is missing.
    fn(row);
    // @ts-expect-error One argument too many.
    fn(row, 1, 2);
  });
});

test("verified without options has the same types", () => {
  assertCompiles(() => {
    const fn = verified(function add(a: number, b: number) {
      return a + b;
    });
    assertSame<ReturnType<typeof fn>, Promise<KestData<number>>>();
    fn(count, 1);
    // @ts-expect-error A string is no number.
    fn("1", 1);
  });
});

test("optional parameters stay optional", () => {
  assertCompiles(() => {
    const fn = verified({ nodeId: "x" }, (a: string, b?: number) => a + b);
    fn("a");
    fn(text, count);
    fn(text, undefined);
    // @ts-expect-error The first is not optional.
    fn();
  });
});

test("rest parameters stay rest parameters", () => {
  assertCompiles(() => {
    const fn = verified({ nodeId: "x" }, (a: string, ...more: number[]) => a + more.length);
    fn("a");
    fn("a", 1, count, Promise.resolve(count));
    // @ts-expect-error The rest are numbers.
    fn("a", 1, text);
  });
});

test("this is kept and demanded", () => {
  assertCompiles(() => {
    const fn = verified({ nodeId: "x" }, function (this: { factor: number }, n: number) {
      return n * this.factor;
    });
    fn.call({ factor: 2 }, count);
    // @ts-expect-error Another this.
    fn.call({ other: 2 }, count);
    // @ts-expect-error No this at all.
    fn(count);
  });
});

test("generic functions stay generic", () => {
  assertCompiles(async () => {
    const identity = verified({ nodeId: "x" }, <T>(x: T) => x);
    const one: KestData<number> = await identity(1 as number);
    const two: KestData<string> = await identity("a" as string);
    // @ts-expect-error Not any.
    const wrong: KestData<string> = await identity(1 as number);
    return [one, two, wrong];
  });
});

test("of overloads the last signature counts", () => {
  assertCompiles(() => {
    function parse(value: string): number;
    function parse(value: number): string;
    function parse(value: number | string): number | string {
      return value;
    }
    const fn = verified(parse);
    assertSame<ReturnType<typeof fn>, Promise<KestData<string>>>();
    fn(1);
    // @ts-expect-error The first signature is gone.
    fn("1");
  });
});

test("an asynchronous result is awaited", () => {
  assertCompiles(() => {
    const fn = verified({ nodeId: "x" }, async () => await Promise.resolve({ id: 1 }));
    assertSame<ReturnType<typeof fn>, Promise<KestData<{ id: number }>>>();
  });
});

test("generators and streams are drained: arrays of items, or bytes", () => {
  assertSame<Plain<Generator<number>>, number[]>();
  assertSame<Plain<AsyncGenerator<string>>, string[]>();
  assertSame<Plain<ReadableStream<{ a: number }>>, { a: number }[]>();
  assertSame<Plain<ReadableStream<Uint8Array>>, Uint8Array>();
  assertSame<Plain<AsyncGenerator<Uint8Array>>, Uint8Array>();
  assertSame<Plain<Promise<Generator<number>>>, number[]>();
  assertCompiles(() => {
    const fn = verified(function* items() {
      yield 1;
      yield "a";
    });
    assertSame<ReturnType<typeof fn>, Promise<KestData<("a" | 1)[]>>>();
  });
});

test("an array is no generator: it stays what it is", () => {
  assertSame<Plain<number[]>, number[]>();
  assertSame<Plain<[number, string]>, [number, string]>();
  assertSame<Plain<readonly string[]>, readonly string[]>();
});

test("results that are bytes, undefined or null keep their types", () => {
  assertSame<Plain<Uint8Array>, Uint8Array>();
  assertSame<Plain<ArrayBuffer>, ArrayBuffer>();
  assertSame<Plain<Blob>, Blob>();
  assertSame<Plain<undefined>, undefined>();
  assertSame<Plain<void>, void>();
  assertSame<Plain<null>, null>();
  assertSame<Plain<number | undefined>, number | undefined>();
});

test("tracked values in results are replaced by their data", () => {
  assertSame<Plain<KestData<number>>, number>();
  assertSame<Plain<Promise<KestData<Row>>>, Row>();
  assertSame<Plain<{ a: KestData<number>; b: string }>, { a: number; b: string }>();
  assertSame<Plain<KestData<number>[]>, number[]>();
  assertSame<Plain<{ deep: { list: [KestData<string>, 1] } }>, { deep: { list: [string, 1] } }>();
  assertSame<Plain<Generator<KestData<number>>>, number[]>();
  assertSame<Plain<KestData<KestData<number>>>, number>();
});

test("interfaces pass through unchanged", () => {
  assertCompiles(() => {
    const fn = verified({ nodeId: "x" }, (r: Row) => r);
    assertSame<ReturnType<typeof fn>, Promise<KestData<Row>>>();
  });
});

test("containers may hold tracked values and promises of them", () => {
  assertCompiles(() => {
    const list = verified({ nodeId: "x" }, (rows: readonly Row[]) => rows.length);
    list([row, { id: 1, tags: [] }, Promise.resolve(row)]);
    const nested = verified({ nodeId: "x" }, (v: { row: Row; list: number[] }) => v.list.length);
    nested({ row, list: [1, count] });
    nested({ row: { id: count, tags: [text] }, list: [] });
    // @ts-expect-error A tracked string is no number.
    nested({ row, list: [text] });
    // @ts-expect-error A member is missing.
    nested({ row });
  });
});

test("a function with a union parameter takes a tracked value of either", () => {
  assertCompiles(() => {
    const fn = verified({ nodeId: "x" }, (v: number | string) => v);
    fn(count);
    fn(text);
    fn(1);
  });
});

test("callbacks keep their types", () => {
  assertCompiles(() => {
    const fn = verified({ nodeId: "x", opaqueArgs: [0] }, (f: (n: number) => string) => f(1));
    fn((n) => n.toFixed());
    // @ts-expect-error Not such a callback.
    fn((n: string) => n);
  });
});

test("calls compose: results and their promises are arguments", () => {
  assertCompiles(async () => {
    const one = verified({ nodeId: "x" }, () => 1 as number);
    const add = verified({ nodeId: "x" }, (a: number, b: number) => a + b);
    const sum = await add(one(), await one());
    assertSame<typeof sum, KestData<number>>();
  });
});

test("stream: true gives a KestStream of the items", () => {
  assertCompiles(() => {
    const numbers = verified({ nodeId: "x", stream: true }, function* () {
      yield 1 as number;
    });
    assertSame<ReturnType<typeof numbers>, Promise<KestStream<number>>>();
    const rows = verified({ nodeId: "x", stream: true }, async function* (r: Row) {
      yield await Promise.resolve(r);
    });
    assertSame<ReturnType<typeof rows>, Promise<KestStream<Row>>>();
    rows(row);
    const bytes = verified(
      { nodeId: "x", stream: true },
      () => new ReadableStream<Uint8Array>(),
    );
    assertSame<ReturnType<typeof bytes>, Promise<KestStream<Uint8Array>>>();
    const tracked = verified({ nodeId: "x", stream: true }, function* () {
      yield count;
    });
    assertSame<ReturnType<typeof tracked>, Promise<KestStream<number>>>();
    const off = verified({ nodeId: "x", stream: false }, () => 1 as number);
    assertSame<ReturnType<typeof off>, Promise<KestData<number>>>();
  });
});

test("collect gives bytes for streams of bytes, and an array otherwise", () => {
  assertSame<ReturnType<KestStream<number>["collect"]>, Promise<KestData<number[]>>>();
  assertSame<ReturnType<KestStream<Uint8Array>["collect"]>, Promise<KestData<Uint8Array>>>();
});

test("originate gives a promise only for Blobs", () => {
  assertSame<Originated<{ a: 1 }>, KestData<{ a: 1 }>>();
  assertSame<Originated<Blob>, Promise<KestData<Blob>>>();
  assertSame<Originated<Uint8Array>, KestData<Uint8Array>>();
});

test("options are checked by name and type", () => {
  assertCompiles(() => {
    // @ts-expect-error Misspelt.
    verified({ nodeId: "x", enforceRule: [] }, () => 1);
    // @ts-expect-error A list of taints, not one.
    verified({ nodeId: "x", addedTaint: "pii" }, () => 1);
    // @ts-expect-error Misspelt.
    kest.originate(1, { taints: [] });
    // @ts-expect-error A reason and a signer are required.
    kest.declassify(row, { remove: ["pii"] });
    // @ts-expect-error Only tracked values.
    kest.declassify(1, { remove: [], reason: "", signer: undefined! });
  });
});

test("data and passport are read-only", () => {
  assertCompiles(() => {
    // @ts-expect-error Read-only.
    row.data = { id: 1, tags: [] };
    // @ts-expect-error Read-only.
    row.passport.taints.push("x");
  });
});

test("the decorator takes methods that promise tracked data", () => {
  class Good {
    @verified
    bare(value: Trackable<string>): Promise<KestData<string>> {
      return returns(plain(value));
    }

    @verified({ addedTaint: ["x"] })
    // deno-lint-ignore require-await
    async configured(value: Trackable<Row>, _n?: number): Promise<KestData<number>> {
      return returns(plain(value).id);
    }
  }
  assertCompiles(() => {
    const good = new Good();
    assertSame<ReturnType<Good["bare"]>, Promise<KestData<string>>>();
    good.bare(text);
    good.configured({ id: count, tags: [] }, 1);
    // @ts-expect-error A number is no string.
    good.bare(1);
  });
});

test("the decorator refuses methods of any other type", () => {
  assertCompiles(() => {
    class Bad {
      // @ts-expect-error Callers would see a number where they get tracked data.
      @verified
      bare(): number {
        return 1;
      }

      // @ts-expect-error The same.
      @verified({ addedTaint: ["x"] })
      configured(): number {
        return 1;
      }

      // @ts-expect-error A promise of plain data is not what callers get.
      @verified({ addedTaint: ["x"] })
      promised(): Promise<number> {
        return Promise.resolve(1);
      }

      // @ts-expect-error Tracked data, but not promised.
      @verified({ addedTaint: ["x"] })
      tracked(): KestData<number> {
        return count;
      }
    }
    return Bad;
  });
});

test("the decorator does not take stream: true", () => {
  assertCompiles(() => {
    // @ts-expect-error Wrap a function instead.
    verified({ stream: true });
  });
});

test("plain takes the tracking off a parameter, returns puts it on a result", () => {
  assertCompiles(() => {
    const value = plain(undefined! as Trackable<number>);
    assertSame<typeof value, number>();
    const result = returns(1 as number);
    assertSame<typeof result, KestData<number> & Promise<KestData<number>>>();
  });
});
