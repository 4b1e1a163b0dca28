/**
 * What a reader can do: every action of the page, each changing the state.
 *
 * @module
 */

import type { BlockName } from "../../lib/page/blocks.ts";
import type { Aspect, Verdict } from "../../lib/verify/report.ts";
import type { TrustPolicy } from "../../lib/verify/trust_policy.ts";
import type { TaintFlow } from "../graph/taints.ts";
import { indexOfText, textAt } from "../work/columns.ts";
import { spread } from "../work/marks.ts";
import type { ModelHandlers } from "../work/model_worker.ts";
import type { ReplayHandlers } from "../work/replay_worker.ts";
import { type Calls, type Failure, RemoteError } from "../work/rpc.ts";
import type { Source } from "../work/source.ts";
import { engineText, spawn, type Spawned } from "../work/spawn.ts";
import type { VerifyHandlers } from "../work/verify_worker.ts";
import { type Hops, Store } from "./store.ts";

/** Hops that are shown at first, and at most. */
const NEAR: Hops = { up: 2, down: 2 };
const MOST_HOPS = 99;

/** So few entries are shown all at first. */
const FEW = 24;

/** Taints whose flow is kept. */
const KEPT_FLOWS = 16;

function failureOf(error: unknown): Failure {
  if (error instanceof RemoteError) return error.failure;
  const message = error instanceof Error ? error.message : String(error);
  return { code: "INTERNAL", message, path: undefined, issues: [] };
}

/** What came with a passport: its sender's opinion. */
type Companions = Pick<Source & { readonly is: "passport" }, "policies" | "trust">;

/** The page's state, its workers, and what a reader can do. */
export class Session {
  readonly store = new Store();
  readonly #script: string;
  readonly #model: Spawned<ModelHandlers>;
  #verifier: Spawned<VerifyHandlers> | undefined;
  #file = new Blob();
  readonly #flows = new Map<string, Promise<TaintFlow>>();
  #searching = false;
  // Grows with every question: answers to older ones come too late.
  #question = 0;

  /** @param script The text of the page's first script, of which workers are made. */
  constructor(script: string) {
    this.#script = script;
    this.#model = spawn<ModelHandlers>(script, "kest-model");
  }

  /** The worker that knows the passport. */
  get model(): Calls<ModelHandlers> {
    return this.#model.calls;
  }

  /** Opens whatever a file holds: a passport, a page, a trust policy or a key. */
  take(file: Blob, name: string): Promise<void> {
    return this.#take(this.model.identify(file), name);
  }

  /** Opens what is in the page that runs. */
  takeBlocks(blocks: ReadonlyMap<BlockName, readonly string[]>, name: string): Promise<void> {
    return this.#take(this.#send(blocks), name);
  }

  /** Sends blocks to the worker, a part at a time, so that no message holds up the page. */
  async #send(blocks: ReadonlyMap<BlockName, readonly string[]>): Promise<Source> {
    for (const [name, parts] of blocks) {
      for (const text of parts) await this.model.takePart({ name, text });
    }
    return await this.model.identifyBlocks(undefined);
  }

  /** Says why this page cannot be shown. */
  refuse(message: string): void {
    const failure = { code: "PAGE", message, path: undefined, issues: [] };
    this.store.set({ phase: "broken", failure });
  }

  async #take(identified: Promise<Source>, name: string): Promise<void> {
    try {
      const source = await identified;
      if (source.is === "trust") return await this.trust(source.trust, "reader");
      await this.open(source.file, name, source);
      if (source.problem !== undefined) this.store.set({ status: source.problem });
    } catch (error) {
      const failure = failureOf(error);
      if (this.store.state.phase === "open") this.store.set({ status: failure.message });
      else this.store.set({ phase: "broken", name, failure });
    }
  }

  /** Opens a passport in place of the one that is open. */
  async open(file: Blob, name: string, { policies, trust }: Companions): Promise<void> {
    const before = this.store.state.trust;
    const sent = trust && { policy: trust, from: "page" as const };
    this.#file = file;
    this.#question++;
    this.#verifier?.end();
    this.#verifier = undefined;
    this.#flows.clear();
    this.store.set({
      ...{ phase: "reading", name, failure: null, opened: null, policies, selected: -1 },
      ...{ taint: null, flow: null, query: "", hits: null, report: null, verdicts: {} },
      ...{ verifyFailure: null, replayed: null, replayFailure: null, marks: null, found: 0 },
      ...{ reordered: null, comparison: null, path: null, openGroups: [] },
      trust: before?.from === "reader" ? before : sent ?? null,
      status: `Reading ${name}`,
    });
    try {
      const opened = await this.model.open(file);
      if (file !== this.#file) return;
      const selected = opened.heads[opened.heads.length - 1] ?? -1;
      const hops = opened.columns.size <= FEW ? null : NEAR;
      this.store.set({ phase: "open", opened, selected, hops, status: `${name} is open` });
      this.#followHash();
    } catch (error) {
      if (file !== this.#file) return;
      this.store.set({ phase: "broken", failure: failureOf(error), status: `${name} is broken` });
      return;
    }
    // Two workers that parse at once slow each other: what is shown comes before what is rechecked.
    if (this.canReplay) void this.replay();
    await this.#startVerifier(file);
  }

  /** A worker of its own for every passport. */
  async #startVerifier(file: Blob): Promise<void> {
    const verifier = spawn<VerifyHandlers>(this.#script, "kest-verify", (event, value) => {
      if (verifier !== this.#verifier) return;
      if (event === "progress") return this.store.set({ progress: value as number });
      const { aspect, verdict } = value as { aspect: Aspect; verdict: Verdict };
      const { verdicts } = this.store.state;
      this.store.set({ verdicts: { ...verdicts, [aspect]: verdict } });
    });
    this.#verifier = verifier;
    try {
      await verifier.calls.open(file);
      await this.verify();
    } catch {
      // The model worker reads the same bytes, and says what is wrong with them.
    }
  }

  /** Rechecks everything, by what the reader asks now. */
  async verify(): Promise<void> {
    const question = ++this.#question;
    const { trust, audience, nonce } = this.store.state;
    this.store.set({ verdicts: {}, report: null, verifyFailure: null, progress: 0 });
    try {
      const { report, findings, marks } = await this.#verifier!.calls.verify({
        trust: trust?.policy,
        audience: audience === "" ? undefined : audience,
        nonce: nonce === "" ? undefined : nonce,
      });
      if (question !== this.#question) return;
      this.store.set({
        ...{ report, verdicts: report.verdicts, found: findings },
        marks: this.#marksOfAll(marks),
        status: trust?.from === "page" && report.outcome === "verified"
          ? "Rechecked: unchanged, by keys that you have not confirmed"
          : `Rechecked: ${report.outcome}`,
      });
    } catch (error) {
      if (question === this.#question) this.store.set({ verifyFailure: failureOf(error) });
    }
  }

  /** Marks for missing entries too, and for what is affected; `null` while the model is read. */
  #marksOfAll(marks: Uint8Array): Uint8Array | null {
    const { opened } = this.store.state;
    if (!opened) return null;
    const all = new Uint8Array(opened.columns.size);
    all.set(marks);
    spread(opened.dag, all);
    return all;
  }

  /** Changes whom the reader trusts, and rechecks. */
  async trust(policy: TrustPolicy | null, from: "page" | "reader"): Promise<void> {
    this.store.set({ trust: policy && { policy, from } });
    if (this.store.state.phase === "open") await this.verify();
  }

  /** Says who the reader is, and rechecks. */
  async ask(change: { readonly audience?: string; readonly nonce?: string }): Promise<void> {
    this.store.set(change);
    if (this.store.state.phase === "open") await this.verify();
  }

  /** Whether recorded decisions can be evaluated again here. */
  get canReplay(): boolean {
    return this.store.state.policies.length > 0 && engineText() !== undefined;
  }

  /** Evaluates every recorded decision again, with the policies in the page. */
  async replay(): Promise<void> {
    const text = engineText();
    if (text === undefined) return;
    const { policies } = this.store.state;
    const worker = spawn<ReplayHandlers>(text, "kest-replay");
    this.store.set({ replayed: null, replayFailure: null });
    try {
      const replayed = await worker.calls.replay({ passport: this.#file, policies });
      this.store.set({ replayed });
    } catch (error) {
      this.store.set({ replayFailure: failureOf(error) });
    } finally {
      worker.end();
    }
  }

  /** Selects an entry; -1: none. */
  select(node: number): void {
    const { opened, selected } = this.store.state;
    if (!opened || node === selected) return;
    this.store.set({ selected: node });
    const hash = node < 0 ? "" : `#entry=${encodeURIComponent(textAt(opened.columns.ids, node))}`;
    history.replaceState(null, "", hash || location.pathname + location.search);
  }

  /** Selects the entry that the address names. */
  #followHash(): void {
    const id = new URLSearchParams(location.hash.slice(1)).get("entry");
    const node = id === null ? -1 : this.find(id);
    if (node >= 0) this.store.set({ selected: node });
  }

  /** Follows the address when the reader changes it. */
  followAddress(): void {
    addEventListener("hashchange", () => this.#followHash());
  }

  /** The entry with an id; -1: there is none. */
  find(id: string): number {
    const { opened } = this.store.state;
    if (!opened) return -1;
    return indexOfText(opened.columns.ids, id);
  }

  /** Highlights a taint; `null`: none. */
  async highlight(taint: string | null): Promise<void> {
    this.store.set({ taint, flow: null });
    if (taint === null) return;
    const flow = await this.flowOf(taint);
    if (this.store.state.taint === taint) this.store.set({ flow });
  }

  /** Where a taint flows; known at once if it was asked for lately. */
  flowOf(taint: string): Promise<TaintFlow> {
    const known = this.#flows.get(taint);
    if (known) return known;
    const flow = this.model.taint(taint);
    const [oldest] = this.#flows.keys();
    if (this.#flows.size >= KEPT_FLOWS) this.#flows.delete(oldest!);
    this.#flows.set(taint, flow);
    flow.catch(() => this.#flows.delete(taint));
    return flow;
  }

  /** Finds the shortest answer to why the selected entry has the taint that is highlighted. */
  async explain(): Promise<void> {
    const { selected, taint } = this.store.state;
    if (this.store.state.path) this.store.set({ path: null });
    if (selected < 0 || taint === null) return;
    const path = await this.model.why({ node: selected, taint });
    const { state } = this.store;
    if (state.selected === selected && state.taint === taint) this.store.set({ path });
  }

  /** Shows more hops around the selected entry, or fewer; from the whole graph, its surroundings. */
  hop(more: number): void {
    const { hops } = this.store.state;
    const { up, down } = hops ?? NEAR;
    const to = (count: number) => Math.max(0, Math.min(MOST_HOPS, count + more));
    this.store.set({ hops: hops ? { up: to(up), down: to(down) } : NEAR });
  }

  /** Shows the whole graph, or what is around the selected entry. */
  showWhole(): void {
    this.store.set({ hops: this.store.state.hops ? null : NEAR });
  }

  /** Finds entries while somebody types: the last query wins. */
  async search(query: string): Promise<void> {
    this.store.set({ query, ...(query.trim() === "" ? { hits: null, hitCount: 0 } : {}) });
    if (this.#searching) return;
    this.#searching = true;
    try {
      let asked: string;
      do {
        asked = this.store.state.query;
        const { hits, count } = await this.model.search(asked);
        if (asked !== this.store.state.query || asked.trim() === "") continue;
        this.store.set({ hits, hitCount: count, status: `${count} entries found` });
      } while (asked !== this.store.state.query);
    } finally {
      this.#searching = false;
    }
  }

  /** Shows the rows oldest or newest first. */
  async orderRows(newestFirst: boolean): Promise<void> {
    this.store.set({ reordered: newestFirst ? await this.model.lanes(true) : null });
  }

  /** Compares the passport with a second one. */
  async compare(file: Blob, name: string): Promise<void> {
    try {
      const comparison = await this.model.compare(file);
      this.store.set({
        comparison: { name, ...comparison },
        view: "diff",
        status: `Compared with ${name}`,
      });
    } catch (error) {
      this.store.set({ status: `${name} cannot be compared: ${failureOf(error).message}` });
    }
  }

  /** The report as `kest verify --json` prints it. */
  reportJson(): Promise<Blob> {
    return this.#verifier!.calls.json(this.store.state.name);
  }

  /** The hash of the page's first script, as its content policy names it. */
  scriptHash(): Promise<string> {
    return this.model.scriptHash(this.#script);
  }
}
