/**
 * Text from a passport, safe to look at: control and bidirectional characters
 * are shown escaped, long texts are cut, digests can be copied.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { printable } from "../../lib/bytes/encoding.ts";
import { type Columns, textAt } from "../work/columns.ts";

/** Characters of one text that are shown at once. */
const SHOWN = 2_000;

/** A text from outside as a person may see it. */
export function shown(text: string, most = SHOWN): string {
  const cut = text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text;
  return printable(cut);
}

/** What an entry is called. */
export function nodeName({ nodes, ids, kind }: Columns, node: number, most = 80): string {
  if (kind[node] === 5) return `missing ${shown(textAt(ids, node), 40)}`;
  return shown(nodes.texts[nodes.of[node]!]!, most) || "(no name)";
}

/** A time as ISO 8601, to the second; as it is where it is no date. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return String(ms);
  return date.toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** A digest with a button that copies it; `short`: only its beginning is shown. */
export function Digest({ text, what, short = false }: {
  readonly text: string;
  readonly what: string;
  readonly short?: boolean;
}) {
  const [state, setState] = useState("Copy");
  const onClick = async () => setState(await copy(text) ? "Copied" : "Select it by hand");
  return (
    <span class="digest">
      <code>{short ? shown(text.slice(0, 12)) : shown(text)}</code>{" "}
      <button type="button" class="link" aria-label={`Copy ${what}`} onClick={onClick}>
        {state}
      </button>
    </span>
  );
}
