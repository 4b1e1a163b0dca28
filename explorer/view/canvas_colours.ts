/**
 * The page's colours, as canvases need them.
 *
 * @module
 */

const NAMES = [
  ...["ground", "raised", "edge", "text", "quiet", "accent", "accent-ground", "good", "bad"],
  ...["bad-ground", "open", "open-ground", "taint", "taint-ground", "focus"],
] as const;

/** CSS colours by the names of the style sheet. */
export type Colours = Readonly<Record<typeof NAMES[number], string>>;

/** Reads the colours that hold inside of an element now. */
export function coloursIn(element: HTMLElement): Colours {
  const probe = document.createElement("span");
  probe.className = "probe";
  element.append(probe);
  const entries = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries);
}

/** A CSS colour as bitmaps hold it, `0xAABBGGRR`. */
export function pixelOf(colour: string, alpha = 255): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return (alpha << 24 | blue << 16 | green << 8 | red) >>> 0;
}
