/**
 * The version of this module.
 *
 * @module
 */

/** The version that `kest --version` prints: the same as in deno.json. */
export const CLI_VERSION = "0.1.0";
