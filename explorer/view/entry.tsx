/**
 * One entry: every field of it, its neighbours, its decisions.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { Decision, Entry } from "../../lib/lineage/entry.ts";
import { childrenOf, parentsOf } from "../graph/dag.ts";
import type { Session } from "./session.ts";
import { useStore } from "./store.ts";
import { Digest, nodeName, shown, timeText } from "./text.tsx";

/** Members that have a place of their own in the panel. */
const PLACED = new Set([
  ...["accumulated_taint", "added_taint", "content_hash", "content_kind", "decisions"],
  ...["entry_hash", "entry_id", "kind", "node_id", "parent_entry_ids", "parent_hashes"],
  ...["parent_roles", "public_key_id", "removed_taint", "timestamp_ms", "trust_score"],
]);

const NEIGHBOURS = 30;

function Neighbours({ session, title, nodes }: {
  readonly session: Session;
  readonly title: string;
  readonly nodes: Int32Array;
}) {
  const opened = useStore(session.store, (state) => state.opened)!;
  const more = nodes.length - NEIGHBOURS;
  return (
    <section class="panel">
      <h2>{title} ({nodes.length})</h2>
      {nodes.length === 0 && <p class="quiet">None</p>}
      <ul>
        {Array.from(nodes.subarray(0, NEIGHBOURS), (node) => (
          <li key={node}>
            <button type="button" class="link" onClick={() => session.select(node)}>
              {nodeName(opened.columns, node)}
            </button>
          </li>
        ))}
      </ul>
      {more > 0 && <p class="quiet">and {more} more</p>}
    </section>
  );
}

function DecisionItem({ decision, node, index, session }: {
  readonly decision: Decision;
  readonly node: string;
  readonly index: number;
  readonly session: Session;
}) {
  const replayed = useStore(session.store, (state) => state.replayed);
  const again = replayed?.report.decisions.find((d) => d.entryId === node && d.index === index);
  return (
    <li class={`decision ${decision.result}`}>
      <p>
        <strong>{decision.result === "allow" ? "Allowed" : "Denied"}</strong> by{" "}
        <code>{shown(decision.rule, 200)}</code>
        {decision.cause !== null && ` (${shown(decision.cause)})`}
      </p>
      {again
        ? (
          <p class={`replay ${again.status}`}>
            Evaluated again: {again.status}. {shown(again.sentence)}
          </p>
        )
        : <p class="quiet">Its producer's claim until it is evaluated again.</p>}
      <dl class="facts">
        <dt>Engine</dt>
        <dd>{shown(decision.engine ?? "none", 100)}</dd>
        <dt>Policies</dt>
        <dd class="mono">{shown(decision.policy_digest ?? "not known", 300)}</dd>
        <dt>Input</dt>
        <dd class="mono">{shown(decision.input_digest ?? "none")}</dd>
        <dt>Time</dt>
        <dd>{timeText(decision.time_ms)}</dd>
      </dl>
    </li>
  );
}

function Chips({ session, taints }: {
  readonly session: Session;
  readonly taints: readonly string[];
}) {
  if (taints.length === 0) return <span class="quiet">none</span>;
  return (
    <span class="chips">
      {taints.map((taint) => (
        <button
          type="button"
          class="chip"
          key={taint}
          aria-label={`Highlight taint ${shown(taint)}`}
          onClick={() => session.highlight(taint)}
        >
          {shown(taint)}
        </button>
      ))}
    </span>
  );
}

function jsonText(value: unknown): string {
  return shown(typeof value === "string" ? value : JSON.stringify(value) ?? "");
}

function KestEntry({ entry, session }: { readonly entry: Entry; readonly session: Session }) {
  const rest = Object.entries(entry).filter(([name]) => !PLACED.has(name));
  return (
    <>
      <section class="panel">
        <h2>{shown(entry.node_id, 200)}</h2>
        <dl class="facts">
          <dt>Kind</dt>
          <dd>{entry.kind}</dd>
          <dt>Time</dt>
          <dd>{timeText(entry.timestamp_ms)}</dd>
          <dt>Trust</dt>
          <dd>{entry.trust_score}</dd>
          <dt>Taints</dt>
          <dd>
            <Chips session={session} taints={entry.accumulated_taint} />
          </dd>
          <dt>Added</dt>
          <dd>
            <Chips session={session} taints={entry.added_taint} />
          </dd>
          {entry.removed_taint.length > 0 && [
            <dt key="t">Removed</dt>,
            <dd key="d">
              <Chips session={session} taints={entry.removed_taint} />
            </dd>,
          ]}
          <dt>Id</dt>
          <dd>
            <Digest text={entry.entry_id} what="the entry's id" />
          </dd>
          <dt>Entry hash</dt>
          <dd>
            <Digest text={entry.entry_hash} what="the entry's hash" />
          </dd>
          <dt>Content</dt>
          <dd>
            {entry.content_kind} <Digest text={entry.content_hash} what="the content's hash" />
          </dd>
          <dt>Key</dt>
          <dd>
            {entry.public_key_id === null
              ? "none: nobody answers for it"
              : <Digest text={entry.public_key_id} what="the key's id" />}
          </dd>
        </dl>
      </section>
      {entry.decisions.length > 0 && (
        <section class="panel">
          <h2>Decisions ({entry.decisions.length})</h2>
          <ol>
            {entry.decisions.map((decision, index) => (
              <DecisionItem
                key={index}
                decision={decision}
                node={entry.entry_id}
                index={index}
                session={session}
              />
            ))}
          </ol>
        </section>
      )}
      <section class="panel">
        <h2>Other fields</h2>
        <dl class="facts">
          {rest.map(([name, value]) => [
            <dt key={name}>{shown(name, 60)}</dt>,
            <dd key={`${name}=`} class="mono">{jsonText(value)}</dd>,
          ])}
        </dl>
      </section>
    </>
  );
}

/** An entry of another format: its members as they are. */
function OtherEntry({ entry }: { readonly entry: object }) {
  return (
    <section class="panel">
      <h2>{shown(String((entry as { nodeId?: unknown }).nodeId ?? "Entry"), 200)}</h2>
      <dl class="facts">
        {Object.entries(entry).map(([name, value]) => [
          <dt key={name}>{shown(name, 60)}</dt>,
          <dd key={`${name}=`} class="mono">{jsonText(value)}</dd>,
        ])}
      </dl>
    </section>
  );
}

/** The selected entry. */
export function EntryPanel({ session }: { readonly session: Session }) {
  const opened = useStore(session.store, (state) => state.opened);
  const selected = useStore(session.store, (state) => state.selected);
  const [entry, setEntry] = useState<object | null>(null);
  useEffect(() => {
    let current = true;
    if (opened && selected >= 0) {
      void session.model.entry(selected).then((found) => {
        if (current) setEntry(found as object | null);
      });
    }
    return () => void (current = false);
  }, [opened, selected]);
  if (!opened) return null;
  if (selected < 0) {
    return <p class="panel quiet">Select an entry to see everything about it.</p>;
  }
  return (
    <>
      {entry === null
        ? (
          <section class="panel">
            <h2>A missing entry</h2>
            <p>Another entry names it as a parent, and the passport does not hold it.</p>
          </section>
        )
        : opened.kind === "kest"
        ? <KestEntry entry={entry as Entry} session={session} />
        : <OtherEntry entry={entry} />}
      <Neighbours session={session} title="Parents" nodes={parentsOf(opened.dag, selected)} />
      <Neighbours session={session} title="Children" nodes={childrenOf(opened.dag, selected)} />
    </>
  );
}
