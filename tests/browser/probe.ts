/**
 * What is painted on the graph's canvas: pixels by the names of the style sheet's
 * colours.
 *
 * @module
 */

import type { Page } from "playwright-core";

/** The pixels of one colour: how many, and where most are, from the canvas' corner. */
export interface Patch {
  readonly count: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The graph's own canvas. */
export const CANVAS = ".stage > canvas:first-child";

/** A number for all pixels: two pictures that look the same have one. */
export function pictureOf(page: Page): Promise<number> {
  return page.$eval(CANVAS, (element) => {
    const { width, height } = element as HTMLCanvasElement;
    // Reading the canvas itself would change how the browser paints it.
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
    copy.drawImage(element as HTMLCanvasElement, 0, 0);
    let hash = 0;
    for (const pixel of new Uint32Array(copy.getImageData(0, 0, width, height).data.buffer)) {
      hash = Math.imul(hash ^ pixel, 0x01000193);
    }
    return hash;
  });
}

/** Waits until everything that was asked for is painted. */
export async function painted(page: Page): Promise<void> {
  let before: number | undefined;
  for (let tries = 0; tries < 100; tries++) {
    await page.waitForTimeout(50);
    const now = await pictureOf(page);
    if (now === before) return;
    before = now;
  }
  throw new Error("The canvas is painted anew all the time");
}

/** The pixels of a colour, e.g. `bad-ground`. */
export function patchOf(page: Page, colour: string): Promise<Patch> {
  return page.$eval(CANVAS, (element, colour) => {
    const canvas = element as HTMLCanvasElement;
    const probe = document.createElement("span");
    probe.style.color = `var(--${colour})`;
    canvas.parentElement!.append(probe);
    const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.]+/g)!.map(Number);
    probe.remove();
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    const [columns, rows]: [number[], number[]] = [[], []];
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] !== red || data[at + 1] !== green || data[at + 2] !== blue) continue;
      columns.push(at / 4 % width);
      rows.push(Math.floor(at / 4 / width));
    }
    // Blended colours may be the same by chance, here and there.
    const most = (places: number[]): [middle: number, length: number] => {
      const sorted = places.sort((a, b) => a - b);
      const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
      return [at(0.5), at(0.95) - at(0.05)];
    };
    const [[x, across], [y, down]] = [most(columns), most(rows)];
    return { count: columns.length, x, y, width: across, height: down };
  }, colour);
}
