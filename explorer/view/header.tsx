/**
 * The head of the page: what is open, and what can be done with it.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { ExportMenu } from "./export.tsx";
import type { Session } from "./session.ts";
import { useStore } from "./store.ts";
import { Digest, shown } from "./text.tsx";

/** Bytes of a dropped file: what a passport may have, in a page. */
const MAX_FILE = 512 * 1024 * 1024;

/** What is done with a file. */
type Take = (file: Blob, name: string) => Promise<void>;

/** Takes a file, unless it is too large. */
export async function takeFile(session: Session, file: File, take: Take): Promise<void> {
  if (file.size > MAX_FILE) {
    return session.store.set({ status: `${file.name} is larger than ${MAX_FILE} bytes` });
  }
  await take(file, file.name);
}

function FileButton({ session, title, label, take }: {
  readonly session: Session;
  readonly title: string;
  readonly label: string;
  readonly take: Take;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>{title}</button>
      <input
        ref={input}
        type="file"
        class="hidden"
        tabIndex={-1}
        aria-label={label}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file) void takeFile(session, file, take);
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

function ThemeSwitch({ session }: { readonly session: Session }) {
  const [theme, setTheme] = useState("system");
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const look = () => {
      document.documentElement.dataset.theme = theme;
      session.store.set({ dark: theme === "dark" || (theme === "system" && system.matches) });
    };
    look();
    system.addEventListener("change", look);
    return () => system.removeEventListener("change", look);
  }, [theme]);
  return (
    <select
      aria-label="Colours"
      value={theme}
      onChange={(event) => setTheme(event.currentTarget.value)}
    >
      <option value="system">System colours</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}

/** The head of the page. */
export function Header({ session }: { readonly session: Session }) {
  const name = useStore(session.store, (state) => state.name);
  const opened = useStore(session.store, (state) => state.opened);
  const entries = opened ? opened.columns.size - opened.columns.missing : 0;
  return (
    <header>
      <h1>{name === "" ? "Kest passport explorer" : shown(name, 120)}</h1>
      {opened && (
        <span class="quiet">
          {entries} {entries === 1 ? "entry" : "entries"} ·{" "}
          <Digest text={opened.digest} what="the SHA-256 of the file" short />
        </span>
      )}
      <div class="tools">
        <FileButton
          session={session}
          title="Open…"
          label="File to open: a passport, a page, a trust policy or a key"
          take={(file, name) => session.take(file, name)}
        />
        {opened && (
          <>
            <FileButton
              session={session}
              title="Compare…"
              label="A second passport, to compare with the open one"
              take={(file, name) => session.compare(file, name)}
            />
            <ExportMenu session={session} />
          </>
        )}
        <ThemeSwitch session={session} />
        <button type="button" onClick={() => session.store.set({ help: true })}>Shortcuts</button>
      </div>
    </header>
  );
}
