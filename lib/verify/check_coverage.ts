/**
 * Step 6 of verification: whether every entry has the seal of the key it names,
 * and which entries the seals that are not valid leave open (SPEC 6.2).
 *
 * @module
 */

import type { EntryNode } from "../lineage/node.ts";
import {
  type CheckedSeal,
  named,
  type Place,
  placeOf,
  type ValidSeal,
  type VerifyContext,
} from "./context.ts";

/** Lists of entries that seals leave open hold this many ids for each entry, in all. */
const LISTED = 10;

/** Finds the entries that no valid seal attests and that some seal may have attested. */
class OpenEntries {
  readonly #tolerance: number;
  readonly #open = new Set<EntryNode>();
  readonly #byKey = new Map<string, EntryNode[]>();
  #left: number;

  constructor(context: VerifyContext, covered: ReadonlySet<string>) {
    this.#tolerance = context.tolerance;
    this.#left = LISTED * context.entries.length;
    for (const node of context.entries) {
      if (covered.has(node.hash)) continue;
      this.#open.add(node);
      const key = node.body.public_key_id ?? "";
      if (!this.#byKey.get(key)?.push(node)) this.#byKey.set(key, [node]);
    }
  }

  get all(): ReadonlySet<EntryNode> {
    return this.#open;
  }

  /**
   * What only this seal covered: open entries under its heads, and those of its
   * key that were there when it was made. Below a head that is gone, or another
   * version, it cannot be said which.
   */
  under({ seal, coverage }: ValidSeal): Place {
    const own = this.#byKey.get(seal.public_key_id) ?? [];
    // Hostile seals must not cost the product of seals and entries.
    if (this.#left <= 0) return {};
    this.#left -= own.length + coverage.attested.length;
    const latest = seal.sealed_at_ms + this.#tolerance;
    const found = new Set(coverage.attested.filter((node) => this.#open.has(node)));
    for (const node of own) if (node.body.timestamp_ms <= latest) found.add(node);
    return found.size === 0
      ? {}
      : { entries: Object.freeze([...found].map((node) => node.body.entry_id)) };
  }
}

/** Step 6: every entry is covered by a valid seal; step 5 saw that it is one of its key. */
export function checkCoverage(
  context: VerifyContext,
  valid: readonly ValidSeal[],
  invalid: readonly CheckedSeal[],
): void {
  const covered = new Set<string>();
  for (const { coverage } of valid) {
    for (const node of coverage.attested) covered.add(node.hash);
  }
  const open = new OpenEntries(context, covered);
  for (const seal of invalid) reportSeal(context, seal, open);
  for (const seal of valid) reportWithheld(context, seal, open);
  for (const node of open.all) reportOpen(context, node);
  if (open.all.size === 0) return;
  context.findings.unknown(
    "integrity",
    "UNSEALED",
    `${open.all.size} of ${context.entries.length} entries are not sealed: their hashes may agree, but anybody can compute hashes`,
  );
}

function reportSeal(context: VerifyContext, checked: CheckedSeal, open: OpenEntries): void {
  const [first, ...rest] = checked.problems;
  const place = { ...first!.place, seal: checked.index, ...open.under(checked) };
  context.findings.fail("integrity", first!.code, first!.message, place);
  for (const { code, message, place } of rest) {
    context.findings.fail("integrity", code, message, { ...place, seal: checked.index });
  }
}

/** A head that is gone was kept back, or it was changed: then what is in its place is open. */
function reportWithheld(context: VerifyContext, valid: ValidSeal, open: OpenEntries): void {
  const { index, coverage } = valid;
  for (const [at, hash] of coverage.withheld.entries()) {
    const under = at === 0 ? open.under(valid) : {};
    const why = under.entries === undefined ? "" : ", or open entries were changed";
    context.findings.note(
      "completeness",
      "WITHHELD",
      `A sealed head was not handed over${why}: ${hash}`,
      { seal: index, stored: hash, ...under },
    );
  }
}

function reportOpen(context: VerifyContext, node: EntryNode): void {
  const stored = node.body.public_key_id;
  const place = placeOf(node, { field: "public_key_id", stored });
  if (stored === null) {
    const message = `${named(node)} names no key: nobody answers for it`;
    context.findings.unknown("identity", "UNSIGNED", message, place);
  }
  const message = `${named(node)} is open: no valid seal of its key attests it`;
  context.findings.unknown("completeness", "OPEN", message, place);
}
