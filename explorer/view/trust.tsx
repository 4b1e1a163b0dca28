/**
 * Whom the reader trusts. Keys in the file are shown, and never trusted by
 * themselves.
 *
 * @module
 */

import { useState } from "preact/hooks";
import { rightsOf, rulesOf } from "../../lib/verify/rights.ts";
import type { Session } from "./session.ts";
import { useStore } from "./store.ts";
import { shown } from "./text.tsx";

function Keys({ session }: { readonly session: Session }) {
  const trust = useStore(session.store, (state) => state.trust)!;
  return (
    <>
      {trust.from === "page" && (
        <p class="warning">
          This came with the passport. Compare the keys with what their owners publish, and look at
          what they may do; or give your own policy.
        </p>
      )}
      <ul>
        {trust.policy.keys.map((key, index) => (
          <li key={index}>
            <strong>{shown(key.name, 80)}</strong>{" "}
            <code>{shown(key.public_key_id ?? key.public_key.x, 100)}</code>
            {key.revoked && <p class="warning">Revoked: {shown(key.revoked.reason, 200)}</p>}
            <dl class="facts rights">
              {rightsOf(key).map(([label, text]) => [
                <dt key={label}>{label}</dt>,
                <dd key={`${label}=`}>{shown(text, 300)}</dd>,
              ])}
            </dl>
          </li>
        ))}
      </ul>
      {rulesOf(trust.policy).map((rule) => <p key={rule}>{shown(rule, 300)}</p>)}
      {trust.policy.keys.length === 0 && <p>It names no key: nobody is trusted.</p>}
      {trust.from === "page" && (
        <button
          type="button"
          onClick={() => session.trust(trust.policy, "reader")}
        >
          I have compared these keys, and accept what they may do
        </button>
      )} <button type="button" onClick={() => session.trust(null, "reader")}>Trust nobody</button>
    </>
  );
}

function Signers({ session }: { readonly session: Session }) {
  const report = useStore(session.store, (state) => state.report);
  if (!report || report.signers.length === 0) return null;
  return (
    <>
      <h3>Keys in the passport</h3>
      <ul>
        {report.signers.map(({ publicKeyId, name }) => (
          <li key={publicKeyId}>
            {name === null
              ? <span class="unknown">? unknown</span>
              : <strong>{shown(name)}</strong>} <code>{shown(publicKeyId, 100)}</code>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Who the reader is: seals may be bound to one, or to a challenge of theirs. */
function Questions({ session }: { readonly session: Session }) {
  const audience = useStore(session.store, (state) => state.audience);
  const nonce = useStore(session.store, (state) => state.nonce);
  return (
    <details>
      <summary>Who you are</summary>
      <label class="field">
        Your name, as the sealer calls you
        <input
          type="text"
          value={audience}
          onChange={(event) => session.ask({ audience: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        The challenge that you gave
        <input
          type="text"
          value={nonce}
          onChange={(event) => session.ask({ nonce: event.currentTarget.value })}
        />
      </label>
    </details>
  );
}

/** Whom the reader trusts, and how to change that. */
export function TrustPanel({ session }: { readonly session: Session }) {
  const trust = useStore(session.store, (state) => state.trust);
  const [text, setText] = useState("");
  const take = async () => {
    await session.take(new Blob([text]), "pasted text");
    setText("");
  };
  return (
    <section class="panel" aria-labelledby="trust">
      <h2 id="trust">Trust</h2>
      {trust ? <Keys session={session} /> : (
        <p>
          You trust nobody yet, so nothing can be verified. Drop a trust policy or a public key
          (JWK) on the page, or paste it here.
        </p>
      )}
      <details>
        <summary>Paste a trust policy or a key</summary>
        <textarea
          aria-label="Trust policy or public key as JSON"
          rows={4}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="button" disabled={text.trim() === ""} onClick={take}>Use it</button>
      </details>
      <Questions session={session} />
      <Signers session={session} />
    </section>
  );
}
