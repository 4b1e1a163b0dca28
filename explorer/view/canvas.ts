/**
 * The graph on a canvas: asks for pictures, paints them, and moves over them.
 *
 * @module
 */

import { Grid } from "../graph/grid.ts";
import { neighbourhood } from "../graph/reach.ts";
import { MARK } from "../work/marks.ts";
import type { Picture } from "../work/picture.ts";
import { Camera } from "./canvas_camera.ts";
import { type Colours, coloursIn } from "./canvas_colours.ts";
import { paintEdges } from "./canvas_edges.ts";
import { FarPainter } from "./canvas_far.ts";
import { followPointers } from "./canvas_input.ts";
import { NodePainter } from "./canvas_nodes.ts";
import { type Lit, litIn, reachOf, type Scene, sceneOf } from "./canvas_scene.ts";
import * as views from "./canvas_view.ts";
import type { Frame, View } from "./canvas_view.ts";
import { type Arrow, step } from "./graph_walk.ts";
import type { Session } from "./session.ts";
import type { State } from "./store.ts";

/** Boxes lower than this, in pixels, are only seen in bitmaps, where there are many. */
const FAR = 5;
const MANY = 1_500;

/** The scale from which on names are read with ease. */
const READABLE = 0.8;

/** More edges than this are seen as a bitmap: lines to a hub from far outside take seconds. */
const MANY_EDGES = 2_500;

/** Pixels beyond the canvas that a bitmap covers, as a part of its sides. */
const AROUND = 0.2;

/** So long nothing moves before bitmaps are made sharp. */
const STILL_MS = 90;

/** What the page around the canvas shows. */
export interface Seen {
  readonly scene: Scene;
  readonly frame: Frame;
  readonly view: View;
  readonly colours: Colours;
  /** The entry that the picture is around; -1: it shows all. */
  readonly focus: number;
}

/** Whether two states differ in some of their parts. */
function differ(a: State | undefined, b: State, parts: readonly (keyof State)[]): boolean {
  return parts.some((part) => a?.[part] !== b[part]);
}

/** The graph of a session's passport on a canvas. */
export class GraphCanvas {
  readonly #session: Session;
  readonly #canvas: HTMLCanvasElement;
  readonly #onSeen: (seen: Seen) => void;
  /** Where the reader stands. */
  readonly camera: Camera;
  readonly #far = new FarPainter();
  readonly #ends: (() => void)[] = [];
  #colours: Colours;
  #state: State | undefined;
  #focus = -1;
  #broken = new Int32Array(0);
  #picture: Picture | undefined;
  #grid: Grid | undefined;
  #lit: Lit | undefined;
  #scene: Scene | undefined;
  #isStale = false;
  #question = 0;
  #drawing = 0;
  #painted = false;
  #still: ReturnType<typeof setTimeout> | undefined;

  /** @param onSeen Hears of every frame. */
  constructor(session: Session, canvas: HTMLCanvasElement, onSeen: (seen: Seen) => void) {
    this.#session = session;
    this.#canvas = canvas;
    this.#onSeen = onSeen;
    this.#colours = coloursIn(canvas.parentElement!);
    this.camera = new Camera(canvas, () => this.#draw());
    followPointers(canvas, {
      pan: (dx, dy) => this.camera.pan(dx, dy),
      zoom: (factor, x, y) => this.camera.zoom(factor, x, y),
      click: (x, y) => this.#click(x, y),
      double: (x, y) => this.#nodeAt(x, y) >= 0 && this.refocus(),
    });
    const resized = new ResizeObserver(() => this.#resize());
    resized.observe(canvas);
    this.#ends.push(
      () => resized.disconnect(),
      session.store.subscribe(() => this.#update()),
    );
    this.#update();
  }

  /** Stops following the session. */
  end(): void {
    for (const end of this.#ends) end();
    this.#question++;
    cancelAnimationFrame(this.#drawing);
    clearTimeout(this.#still);
    this.camera.end();
  }

  #update(): void {
    const { state } = this.#session.store;
    const before = this.#state;
    if (!state.opened || state === before) return;
    this.#state = state;
    if (before?.opened !== state.opened) this.#picture = undefined;
    if (!this.#picture || (differ(before, state, ["selected"]) && !this.#isDrawn(state.selected))) {
      this.#focus = state.selected;
    }
    if (before?.report !== state.report) void this.#findBroken(state);
    if (differ(before, state, ["selected", "taint"])) void this.#session.explain();
    const isOther = differ(before, state, ["opened", "hops", "grouped", "openGroups"]) ||
      (state.hops !== null && (before?.path !== state.path || !this.#isDrawn(state.selected)));
    if (isOther) void this.#layout();
    if (before?.dark !== state.dark) this.#colours = coloursIn(this.#canvas.parentElement!);
    if (differ(before, state, ["selected", "marks", "hits", "flow", "path", "overlay", "dark"])) {
      this.#look();
    }
    if (before && before.selected !== state.selected) this.#reveal(state.selected);
  }

  #isDrawn(entry: number): boolean {
    return entry < 0 || (this.#picture !== undefined && this.#picture.nodeOf[entry]! >= 0);
  }

  /** The edges that findings are about. */
  async #findBroken({ report, opened }: State): Promise<void> {
    const edges = (report?.findings ?? []).flatMap(({ entryId, parentId, severity }) =>
      severity === "fail" && entryId !== undefined && parentId !== undefined
        ? [[entryId, parentId] as const]
        : []
    );
    const broken = edges.length > 0 ? await this.#session.model.edges(edges) : new Int32Array(0);
    if (this.#state?.report !== report || this.#state?.opened !== opened) return;
    this.#broken = Int32Array.from(broken);
    this.#look();
  }

  /** The entries to draw; `null`: all. */
  #entries({ opened, hops, path }: State): Int32Array | null {
    if (hops === null || this.#focus < 0) return null;
    const near = neighbourhood(opened!.dag, this.#focus, hops.up, hops.down);
    return path ? Int32Array.from(new Set([...near, ...path])).sort() : near;
  }

  #notable({ opened, selected, hits, flow, marks }: State): Uint8Array {
    const all = new Uint8Array(opened!.columns.size);
    for (let entry = 0; entry < all.length; entry++) {
      const mark = marks?.[entry];
      if (hits?.[entry] || mark === MARK.changed || mark === MARK.wrong) all[entry] = 1;
    }
    for (const entry of [...flow?.added ?? [], ...flow?.removed ?? []]) all[entry] = 1;
    for (const entry of [selected, this.#focus]) if (entry >= 0) all[entry] = 1;
    return all;
  }

  async #layout(): Promise<void> {
    const question = ++this.#question;
    const state = this.#state!;
    const last = this.#picture;
    const nodes = this.#entries(state);
    const picture = await this.#session.model.layout({
      nodes,
      open: state.grouped ? state.openGroups : null,
      notable: this.#notable(state),
      stable: last !== undefined && (nodes !== null || last.dag.size < MANY),
    });
    if (question !== this.#question) return;
    const anchor = this.#pixelOf(this.#focus);
    this.#picture = picture;
    this.#grid = new Grid(picture.dag, picture.layout, picture.places);
    this.#far.clear();
    this.camera.layout = picture.layout;
    this.#look();
    this.#arrive(anchor);
  }

  /** Shows a new picture; what was looked at stays where it was, and then all comes into view. */
  #arrive(anchor: readonly [number, number] | undefined): void {
    const { frame } = this.camera;
    if (!frame) return;
    const place = this.#placeOf(this.#focus);
    let to = views.fitted(frame);
    // Better a part that can be read than a whole that cannot.
    if (to.k < READABLE && this.#state!.hops !== null && place) {
      to = views.settled(frame, { x: place[0], y: place[1], k: READABLE });
    }
    if (!anchor || !place) return this.camera.move(() => to);
    this.camera.hold(...place, ...anchor);
    this.camera.glide(to);
  }

  /** Where an entry stands in the picture, if it does. */
  #placeOf(entry: number): [number, number] | undefined {
    const node = entry < 0 ? -1 : this.#picture?.nodeOf[entry] ?? -1;
    if (node < 0) return undefined;
    const { x, y } = this.#picture!.layout;
    return [x[node]!, y[node]!];
  }

  #pixelOf(entry: number): [number, number] | undefined {
    const place = this.#placeOf(entry);
    const to = this.camera.projection;
    return place && to && [to.x(place[0]), to.y(place[1])];
  }

  /** Brings an entry into view, if it is not. */
  #reveal(entry: number): void {
    const place = this.#placeOf(entry);
    if (place) this.camera.reveal(...place);
  }

  /** What is known of the entries has changed: the next frame shows it, however often that was. */
  #look(): void {
    this.#isStale = true;
    this.#draw();
  }

  #refreshScene(): void {
    this.#isStale = false;
    const { opened, selected, marks, hits, flow, path, overlay } = this.#state!;
    if (!this.#picture || !opened) return;
    const reach = reachOf(opened.dag, selected, this.#lit?.reach);
    const lit = this.#lit = litIn(this.#picture, reach, this.#lit);
    const shown = { lit, marks, hits, flow, path, broken: this.#broken };
    this.#scene = sceneOf(opened.columns, shown, overlay === "trust");
  }

  #resize(): void {
    const isFirst = !this.#painted;
    this.camera.resized();
    if (isFirst) this.#arrive(undefined);
    else this.#draw();
  }

  /** Draws the picture around the selected entry. */
  refocus(): void {
    const { selected, hops } = this.#state!;
    if (selected < 0) return;
    this.#focus = selected;
    if (hops === null) this.#session.hop(0);
    else void this.#layout();
  }

  /** Follows an arrow from the selected entry. */
  walk(arrow: Arrow): void {
    const { opened, selected } = this.#state!;
    if (!this.#picture || !opened) return;
    const from = selected >= 0 ? selected : this.#picture.first[0] ?? -1;
    if (from < 0) return;
    this.#session.select(selected < 0 ? from : step(opened.dag, this.#picture, from, arrow));
  }

  /** The node at a pixel; -1: there is none. */
  #nodeAt(px: number, py: number): number {
    const { projection } = this.camera;
    return projection && this.#grid ? this.#grid.nodeAt(...projection.inverse(px, py)) : -1;
  }

  #click(px: number, py: number): void {
    const node = this.#nodeAt(px, py);
    if (node < 0 || !this.#picture) return;
    const key = this.#picture.keys[node];
    const { openGroups } = this.#state!;
    if (key) this.#session.store.set({ openGroups: [...openGroups, key] });
    this.#session.select(this.#picture.first[node]!);
  }

  #draw(): void {
    this.#drawing ||= requestAnimationFrame(() => {
      this.#drawing = 0;
      this.#paint();
    });
  }

  #paint(): void {
    const { frame, projection: to, view } = this.camera;
    if (this.#isStale) this.#refreshScene();
    const scene = this.#scene;
    if (!frame || !to || !scene || !this.#grid) return;
    this.#painted = true;
    const context = this.#context(frame);
    const { dag, layout } = scene.picture;
    const isFar = layout.nodeHeight * Math.min(to.kx, to.ky) < FAR && dag.size > MANY;
    const edges = isFar ? [] : this.#grid.edgesIn(views.seen(frame, view, 10));
    if (isFar || edges.length > MANY_EDGES) this.#paintFar(context, scene, frame, isFar);
    else paintEdges(context, scene, edges, this.#colours, to);
    if (!isFar) {
      const nodes = this.#grid.nodesIn(views.seen(frame, view, 20));
      new NodePainter(context, scene, this.#colours, to).paint(nodes);
    }
    this.#onSeen({ scene, frame, view, colours: this.#colours, focus: this.#focus });
  }

  /** The cleared canvas, in CSS pixels. */
  #context({ width, height }: Frame): CanvasRenderingContext2D {
    const canvas = this.#canvas;
    const ratio = devicePixelRatio || 1;
    const sides = [Math.round(width * ratio), Math.round(height * ratio)] as const;
    if (canvas.width !== sides[0] || canvas.height !== sides[1]) {
      [canvas.width, canvas.height] = sides;
    }
    const context = canvas.getContext("2d", { alpha: false })!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = this.#colours.ground;
    context.fillRect(0, 0, width, height);
    return context;
  }

  #paintFar(
    context: CanvasRenderingContext2D,
    scene: Scene,
    frame: Frame,
    withDots: boolean,
  ): void {
    const { projection: to, view } = this.camera;
    this.#far.paint(context, to!);
    const part = views.seen(frame, view);
    const size = [frame.width, frame.height] as const;
    if (withDots) this.#far.paintDots(context, scene, this.#colours, to!, part, size);
    // After this frame, which shows what is there.
    setTimeout(() => this.#askFar(scene, frame, false));
    clearTimeout(this.#still);
    this.#still = setTimeout(() => this.#askFar(scene, frame, true), STILL_MS);
  }

  #askFar(scene: Scene, frame: Frame, isStill: boolean): void {
    const { view } = this.camera;
    const around = Math.round(AROUND * Math.max(frame.width, frame.height));
    void this.#far.want(scene, this.#colours, {
      seen: views.seen(frame, view),
      part: views.seen(frame, view, around),
      size: [frame.width + 2 * around, frame.height + 2 * around],
      isStill,
      ask: (options) => this.#session.model.overview(options),
    }).then((isNew) => isNew && scene.picture === this.#picture && this.#draw());
  }
}
