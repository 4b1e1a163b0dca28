import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createKest,
  type Entry,
  type KestData,
  plain,
  PolicyViolationError,
  returns,
  type Trackable,
  verified as defaultVerified,
} from "../mod.ts";

const kest = createKest();
const { verified } = kest;

class Cleaner {
  readonly suffix: string;

  constructor(suffix = "!") {
    this.suffix = suffix;
  }

  @verified
  bare(text: Trackable<string>): Promise<KestData<string>> {
    return returns(plain(text) + this.suffix);
  }

  @verified({ nodeId: "clean", addedTaint: ["cleaned"], labels: { app: "demo" } })
  configured(text: Trackable<string>): Promise<KestData<string>> {
    return returns(plain(text).trim() + this.suffix);
  }

  @verified({})
  async slow(text: Trackable<string>, times: Trackable<number> = 1): Promise<KestData<string>> {
    await Promise.resolve();
    return returns(plain(text).repeat(plain(times)) + this.suffix);
  }

  @verified({})
  fail(): Promise<KestData<never>> {
    throw new RangeError(this.suffix);
  }

  @verified({})
  nested(text: Trackable<string>): Promise<KestData<string>> {
    return this.bare(text);
  }

  @verified({ enforceRules: ["data.no"] })
  guarded(): Promise<KestData<string>> {
    return returns("ran");
  }

  @verified({})
  static make(n: Trackable<number>): Promise<KestData<number>> {
    return returns(plain(n) + 1);
  }

  /** The class-field form: callers' types are derived, nothing needs to be declared. */
  readonly field = verified({ nodeId: "field" }, (text: string) => text + this.suffix);
}

function headOf(value: KestData<unknown>): Entry {
  return value.passport.heads[0]!;
}

test("a bare decorator wraps a method: its name is the node, this is kept", async () => {
  const result = await new Cleaner("?").bare("a");
  assert.equal(result.data, "a?");
  assert.equal(headOf(result).node_id, "bare");
});

test("a configured decorator takes all options", async () => {
  const result = await new Cleaner().configured(kest.originate(" a ", { taint: ["raw"] }));
  assert.equal(result.data, "a!");
  assert.equal(headOf(result).node_id, "clean");
  assert.deepEqual(headOf(result).labels, { app: "demo" });
  assert.deepEqual(result.passport.taints, ["cleaned", "raw"]);
});

test("an asynchronous method is awaited; its default parameters work", async () => {
  const cleaner = new Cleaner();
  assert.equal((await cleaner.slow("a")).data, "a!");
  assert.equal((await cleaner.slow(kest.originate("a"), Promise.resolve(2))).data, "aa!");
});

test("inside a decorated method arguments are plain, tracked, promised or not", async () => {
  const cleaner = new Cleaner();
  const value = kest.originate("a");
  for (const argument of ["a", value, Promise.resolve("a"), Promise.resolve(value)]) {
    assert.equal((await cleaner.bare(argument)).data, "a!");
  }
});

test("an error of a decorated method reaches the caller", async () => {
  await assert.rejects(new Cleaner("boom").fail(), { name: "RangeError", message: "boom" });
});

test("a decorated method calls another: one lineage", async () => {
  const result = await new Cleaner().nested(kest.originate("a"));
  assert.equal(result.data, "a!");
  const nodes = Object.values(result.passport.history).map((entry) => entry.node_id);
  assert.deepEqual(nodes, ["originate", "bare", "nested"]);
});

test("a rule on a decorated method denies before it runs", async () => {
  await assert.rejects(new Cleaner().guarded(), PolicyViolationError);
});

test("a static method is decorated like any other", async () => {
  assert.equal((await Cleaner.make(1)).data, 2);
});

test("a decorated method keeps name and length, and is shared by instances", () => {
  assert.equal(Cleaner.prototype.bare.name, "bare");
  assert.equal(Cleaner.prototype.bare.length, 1);
  assert.equal(new Cleaner().bare, new Cleaner().bare);
});

test("an overriding method can call the decorated one of its parent class", async () => {
  class Loud extends Cleaner {
    @verified({ nodeId: "loud" })
    override async bare(text: Trackable<string>): Promise<KestData<string>> {
      return returns((await super.bare(text)).data.toUpperCase());
    }
  }
  const result = await new Loud().bare("a");
  assert.equal(result.data, "A!");
  assert.equal(Object.keys(result.passport.history).length, 2);
});

test("the class-field form keeps this", async () => {
  const { field } = new Cleaner("?");
  const result = await field(kest.originate("a"));
  assert.equal(result.data, "a?");
  assert.equal(headOf(result).node_id, "field");
});

test("the default instance's verified decorates too", async () => {
  class Plain {
    @defaultVerified({ nodeId: "default" })
    one(): Promise<KestData<number>> {
      return returns(1);
    }
  }
  assert.equal((await new Plain().one()).data, 1);
});

test("anything but a method is a TypeError", () => {
  const decorator = verified({}) as unknown as (value: unknown, context: unknown) => unknown;
  for (const kind of ["class", "field", "getter", "setter", "accessor"]) {
    assert.throws(() => decorator(() => 1, { kind, name: "x" }), TypeError, kind);
  }
});

test("a decorator with stream: true is a TypeError", () => {
  const untyped = verified as unknown as (options: object) => (f: unknown, c: unknown) => unknown;
  const context = { kind: "method", name: "x" };
  assert.throws(() => untyped({ stream: true })(function x() {}, context), TypeError);
});

test("a misspelt option is a TypeError when the class is defined", () => {
  const untyped = verified as unknown as (options: object) => (f: unknown, c: unknown) => unknown;
  const context = { kind: "method", name: "x" };
  assert.throws(() => untyped({ addedTaints: [] })(function x() {}, context), TypeError);
});

test("plain on a tracked value says that the method is not decorated", () => {
  class Undecorated {
    one(text: Trackable<string>): string {
      return plain(text);
    }
  }
  assert.throws(() => new Undecorated().one(kest.originate("a")), { name: "TypeError" });
});
