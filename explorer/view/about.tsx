/**
 * What the page is made of, and why that is no proof.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { Session } from "./session.ts";
import { useStore } from "./store.ts";
import { Digest } from "./text.tsx";

/** What the page says of itself. */
export function AboutPanel({ session }: { readonly session: Session }) {
  const opened = useStore(session.store, (state) => state.opened);
  const [hash, setHash] = useState("");
  useEffect(() => void session.scriptHash().then(setHash), [session]);
  return (
    <section class="panel" aria-labelledby="about">
      <h2 id="about">About this page</h2>
      <p>
        A page cannot vouch for itself: whoever made it could have made it lie. To check, run{" "}
        <code>kest verify</code>{" "}
        on this file, or drop it on an explorer that you trust. Or compare the script's hash with
        the one that was published with the release.
      </p>
      <dl class="facts">
        {opened && [
          <dt key="t">Passport, SHA-256</dt>,
          <dd key="d">
            <Digest text={opened.digest} what="the SHA-256 of the passport file" />
          </dd>,
        ]}
        <dt>Script</dt>
        <dd>
          <Digest text={hash} what="the hash of the script" />
        </dd>
      </dl>
      {!globalThis.crypto?.subtle && (
        <p class="warning">
          This browser offers no cryptography here, as in some previews: signatures are checked by
          the page's own implementation, which takes longer.
        </p>
      )}
    </section>
  );
}
