/**
 * The lineage as a tree, from the heads to where the data came from: as the
 * Python package draws it. Without recursion, and each entry with its ancestors
 * only once, so that the size of the picture is that of the passport.
 *
 * @module
 */

import type { Drawing, DrawnEntry } from "./drawing.ts";
import type { Piece, Screen } from "./screen.ts";

/** The first line of the picture. */
const TREE_HEADER = "Kest Lineage DAG (Leaf-to-Root):";

/** Columns by which a parent is indented. */
const STEP = 4;

/** Levels that are indented; a chain of 100,000 would be 20 GB wide. */
const MOST_LEVELS = 32;

/** Columns that a narrow terminal keeps for names. */
const ROOM_FOR_NAMES = 24;

interface Waiting {
  readonly id: string;
  readonly prefix: string;
  readonly level: number;
  readonly last: boolean;
}

function notesOf(entry: DrawnEntry): string {
  if (entry.kind === null || entry.kind === "step") return "";
  if (entry.kind === "originate") return " (originate)";
  return ` (${[entry.kind, ...entry.removedTaints.map((taint) => `-${taint}`)].join(" ")})`;
}

function scoreText(score: number): string {
  return String(Number(score.toPrecision(6)));
}

/** Draws one picture. */
class TreeDrawer {
  readonly #screen: Screen;
  readonly #entries: ReadonlyMap<string, DrawnEntry>;
  readonly #levels: number;
  readonly #drawn = new Set<string>();
  readonly #referenced: ReadonlySet<string>;

  constructor(screen: Screen, { entries }: Drawing) {
    this.#screen = screen;
    this.#entries = entries;
    const room = ((screen.columns ?? Infinity) - ROOM_FOR_NAMES) / STEP;
    this.#levels = Math.max(2, Math.min(MOST_LEVELS, Math.floor(room)));
    this.#referenced = ambiguous(entries);
  }

  isDrawn(id: string): boolean {
    return this.#drawn.has(id);
  }

  draw(head: string): void {
    const stack: Waiting[] = [{ id: head, prefix: "", level: 0, last: true }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const entry = this.#entries.get(next.id);
      const again = this.#drawn.has(next.id);
      this.#screen.cut(...this.#branch(next), ...this.#label(next.id, entry, again));
      if (entry === undefined || again) continue;
      this.#drawn.add(next.id);
      const { parents } = entry;
      const prefix = this.#below(next);
      for (let index = parents.length - 1; index >= 0; index--) {
        const last = index === parents.length - 1;
        stack.push({ id: parents[index]!, prefix, level: next.level + 1, last });
      }
    }
  }

  #branch({ prefix, level, last }: Waiting): Piece[] {
    const deep = level > this.#levels ? `(level ${level}) ` : "";
    return [`${prefix}${last ? "└── " : "├── "}${deep}`];
  }

  #below({ prefix, level, last }: Waiting): string {
    return level >= this.#levels ? prefix : prefix + (last ? "    " : "│   ");
  }

  #label(id: string, entry: DrawnEntry | undefined, again: boolean): Piece[] {
    if (entry === undefined) return [`${id} `, ["(missing)", "unsure"]];
    const mark = this.#referenced.has(id) ? ` #${id.slice(0, 8)}` : "";
    if (again) return [`${entry.node} ↑ shown above${mark}`];
    const taints: Piece = entry.taints.length === 0
      ? [" [Safe]", "good"]
      : [` [Taints: ${entry.taints.join(", ")}]`, "unsure"];
    const trust = entry.trustScore === null ? "" : ` trust ${scoreText(entry.trustScore)}`;
    const stopped = entry.kind === "denied" || entry.kind === "failed";
    return [entry.node, taints, trust, [notesOf(entry), stopped ? "bad" : "plain"], mark];
  }
}

/** Entries with several children that share their name: only an id tells which is meant. */
function ambiguous(entries: ReadonlyMap<string, DrawnEntry>): Set<string> {
  const names = new Map<string, number>();
  const children = new Map<string, number>();
  for (const { node, parents } of entries.values()) {
    names.set(node, (names.get(node) ?? 0) + 1);
    for (const id of parents) children.set(id, (children.get(id) ?? 0) + 1);
  }
  const several = [...children].filter(([id, count]) =>
    count > 1 && (names.get(entries.get(id)?.node ?? "") ?? 0) > 1
  );
  return new Set(several.map(([id]) => id));
}

/** Draws the tree. Entries that only lie on a cycle are drawn from the first of them. */
export function drawTree(screen: Screen, drawing: Drawing): void {
  screen.cut(TREE_HEADER);
  const drawer = new TreeDrawer(screen, drawing);
  for (const head of drawing.heads) drawer.draw(head);
  for (const id of drawing.entries.keys()) {
    if (drawer.isDrawn(id)) continue;
    screen.cut(["(on a cycle)", "bad"]);
    drawer.draw(id);
  }
}
