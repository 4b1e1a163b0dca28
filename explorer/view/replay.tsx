/**
 * Recorded decisions, evaluated again with the policies that came in the page.
 *
 * @module
 */

import type { Session } from "./session.ts";
import { useStore } from "./store.ts";
import { shown } from "./text.tsx";

/** What became of every recorded decision; nothing in pages without policies. */
export function ReplayPanel({ session }: { readonly session: Session }) {
  const policies = useStore(session.store, (state) => state.policies);
  const replayed = useStore(session.store, (state) => state.replayed);
  const failure = useStore(session.store, (state) => state.replayFailure);
  if (policies.length === 0) return null;
  const report = replayed?.report;
  return (
    <section class="panel" aria-labelledby="replay" data-replayed={replayed?.digest}>
      <h2 id="replay">Decisions, evaluated again</h2>
      <p>
        {failure
          ? `The policies in this page cannot be used: ${shown(failure.message, 600)}`
          : report
          ? `${report.reproduced} reproduced, ${report.different} different, ` +
            `${report.notReplayable} not replayable. Each entry says which.`
          : "Evaluating them in this page…"}
      </p>
      <details>
        <summary>Policies in this page ({policies.length})</summary>
        <p class="quiet">
          They came with the passport. A decision that they reproduce was made by the policies on
          record only where the digests agree.
        </p>
        {replayed && <code>{replayed.digest}</code>}
        {policies.map(({ name, source }) => (
          <details key={name}>
            <summary>{shown(name, 120)}</summary>
            <pre
              class="source"
              tabIndex={0}
            >{shown(source, 20_000).replaceAll("\\u{a}", "\n").replaceAll("\\u{9}", "  ")}</pre>
          </details>
        ))}
      </details>
    </section>
  );
}
