/**
 * What can be taken out of the page.
 *
 * @module
 */

import { useRef } from "preact/hooks";
import type { Session } from "./session.ts";
import { useStore } from "./store.ts";

/** Saves a file. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after this task.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A menu of everything that can be saved. */
export function ExportMenu({ session }: { readonly session: Session }) {
  const report = useStore(session.store, (state) => state.report);
  const menu = useRef<HTMLDivElement>(null);
  const item = (title: string, file: () => Promise<Blob> | undefined, suffix: string) => (
    <button
      type="button"
      disabled={suffix === "report.json" && !report}
      onClick={async () => {
        menu.current?.hidePopover();
        const blob = await file();
        const stem = session.store.state.name.replace(/\.\w+$/, "") || "passport";
        if (blob) save(blob, `${stem}.${suffix}`);
      }}
    >
      {title}
    </button>
  );
  return (
    <>
      <button type="button" popovertarget="export">Export</button>
      <div id="export" popover="auto" ref={menu}>
        {item("Entries as CSV", () => session.model.csv("nodes"), "entries.csv")}
        {item("Edges as CSV", () => session.model.csv("edges"), "edges.csv")}
        {item("Report as JSON", () => session.reportJson(), "report.json")}
        <button
          type="button"
          onClick={() => {
            menu.current?.hidePopover();
            print();
          }}
        >
          Print…
        </button>
      </div>
    </>
  );
}
