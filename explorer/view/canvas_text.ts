/**
 * Names on a canvas: measured once, cut where they do not fit.
 *
 * @module
 */

const FONT = 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';

/** The size at which texts are measured. */
const MEASURED = 12;
const KEPT = 5_000;

/** The font of a size. */
function fontOf(pixels: number, weight = 400): string {
  return `${weight} ${pixels}px ${FONT}`;
}

const cut = new Map<string, string>();

function cutTo(context: CanvasRenderingContext2D, text: string, width: number): string {
  context.font = fontOf(MEASURED);
  if (context.measureText(text).width <= width) return text;
  const characters = [...text];
  let [fits, not] = [0, characters.length];
  while (not - fits > 1) {
    const middle = (fits + not) >> 1;
    const start = characters.slice(0, middle).join("") + "…";
    if (context.measureText(start).width <= width) fits = middle;
    else not = middle;
  }
  return characters.slice(0, fits).join("") + "…";
}

/** Writes a text from a point, no wider than `width`. */
export function write(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  width: number,
  pixels: number,
): void {
  const allowed = Math.floor(width * MEASURED / pixels);
  const key = `${allowed} ${text}`;
  let short = cut.get(key);
  if (short === undefined) {
    if (cut.size > KEPT) cut.clear();
    cut.set(key, short = cutTo(context, text, allowed));
  }
  context.font = fontOf(pixels);
  context.fillText(short, x, y);
}
