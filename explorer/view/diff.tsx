/**
 * What differs between the open passport and a second one.
 *
 * @module
 */

import type { OtherEntry, Sides, Some } from "../work/compare.ts";
import type { Session } from "./session.ts";
import { type State, useStore } from "./store.ts";
import { shown } from "./text.tsx";

type Comparison = NonNullable<State["comparison"]>;

const NAMES: Readonly<Record<keyof Comparison["names"], string>> = {
  taints: "Taints",
  keys: "Keys",
  policyRules: "Rules and policy references",
  policyDigests: "Policies, by digest",
  seals: "Seals, by signature",
};

function Entries({ session, title, sign, some }: {
  readonly session: Session;
  readonly title: string;
  readonly sign: string;
  readonly some: Some<OtherEntry>;
}) {
  if (some.count === 0) return null;
  return (
    <section>
      <h3>{title} ({some.count})</h3>
      <ul>
        {some.first.map(({ id, nodeId, node, fields }) => (
          <li key={id}>
            <span aria-hidden="true">{sign}</span>{" "}
            {node < 0 ? <strong>{shown(nodeId, 80)}</strong> : (
              <button
                type="button"
                class="link"
                onClick={() => {
                  session.select(node);
                  session.store.set({ view: "rows" });
                }}
              >
                {shown(nodeId, 80)}
              </button>
            )} <code>{shown(id, 60)}</code> {fields.join(", ")}
          </li>
        ))}
      </ul>
      {some.count > some.first.length && (
        <p class="quiet">and {some.count - some.first.length} more</p>
      )}
    </section>
  );
}

function Names({ title, sides }: { readonly title: string; readonly sides: Sides }) {
  const { added, removed, common } = sides;
  const list = (sign: string, { count, first }: Some<string>) => [
    ...first.map((each) => (
      <li key={sign + each}>
        {sign} <code>{shown(each, 200)}</code>
      </li>
    )),
    count > first.length && <li key={sign}>{sign} {count - first.length} more</li>,
  ];
  return (
    <section>
      <h3>{title}</h3>
      <ul>{list("−", removed)}{list("+", added)}</ul>
      {added.count + removed.count === 0 && <p class="quiet">The same {common} in both</p>}
    </section>
  );
}

/** What differs from the second passport. */
export function DiffView({ session }: { readonly session: Session }) {
  const comparison = useStore(session.store, (state) => state.comparison);
  const name = useStore(session.store, (state) => state.name);
  if (!comparison) return null;
  const { added, removed, changed, common, names } = comparison;
  const [open, second] = [shown(name, 80), shown(comparison.name, 80)];
  const isSame = added.count + removed.count + changed.count === 0;
  const entries = { session };
  return (
    <div class="diff panel">
      <h2>{open} and {second}</h2>
      <p>
        {isSame
          ? `The same ${common} entries are in both.`
          : `${common} entries are the same in both. −: only in ${open}. +: only in ${second}.`}
        {" "}
        The second passport is compared, not rechecked: open it for a verdict on it.
      </p>
      <Entries {...entries} title="Same id, another content" sign="≠" some={changed} />
      <Entries {...entries} title={`Only in ${open}`} sign="−" some={removed} />
      <Entries {...entries} title={`Only in ${second}`} sign="+" some={added} />
      {Object.entries(NAMES).map(([key, title]) => (
        <Names key={key} title={title} sides={names[key as keyof typeof names]} />
      ))}
    </div>
  );
}
