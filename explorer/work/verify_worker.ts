/**
 * The worker that rechecks a passport. It reads a copy of its own, so that
 * looking around never waits for it.
 *
 * @module
 */

import { reportMembers } from "../../lib/cli/report_json.ts";
import { safeJson } from "../../lib/cli/screen.ts";
import { type AnyPassport, parseAnyPassport } from "../../lib/verify/any_passport.ts";
import { verifyPythonWith } from "../../lib/verify/python_trust.ts";
import type { VerificationReport } from "../../lib/verify/report.ts";
import {
  checkTrustPolicy,
  TRUST_VERSION,
  type TrustPolicy,
} from "../../lib/verify/trust_policy.ts";
import { verifyPassport } from "../../lib/verify/verify.ts";
import { entriesOf } from "./entries.ts";
import { type Marked, marksOf } from "./marks.ts";
import { Moved, type Notify } from "./rpc.ts";
import { bytesOf } from "./source.ts";

/** Findings that the page gets to show, and entries of each; all are in the JSON report. */
const SENT = 200;

/** What the reader asks of the verifier. */
export interface Questions {
  /** Whom to trust; nobody, if left out. */
  readonly trust?: TrustPolicy | undefined;
  /** Who the reader is, as the sealer calls them. */
  readonly audience?: string | undefined;
  /** The challenge that the reader gave. */
  readonly nonce?: string | undefined;
}

/** What a recheck comes to. */
export interface Rechecked {
  /** The report, with the first of its findings. */
  readonly report: VerificationReport;
  /** How many findings there are. */
  readonly findings: number;
  /** A mark for each entry. */
  readonly marks: Uint8Array<ArrayBuffer>;
}

const NOBODY: TrustPolicy = { version: TRUST_VERSION, keys: [] };

/** Members that are given; the verifier takes a member that is `undefined` for a question. */
function given({ audience, nonce }: Questions): { audience?: string; nonce?: string } {
  return {
    ...(audience === undefined ? {} : { audience }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

function markedIn(read: AnyPassport): readonly Marked[] {
  return read.kind === "python"
    ? read.passport.entries.map(({ key }) => ({
      id: key,
      keyId: read.passport.publicKeyId || null,
    }))
    : entriesOf(read.passport).map(
      ({ entry_id: id, public_key_id: keyId }) => ({ id, keyId }),
    );
}

/** The methods of the worker. */
export function verifyHandlers(notify: Notify) {
  let read: AnyPassport | undefined;
  let report: VerificationReport | undefined;

  async function reportOn(read: AnyPassport, questions: Questions): Promise<VerificationReport> {
    const { trust = NOBODY } = questions;
    if (read.kind === "python") {
      return await verifyPythonWith(read.passport, checkTrustPolicy(trust));
    }
    return await verifyPassport(read.passport, {
      trust,
      ...given(questions),
      onVerdict: (aspect, verdict) => notify("verdict", { aspect, verdict }),
      onProgress: (done, entries) => notify("progress", done / entries),
    });
  }

  return {
    /** Reads a passport. @throws {ParseError} if it cannot be read. */
    async open(file: Blob): Promise<void> {
      read = undefined;
      read = parseAnyPassport(await bytesOf(file));
    },

    /** Rechecks it; tells every verdict as soon as it is known. */
    async verify(questions: Questions): Promise<Moved<Rechecked>> {
      if (!read) throw new TypeError("verify() before open()");
      report = await reportOn(read, questions);
      const marks = marksOf(markedIn(read), report);
      const findings = report.findings.slice(0, SENT).map(({ entries, ...finding }) =>
        entries === undefined ? finding : { ...finding, entries: entries.slice(0, SENT) }
      );
      return new Moved(
        { report: { ...report, findings }, findings: report.findings.length, marks },
        [marks.buffer],
      );
    },

    /** The last report as `kest verify --json` prints it. @param file The passport's name. */
    json(file: string): Blob {
      if (!read || !report) throw new TypeError("json() before verify()");
      return new Blob([safeJson(JSON.stringify(reportMembers(file, read.kind, report)))], {
        type: "application/json",
      });
    },
  };
}

export type VerifyHandlers = ReturnType<typeof verifyHandlers>;
