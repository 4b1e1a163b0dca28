/**
 * The graph: what is around an entry, or all of it.
 *
 * @module
 */

import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { GraphCanvas, type Seen } from "./canvas.ts";
import { GraphTools } from "./graph_tools.tsx";
import type { Arrow } from "./graph_walk.ts";
import { Why } from "./graph_why.tsx";
import { summaryOf } from "./graph_words.ts";
import { actOf, GRAPH_KEYS, isTyping } from "./keys.ts";
import { Minimap } from "./minimap.tsx";
import type { Session } from "./session.ts";
import { useStore } from "./store.ts";

/** A step of the zoom buttons and keys. */
const ZOOM = 1.4;

/** Pixels that the picture moves by a key. */
const PAN = 120;

/** What each key of the graph does. */
function press(event: KeyboardEvent, graph: GraphCanvas, session: Session): void {
  const act = actOf(GRAPH_KEYS, event, session.store.state.singleKeys);
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  const { camera } = graph;
  const arrow = event.key as Arrow;
  if (event.shiftKey && event.key.startsWith("Arrow")) {
    const sideways = arrow === "ArrowLeft" ? PAN : arrow === "ArrowRight" ? -PAN : 0;
    return camera.pan(sideways, arrow === "ArrowUp" ? PAN : arrow === "ArrowDown" ? -PAN : 0);
  }
  const acts: Record<typeof act, () => void> = {
    ...{ parent: () => graph.walk(arrow), child: () => graph.walk(arrow) },
    ...{ left: () => graph.walk(arrow), right: () => graph.walk(arrow) },
    ...{ open: () => graph.refocus(), whole: () => session.showWhole() },
    ...{ fewer: () => session.hop(-1), more: () => session.hop(1), fit: () => camera.fit() },
    ...{ closer: () => camera.zoom(ZOOM), farther: () => camera.zoom(1 / ZOOM) },
    groups: () => session.store.set({ grouped: !session.store.state.grouped, openGroups: [] }),
  };
  acts[act]();
}

/** The graph behind a canvas, and what was last seen of it. */
function useGraph(session: Session, canvas: RefObject<HTMLCanvasElement | null>) {
  const [graph, setGraph] = useState<GraphCanvas | null>(null);
  const [seen, setSeen] = useState<Seen | null>(null);
  useEffect(() => {
    const made = new GraphCanvas(session, canvas.current!, setSeen);
    setGraph(made);
    return () => made.end();
  }, [session]);
  return { graph, seen };
}

/**
 * Hears the keys of the graph outside of it: all of them while nothing has the focus,
 * and single characters wherever nobody types.
 */
function useGraphKeys(session: Session, graph: GraphCanvas | null): void {
  useEffect(() => {
    if (!graph) return;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || session.store.state.help || isTyping(event.target)) return;
      if (event.target === document.body || event.key.length === 1) press(event, graph, session);
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [session, graph]);
}

/** The graph of the passport. */
export function GraphView({ session }: { readonly session: Session }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { graph, seen } = useGraph(session, canvas);
  useGraphKeys(session, graph);
  const hops = useStore(session.store, (state) => state.hops);
  const selected = useStore(session.store, (state) => state.selected);
  const scene = seen?.scene;
  const focus = seen?.focus ?? -1;
  const summary = useMemo(
    () => scene ? summaryOf(scene, { hops, focus, selected }) : "The graph is being drawn.",
    [scene, hops, focus, selected],
  );
  return (
    <div class="graph">
      <GraphTools session={session} graph={graph} seen={seen} step={ZOOM} summary={summary} />
      <div class="stage">
        <canvas
          ref={canvas}
          tabIndex={0}
          role="img"
          aria-label={`Graph. ${summary}`}
          onKeyDown={(event) => graph && press(event, graph, session)}
        />
        <Why session={session} />
        {graph && seen && <Minimap session={session} graph={graph} seen={seen} />}
      </div>
      <p class="caption" role="status">{summary}</p>
    </div>
  );
}
