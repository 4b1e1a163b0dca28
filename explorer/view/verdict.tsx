/**
 * The verdict: five questions, each with its answer and what that does not prove.
 * Never one banner: an unknown signer is not a changed file.
 *
 * @module
 */

import {
  type Aspect,
  ASPECTS,
  type Finding,
  type Status,
  type Verdict,
  type VerificationReport,
} from "../../lib/verify/report.ts";
import type { Session } from "./session.ts";
import { useStore } from "./store.ts";
import { shown } from "./text.tsx";

const NAMES: Readonly<Record<Aspect, string>> = {
  integrity: "Integrity",
  identity: "Identity",
  completeness: "Completeness",
  policy: "Policy",
  freshness: "Freshness",
};

/** A mark and a word for each status: never a colour alone. */
const MARKS: Readonly<Record<Status, readonly [mark: string, word: string]>> = {
  pass: ["✓", "yes"],
  fail: ["✗", "no"],
  unknown: ["?", "not known"],
  none: ["–", "not asked"],
};

const OUTCOMES: Readonly<Record<VerificationReport["outcome"], string>> = {
  verified: "Verified: every question that was asked is answered well.",
  unverified: "Not verified: nothing wrong was found, but it cannot be affirmed.",
  invalid: "Invalid: something is wrong.",
};

function Row({ aspect, verdict, hearsay }: {
  readonly aspect: Aspect;
  readonly verdict?: Verdict;
  /** Whether it rests on whom the sender trusts. */
  readonly hearsay: boolean;
}) {
  if (!verdict) {
    return (
      <li class="aspect">
        <span class="mark" aria-hidden="true">…</span>
        <div>
          <h3>{NAMES[aspect]}</h3>
          <p class="quiet">Being rechecked</p>
        </div>
      </li>
    );
  }
  const isHearsay = hearsay && aspect === "identity" && verdict.status === "pass";
  const status = isHearsay ? "unknown" : verdict.status;
  const [mark, word] = isHearsay ? ["?", "its sender says so"] : MARKS[status];
  return (
    <li class={`aspect ${status}`}>
      <span class="mark" aria-hidden="true">{mark}</span>
      <div>
        <h3>
          {NAMES[aspect]} <span class="word">{word}</span>
        </h3>
        <p>{verdict.sentence}</p>
        <details>
          <summary>Does not prove</summary>
          <p>{verdict.doesNotProve}</p>
        </details>
      </div>
    </li>
  );
}

/** Text of a stored or computed value; long ones are cut. */
function valueText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "nothing";
  return shown(text, 300);
}

function Value({ name, value }: { readonly name: string; readonly value: unknown }) {
  if (value === undefined) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd class="mono">{valueText(value)}</dd>
    </>
  );
}

function FindingItem({ finding, session }: {
  readonly finding: Finding;
  readonly session: Session;
}) {
  const { entryId, parentId, field } = finding;
  const go = (id: string) => session.select(session.find(id));
  return (
    <li class={`finding ${finding.severity}`}>
      <p>
        <code>{finding.code}</code> {finding.message}
      </p>
      {field !== undefined && (
        <dl class="facts">
          <dt>Field</dt>
          <dd class="mono">{field}</dd>
          <Value name="Stored" value={finding.stored} />
          <Value name="Recomputed" value={finding.computed} />
        </dl>
      )}
      <p class="places">
        {entryId !== undefined && (
          <button type="button" class="link" onClick={() => go(entryId)}>Show the entry</button>
        )}
        {parentId !== undefined && (
          <button type="button" class="link" onClick={() => go(parentId)}>Show its parent</button>
        )}
        {finding.seal !== undefined && <span>Seal {finding.seal + 1}</span>}
      </p>
    </li>
  );
}

const SHOWN = 50;

function Findings({ session }: { readonly session: Session }) {
  const report = useStore(session.store, (state) => state.report);
  const found = useStore(session.store, (state) => state.found);
  if (!report || found === 0) return null;
  const more = found - SHOWN;
  return (
    <section class="panel" aria-labelledby="findings">
      <h2 id="findings">Findings ({found})</h2>
      <ol>
        {report.findings.slice(0, SHOWN).map((finding, i) => (
          <FindingItem key={i} finding={finding} session={session} />
        ))}
      </ol>
      {more > 0 && <p class="quiet">{more} more are in the JSON report.</p>}
    </section>
  );
}

/** How far the recheck is. */
function Progress({ session }: { readonly session: Session }) {
  const progress = useStore(session.store, (state) => Math.floor(state.progress * 100));
  return <progress max={100} value={progress} aria-label="Entries rechecked" />;
}

/** What it all comes to, in one sentence; a policy of the sender's is said to be one. */
function Outcome({ session }: { readonly session: Session }) {
  const report = useStore(session.store, (state) => state.report);
  const failure = useStore(session.store, (state) => state.verifyFailure);
  const from = useStore(session.store, (state) => state.trust?.from);
  let sentence = "Rechecking every hash, edge and seal";
  if (failure) sentence = `It could not be rechecked: ${failure.message}`;
  else if (report?.outcome === "verified" && from === "page") {
    sentence = "Unchanged since it was sealed, by keys that you have not confirmed.";
  } else if (report) sentence = OUTCOMES[report.outcome];
  return (
    <>
      <p role="status" class="outcome">{sentence}</p>
      {!report && !failure && <Progress session={session} />}
      {report && from === "page" && (
        <p class="warning">
          Whom to trust is its sender's opinion here. <a href="#trust">Say whom you trust</a>
        </p>
      )}
      {report && from === undefined && (
        <p class="warning">
          You trust nobody yet. <a href="#trust">Say whom you trust</a>
        </p>
      )}
    </>
  );
}

/** The five verdicts, and everything that was found. */
export function VerdictPanel({ session }: { readonly session: Session }) {
  const verdicts = useStore(session.store, (state) => state.verdicts);
  const from = useStore(session.store, (state) => state.trust?.from);
  return (
    <>
      <section class="panel" aria-labelledby="verdict">
        <h2 id="verdict">Verdict</h2>
        <Outcome session={session} />
        <ul>
          {ASPECTS.map((aspect) => (
            <Row
              key={aspect}
              aspect={aspect}
              hearsay={from === "page"}
              {...(verdicts[aspect] ? { verdict: verdicts[aspect] } : {})}
            />
          ))}
        </ul>
      </section>
      <Findings session={session} />
    </>
  );
}
