/**
 * The taints of a passport: choose one, and see where it came from and where it
 * went.
 *
 * @module
 */

import type { Session } from "./session.ts";
import { useStore } from "./store.ts";
import { nodeName, shown } from "./text.tsx";

const LISTED = 200;

function Flow({ session }: { readonly session: Session }) {
  const flow = useStore(session.store, (state) => state.flow);
  const opened = useStore(session.store, (state) => state.opened)!;
  if (!flow) return null;
  const places = (title: string, nodes: Int32Array) => (
    <>
      <h3>{title} ({nodes.length})</h3>
      <ul>
        {Array.from(nodes.subarray(0, 20), (node) => (
          <li key={node}>
            <button type="button" class="link" onClick={() => session.select(node)}>
              {nodeName(opened.columns, node)}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
  return (
    <div class="flow">
      <p>{flow.count} of {opened.columns.size} entries carry it.</p>
      {places("Added by", flow.added)}
      {flow.removed.length > 0 && places("Removed by", flow.removed)}
    </div>
  );
}

/** All taints, one of which can be highlighted. */
export function TaintPanel({ session }: { readonly session: Session }) {
  const opened = useStore(session.store, (state) => state.opened);
  const chosen = useStore(session.store, (state) => state.taint);
  if (!opened) return null;
  const { taints } = opened.columns;
  return (
    <section class="panel" aria-labelledby="taints">
      <h2 id="taints">Taints ({taints.length})</h2>
      {taints.length === 0 && <p class="quiet">No entry carries one.</p>}
      <div class="chips">
        {taints.slice(0, LISTED).map((taint) => (
          <button
            type="button"
            class="chip"
            key={taint}
            aria-pressed={taint === chosen}
            // Whoever points at it may choose it next.
            onFocus={() => void session.flowOf(taint)}
            onPointerEnter={() => void session.flowOf(taint)}
            onClick={() => session.highlight(taint === chosen ? null : taint)}
          >
            {shown(taint)}
          </button>
        ))}
      </div>
      {chosen !== null && <Flow session={session} />}
    </section>
  );
}
