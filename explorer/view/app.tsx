/**
 * The page: what it is, whether it is to be believed, and what is in it.
 *
 * @module
 */

import { useEffect } from "preact/hooks";
import { AboutPanel } from "./about.tsx";
import { DiffView } from "./diff.tsx";
import { EntryPanel } from "./entry.tsx";
import { GraphView } from "./graph.tsx";
import { Header, takeFile } from "./header.tsx";
import { HelpDialog, usePageKeys } from "./help.tsx";
import { ReplayPanel } from "./replay.tsx";
import { RowsView } from "./rows.tsx";
import { SearchBar } from "./search.tsx";
import type { Session } from "./session.ts";
import { useStore } from "./store.ts";
import { TaintPanel } from "./taints.tsx";
import { shown } from "./text.tsx";
import { TrustPanel } from "./trust.tsx";
import { VerdictPanel } from "./verdict.tsx";

/** Takes files that are dropped anywhere on the page, and text that is pasted. */
function useInput(session: Session): void {
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = async (event: DragEvent) => {
      event.preventDefault();
      for (const file of event.dataTransfer?.files ?? []) {
        await takeFile(session, file, (taken, name) => session.take(taken, name));
      }
    };
    const paste = (event: ClipboardEvent) => {
      if (event.target instanceof HTMLElement && event.target.matches("input, textarea")) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (text.trim() !== "") void session.take(new Blob([text]), "pasted text");
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, [session]);
}

function Broken({ session }: { readonly session: Session }) {
  const failure = useStore(session.store, (state) => state.failure)!;
  return (
    <section class="panel broken" role="alert">
      <h2>This passport cannot be read</h2>
      <p>{shown(failure.message)}</p>
      <ul>
        {failure.issues.map((issue, index) => (
          <li key={index}>
            <code>{shown(issue.path || "/", 300)}</code> {shown(issue.message, 300)} ({issue.code})
          </li>
        ))}
      </ul>
      <p class="quiet">
        It was damaged or edited, or is not by Kest. Nothing of it can be believed.
      </p>
    </section>
  );
}

function Empty() {
  return (
    <section class="panel empty">
      <h2>Open a passport</h2>
      <p>
        Drop a file here, paste its text, or choose one above: a passport, an exported page (only
        its data is read), or a passport of the Python package. Nothing leaves this page.
      </p>
    </section>
  );
}

function Centre({ session }: { readonly session: Session }) {
  const phase = useStore(session.store, (state) => state.phase);
  const view = useStore(session.store, (state) => state.view);
  if (phase === "empty") return <Empty />;
  if (phase === "broken") return <Broken session={session} />;
  if (phase === "reading") return <p class="panel quiet">Reading the passport…</p>;
  return (
    <>
      <SearchBar session={session} />
      {view === "graph"
        ? <GraphView session={session} />
        : view === "rows"
        ? <RowsView session={session} />
        : <DiffView session={session} />}
    </>
  );
}

/** The whole page. */
export function App({ session }: { readonly session: Session }) {
  const phase = useStore(session.store, (state) => state.phase);
  const status = useStore(session.store, (state) => state.status);
  const outcome = useStore(session.store, (state) => state.report?.outcome);
  useInput(session);
  usePageKeys(session);
  return (
    <div class="page" data-phase={phase} data-rechecked={outcome}>
      <Header session={session} />
      <aside class="side verdict" aria-label="Verdict, taints and trust">
        {phase === "open" || phase === "reading"
          ? (
            <>
              <VerdictPanel session={session} />
              <ReplayPanel session={session} />
              <TaintPanel session={session} />
              <TrustPanel session={session} />
            </>
          )
          : <TrustPanel session={session} />}
        <AboutPanel session={session} />
      </aside>
      <main class="centre" aria-label="Entries">
        <Centre session={session} />
      </main>
      <aside class="side entry" id="entry" tabIndex={-1} aria-label="Selected entry">
        <EntryPanel session={session} />
      </aside>
      <div role="status" class="status">{shown(status, 300)}</div>
      <HelpDialog session={session} />
    </div>
  );
}
