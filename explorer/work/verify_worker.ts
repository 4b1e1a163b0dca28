/**
 * The worker that rechecks a passport. It reads a copy of its own, so that
 * looking around never waits for it.
 *
 * @module
 */

import { type AnyPassport, parseAnyPassport } from "../../lib/verify/any_passport.ts";
import { verifyPythonWith } from "../../lib/verify/python_trust.ts";
import type { VerificationReport } from "../../lib/verify/report.ts";
import {
  checkTrustPolicy,
  TRUST_VERSION,
  type TrustPolicy,
} from "../../lib/verify/trust_policy.ts";
import { verifyPassport } from "../../lib/verify/verify.ts";
import type { Notify } from "./rpc.ts";

/** What the reader asks of the verifier. */
export interface Questions {
  /** Whom to trust; nobody, if left out. */
  readonly trust?: TrustPolicy | undefined;
  /** Who the reader is, as the sealer calls them. */
  readonly audience?: string | undefined;
  /** The challenge that the reader gave. */
  readonly nonce?: string | undefined;
}

const NOBODY: TrustPolicy = { version: TRUST_VERSION, keys: [] };

/** Members that are given; the verifier takes a member that is `undefined` for a question. */
function given({ audience, nonce }: Questions): { audience?: string; nonce?: string } {
  return {
    ...(audience === undefined ? {} : { audience }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

/** The methods of the worker. */
export function verifyHandlers(notify: Notify) {
  let read: AnyPassport | undefined;
  return {
    /** Reads a passport. @throws {ParseError} if it cannot be read. */
    open(bytes: Uint8Array): void {
      read = undefined;
      read = parseAnyPassport(bytes);
    },

    /** Rechecks it; tells every verdict as soon as it is known. */
    async verify(questions: Questions): Promise<VerificationReport> {
      if (!read) throw new TypeError("verify() before open()");
      const { trust = NOBODY } = questions;
      if (read.kind === "python") {
        return await verifyPythonWith(read.passport, checkTrustPolicy(trust));
      }
      return await verifyPassport(read.passport, {
        trust,
        ...given(questions),
        onVerdict: (aspect, verdict) => notify("verdict", { aspect, verdict }),
      });
    },
  };
}

export type VerifyHandlers = ReturnType<typeof verifyHandlers>;
