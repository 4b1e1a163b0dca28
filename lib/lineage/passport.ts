/**
 * Passports: an immutable view of the entries at or above some heads.
 *
 * @module
 */

import { defaultTrust, distinctOrigins, unionSorted } from "./derive.ts";
import { type Entry, type Origin, VERSION } from "./entry.ts";
import {
  collision,
  type EntryNode,
  exposed,
  freezeDeep,
  reach,
  refuseCollisions,
  topological,
  withoutParents,
} from "./node.ts";
import { NO_SEALS, type Seal, unionSeals } from "./seal.ts";
import { makeSeals, type SealOptions } from "./sealing.ts";

/** A passport in its JSON form (SPEC 2.5). */
export interface PassportJson {
  /** Entries by id; parents before children when written by this module. */
  readonly history: Readonly<Record<string, Entry>>;
  /** The origin of the first entry: the one without parents whose hash is least (SPEC 2.5). */
  readonly origin: Origin;
  /** The seals. */
  readonly seals: readonly Seal[];
  /** Always `kest/v1`. */
  readonly version: "kest/v1";
}

// TypeScript's `private` ends where JavaScript begins.
const TOKEN = Symbol("kest.passport");

let internals: (passport: Passport) => {
  readonly heads: readonly EntryNode[];
  readonly seals: readonly Seal[];
};

let create: (heads: readonly EntryNode[], seals: readonly Seal[]) => Passport;

/**
 * Where a value came from: every entry at or above its heads, with the seals
 * that attest them. Immutable; a step makes a new passport and shares the old.
 *
 * @example
 * ```ts
 * import { originate } from "@kest/kest";
 * import assert from "node:assert/strict";
 *
 * const { passport } = await originate({ id: 7 }, { taint: ["pii_data"] });
 * assert.deepEqual(passport.taints, ["pii_data"]);
 * assert.equal(Object.keys(passport.history).length, 1);
 * ```
 */
export class Passport {
  readonly #heads: readonly EntryNode[];
  readonly #seals: readonly Seal[];

  static {
    internals = (passport) => ({ heads: passport.#heads, seals: passport.#seals });
    create = (heads, seals) => new Passport(heads, seals, TOKEN);
  }

  private constructor(heads: readonly EntryNode[], seals: readonly Seal[], token: symbol) {
    if (token !== TOKEN) throw new TypeError("Passports are made by steps and parsePassport only");
    this.#heads = heads;
    this.#seals = seals;
    Object.freeze(this);
  }

  /** The newest entries: no other entry of this passport descends from them. */
  get heads(): readonly Entry[] {
    return Object.freeze(this.#heads.map(exposed));
  }

  /**
   * All entries by id, parents before children. Derived at each call.
   *
   * @throws {KestError} `ID_COLLISION` if two entries have one id: nothing is
   * left out silently.
   */
  get history(): Readonly<Record<string, Entry>> {
    const history: Record<string, Entry> = Object.create(null);
    for (const node of topological(reach(this.#heads))) {
      const { entry_id: id } = node.body;
      if (Object.hasOwn(history, id)) throw collision(node);
      history[id] = exposed(node);
    }
    return Object.freeze(history);
  }

  /** Where the data came from: every origin at or above the heads. */
  get origins(): readonly Origin[] {
    const own = [...reach(this.#heads).values()].flatMap((node) => node.body.origin ?? []);
    return freezeDeep(distinctOrigins(own));
  }

  /** The seals. */
  get seals(): readonly Seal[] {
    return this.#seals;
  }

  /** Accumulated taints of the heads, sorted. */
  get taints(): readonly string[] {
    return Object.freeze([...unionSorted(this.#heads.map((head) => head.body.accumulated_taint))]);
  }

  /** The least trust score of the heads, 0 to 1. */
  get trustScore(): number {
    return defaultTrust(1, this.#heads.map((head) => head.body.trust_score));
  }

  /**
   * This passport with seals for every entry that a key of this process answers
   * for and that has none yet (SPEC 5.4). With an audience, a nonce or an expiry
   * the heads are sealed anew, and own seals without any that this covers go.
   *
   * @throws {SealError} if entries cannot be covered, naming them.
   * @throws {KestError} `SIGNER` if a signer returns a wrong signature.
   * @throws {TypeError} if `audience` or `nonce` is not a string of 1 to 256 characters.
   * @throws {RangeError} if `expiresAt` is no time or not after now.
   *
   * @example
   * ```ts
   * import { createKest, generateKey } from "@kest/kest";
   * import assert from "node:assert/strict";
   *
   * const kest = createKest({ signer: await generateKey() });
   * const { passport } = await kest.originate("hello");
   * const sealed = await passport.seal({ audience: "auditor" });
   * assert.equal(sealed.seals[0]?.audience, "auditor");
   * ```
   */
  async seal(options: SealOptions = {}): Promise<Passport> {
    const { made, kept } = await makeSeals(this.#heads, this.#seals, options, Date.now());
    if (made.length === 0) return this;
    return create(this.#heads, unionSeals([kept, made]));
  }

  /** The JSON form. Never signs. */
  toJSON(): PassportJson {
    const history = this.history;
    const first = Object.values(history)[0]!;
    return { version: VERSION, origin: first.origin!, history, seals: this.#seals };
  }
}

/** The parts of a passport, for the other layers of this module. */
export function partsOf(passport: Passport): {
  readonly heads: readonly EntryNode[];
  readonly seals: readonly Seal[];
} {
  return internals(passport);
}

/** A passport from its parts, for the other layers of this module. */
export function passportFrom(
  heads: readonly EntryNode[],
  seals: readonly Seal[] = NO_SEALS,
): Passport {
  return create(Object.freeze(heads), seals);
}

/**
 * One passport that holds all of several: their entries, their seals, and as
 * heads those entries from which no other descends. The order does not matter.
 *
 * @throws {TypeError} without any passport.
 * @throws {KestError} `ID_COLLISION` if entries cannot stand in one passport.
 */
export function mergePassports(...passports: readonly Passport[]): Passport {
  if (passports.length === 0) throw new TypeError("mergePassports needs at least one passport");
  const parts = passports.map(partsOf);
  refuseCollisions(parts.flatMap((part) => part.heads));
  const heads = withoutParents(reach(parts.flatMap((part) => part.heads)));
  return passportFrom(heads, unionSeals(parts.map((part) => part.seals)));
}
