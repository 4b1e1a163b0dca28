/**
 * Times inside of a page: what its workers take, its long tasks, its frames.
 *
 * @module
 */

import type { Page } from "playwright-core";

/** A call to a worker of the page; times are milliseconds since the navigation. */
export interface TimedCall {
  readonly worker: string;
  readonly method: string;
  readonly asked: number;
  readonly answered: number;
  /** The end of the first frame after the answer. */
  readonly frame: number;
}

/** What a page noted. */
export interface Noted {
  /** When the passport was open, and when it was rechecked. */
  readonly open: number;
  readonly rechecked: number;
  /** When the graph was painted first, and when the first verdict came. */
  readonly painted: number;
  readonly verdict: number;
  readonly calls: TimedCall[];
  /** Tasks of the page's own thread that took more than 50 ms. */
  readonly tasks: readonly { readonly start: number; readonly ms: number }[];
  /** From each key to the end of the next frame. */
  readonly inputs: { readonly at: number; readonly frame: number }[];
}

declare global {
  var noted: Noted & Record<string, unknown>;
}

/** Runs in the page, before anything of the page's own. */
function startClock(): void {
  const now = () => performance.now();
  const all = { open: 0, rechecked: 0, painted: 0, verdict: 0, calls: [], tasks: [], inputs: [] };
  const noted = all as { -readonly [K in keyof Noted]: Noted[K] };
  globalThis.noted = noted as typeof globalThis.noted;
  const atFrame = (use: (end: number) => void) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => use(now());
      port2.postMessage(0);
    });
  const Plain = Worker;
  globalThis.Worker = class extends Plain {
    readonly #asked = new Map<number, { method: string; asked: number }>();
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener("message", ({ data: { id, event } }) => {
        if (event === "verdict") noted.verdict ||= now();
        const call = this.#asked.get(id);
        if (!call) return;
        const answered = now();
        const about = { worker: options?.name ?? "", ...call, answered };
        atFrame((frame) => noted.calls.push({ ...about, frame }));
      });
    }
    override postMessage(message: { id: number; method: string }, rest?: unknown): void {
      this.#asked.set(message.id, { method: message.method, asked: now() });
      super.postMessage(message, rest as Transferable[]);
    }
  };
  new PerformanceObserver((list) => {
    const tasks = list.getEntries().map(({ startTime, duration }) => {
      return { start: startTime, ms: duration };
    });
    noted.tasks = [...noted.tasks, ...tasks];
  }).observe({ type: "longtask", buffered: true });
  const { fillRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillRect = function (...args) {
    if (!noted.painted && this.canvas.parentElement?.className === "stage") noted.painted = now();
    return fillRect.apply(this, args);
  };
  new MutationObserver(() => {
    const { phase, rechecked } = document.querySelector<HTMLElement>(".page")?.dataset ?? {};
    if (phase === "open") noted.open ||= now();
    if (rechecked) noted.rechecked ||= now();
  }).observe(document, { subtree: true, childList: true, attributes: true });
  addEventListener("keydown", ({ timeStamp: at }) => {
    atFrame((frame) => noted.inputs.push({ at, frame }));
  }, true);
}

/** Makes a page note times as soon as it is opened. */
export async function noteTimes(page: Page): Promise<void> {
  await page.addInitScript(startClock);
}

/** What a page noted so far. */
export function notedBy(page: Page): Promise<Noted> {
  return page.evaluate(() => globalThis.noted);
}

/** Milliseconds from the next key, which `act` presses, to the end of a frame. */
export async function timeOfInput(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(() => void (globalThis.noted.inputs.length = 0));
  await act();
  await page.waitForFunction(() => globalThis.noted.inputs.length > 0);
  const { at, frame } = (await notedBy(page)).inputs[0]!;
  return frame - at;
}

/** The same to the end of the frame after a worker's answer, which `prepare` may ask for. */
export async function timeToAnswer(
  page: Page,
  method: string,
  act: () => Promise<void>,
  prepare = async (): Promise<void> => {},
): Promise<number> {
  await page.evaluate(() => {
    globalThis.noted.inputs.length = 0;
    globalThis.noted.calls.length = 0;
  });
  await prepare();
  await act();
  await page.waitForFunction(
    (method) =>
      globalThis.noted.inputs.length > 0 &&
      globalThis.noted.calls.some((call) => call.method === method),
    method,
  );
  const { inputs: [input], calls } = await notedBy(page);
  const { frame } = calls.find((call) => call.method === method)!;
  return Math.max(frame, input!.frame) - input!.at;
}

/** Milliseconds between frames while a list is scrolled. */
export function scrollTimes(page: Page, list: string, frames: number): Promise<number[]> {
  return page.$eval(list, async (element, frames) => {
    const times: number[] = [];
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    let last = await frame();
    for (let i = 0; i < frames; i++) {
      // As fast as a wheel is turned.
      element.scrollTop = (i + 1) * 400 % (element.scrollHeight - element.clientHeight);
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    return times;
  }, frames);
}
