/**
 * What is printed besides the verdict: fingerprints, heads, and a plain table.
 *
 * @module
 */

import { render } from "preact";
import { KINDS, textAt } from "../work/columns.ts";
import type { Session } from "./session.ts";
import { lanesOf } from "./step.ts";
import type { State } from "./store.ts";
import { nodeName, shown, timeText } from "./text.tsx";

/** Entries that are printed. */
const PRINTED = 5_000;

function Sheet({ state }: { readonly state: State }) {
  const { columns, heads, digest } = state.opened!;
  const { taints, taintStart, taintOf, origins, keys, trust } = columns;
  const rows = lanesOf(state).rows;
  const textOf = ({ texts, of }: typeof keys, node: number) => shown(texts[of[node]!] ?? "", 60);
  return (
    <>
      <h2>Fingerprints</h2>
      <p>
        Passport, SHA-256: <code>{digest}</code>
      </p>
      {state.report?.signers.map(({ publicKeyId, name }) => (
        <p key={publicKeyId}>
          Key of {name === null ? "somebody unknown" : shown(name, 80)}:{" "}
          <code>{shown(publicKeyId)}</code>
        </p>
      ))}
      {Array.from(heads.subarray(0, 100), (node) => (
        <p key={node}>
          Head {nodeName(columns, node)}: <code>{shown(textAt(columns.hashes, node))}</code>
        </p>
      ))}
      <h2>Entries</h2>
      {rows.length > PRINTED && <p>The first {PRINTED} of {rows.length}; the CSV has all.</p>}
      <table>
        <thead>
          <tr>
            {["Node", "Kind", "Time (UTC)", "Taints", "Trust", "Key", "Origin"].map((title) => (
              <th key={title} scope="col">{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from(rows.subarray(0, PRINTED), (node) => (
            <tr key={node}>
              <th scope="row">{nodeName(columns, node)}</th>
              <td>{KINDS[columns.kind[node]!]}</td>
              <td>{timeText(columns.time[node]!).replace(" UTC", "")}</td>
              <td>
                {Array.from(
                  taintOf.subarray(taintStart[node], taintStart[node + 1]),
                  (n) => shown(taints[n]!),
                ).join(" ")}
              </td>
              <td>{Number.isNaN(trust[node]) ? "" : trust[node]}</td>
              <td>{textOf(keys, node).slice(0, 8)}</td>
              <td>{textOf(origins, node)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Makes what is printed when it is printed, and not before: it may be long. */
export function followPrinting(session: Session): void {
  const sheet = document.createElement("main");
  sheet.className = "sheet";
  document.body.append(sheet);
  addEventListener("beforeprint", () => {
    const { state } = session.store;
    if (state.opened) render(<Sheet state={state} />, sheet);
  });
  addEventListener("afterprint", () => render(null, sheet));
}
