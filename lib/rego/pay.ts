/**
 * Who pays for work on values: what takes long says so here before or while it
 * works, wherever it is called from.
 *
 * @module
 */

let spend: (units: number) => void = () => {};

/**
 * Runs something, which must be synchronous, whose work on values is paid for.
 * A value may hold another many times over, so that looking at all of it costs
 * much more than it takes to make it.
 */
export function payingWith<T>(payer: (units: number) => void, run: () => T): T {
  const before = spend;
  spend = payer;
  try {
    return run();
  } finally {
    spend = before;
  }
}

/** Pays for `units` elements, or pieces of 16 characters, that are looked at. */
export function pay(units: number): void {
  spend(units);
}
