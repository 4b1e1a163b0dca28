/**
 * Options that programs pass.
 *
 * @module
 */

/**
 * Refuses misspelt options: a misspelt `policyEngine` must not pass unnoticed.
 *
 * @throws {TypeError} that names the option and those that are known.
 */
export function refuseUnknown(
  options: object,
  known: ReadonlySet<string>,
  what: string,
): void {
  for (const name of Object.keys(options)) {
    if (!known.has(name)) {
      throw new TypeError(`Unknown option of ${what}: ${name}; known are ${[...known].join(", ")}`);
    }
  }
}
