/**
 * Bits of integers of any size.
 *
 * @module
 */

import { type BuiltinContext, type Builtins, failure, numberAt, operandError } from "../builtin.ts";
import { limitError } from "../limits.ts";
import { fromBigInt, toBigInt } from "../number.ts";
import type { Value } from "../value.ts";

function bigAt(args: readonly Value[], index: number): bigint {
  const value = numberAt(args, index);
  const integer = toBigInt(value);
  if (integer !== undefined) return integer;
  throw operandError(index + 1, "integer number", value);
}

function two(run: (a: bigint, b: bigint, context: BuiltinContext) => bigint): Builtins[string] {
  return (args, context) => fromBigInt(run(bigAt(args, 0), bigAt(args, 1), context));
}

const MAX_SHIFT = 200_000n;

function shiftLeft(value: bigint, count: bigint, context: BuiltinContext): bigint {
  const by = count < 0n ? count : BigInt.asUintN(64, count);
  if (by < 0n) throw failure("must be an unsigned integer number but got a negative integer");
  if (value === 0n) return 0n;
  context.spend(Number(by) / 64);
  if (by > MAX_SHIFT) throw limitError(`bits.lsh by more than ${MAX_SHIFT} bits`);
  return value << by;
}

/** Of the shift OPA sees 64 bits. */
function shiftRight(value: bigint, count: bigint): bigint {
  const by = count < 0n ? count : BigInt.asUintN(64, count);
  if (by < 0n) throw failure("must be an unsigned integer number but got a negative integer");
  if (by > MAX_SHIFT) return value < 0n ? -1n : 0n;
  return value >> by;
}

export const BITS: Builtins = {
  "bits.and/2": two((a, b) => a & b),
  "bits.or/2": two((a, b) => a | b),
  "bits.xor/2": two((a, b) => a ^ b),
  "bits.lsh/2": two(shiftLeft),
  "bits.rsh/2": two(shiftRight),
  "bits.negate/1": (args) => fromBigInt(~bigAt(args, 0)),
};
