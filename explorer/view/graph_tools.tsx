/**
 * The buttons above the graph.
 *
 * @module
 */

import type { GraphCanvas, Seen } from "./canvas.ts";
import type { Session } from "./session.ts";
import { useStore } from "./store.ts";

/** Offers a file to keep. */
function download(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The picture as an SVG file. */
async function saveSvg(session: Session, { scene }: Seen, description: string): Promise<void> {
  const { name, dark, overlay } = session.store.state;
  const { nodes, edges } = scene;
  const title = `Graph of ${name}`;
  const trust = overlay === "trust";
  const request = { title, description, dark, trust, nodes, edges };
  download(await session.model.svg(request), `${name.replace(/\.\w+$/, "")}.svg`);
}

/** The buttons above the graph. */
export function GraphTools({ session, graph, seen, step, summary }: {
  readonly session: Session;
  readonly graph: GraphCanvas | null;
  readonly seen: Seen | null;
  readonly step: number;
  readonly summary: string;
}) {
  const { store } = session;
  const hops = useStore(store, (state) => state.hops);
  const grouped = useStore(store, (state) => state.grouped);
  const overlay = useStore(store, (state) => state.overlay);
  const button = (
    text: string,
    label: string,
    onClick: () => void,
    more: { pressed?: boolean; disabled?: boolean } = {},
  ) => (
    <button
      type="button"
      title={label}
      aria-label={text === label ? undefined : label}
      aria-pressed={more.pressed}
      disabled={more.disabled}
      onClick={onClick}
    >
      {text}
    </button>
  );
  return (
    <div class="bar" role="group" aria-label="The graph">
      <span class="joined">
        {button("−", "Fewer hops ([)", () => session.hop(-1), { disabled: hops?.up === 0 })}
        <output>{hops ? `${hops.up} ${hops.up === 1 ? "hop" : "hops"}` : "all hops"}</output>
        {button("+", "More hops (])", () => session.hop(1), { disabled: !hops })}
      </span>
      {button("Whole", "Show the whole graph (w)", () => session.showWhole(), { pressed: !hops })}
      <span class="joined">
        {button("−", "Zoom out (-)", () => graph?.camera.zoom(1 / step))}
        {button("Fit", "Fit everything into the view (f)", () => graph?.camera.fit())}
        {button("+", "Zoom in (+)", () => graph?.camera.zoom(step))}
      </span>
      {button(
        "Groups",
        "Groups: draw chains and fans as one (c)",
        () => store.set({ grouped: !grouped, openGroups: [] }),
        { pressed: grouped },
      )}
      {button(
        "Trust scores",
        "Show trust scores",
        () => store.set({ overlay: overlay === "trust" ? "kind" : "trust" }),
        { pressed: overlay === "trust" },
      )}
      {button("Save SVG", "Save SVG", () => void (seen && saveSvg(session, seen, summary)), {
        disabled: !seen,
      })}
    </div>
  );
}
