/**
 * Judges what a verifier says about a tampering: it must name the right place,
 * and nothing else.
 *
 * @module
 */

import {
  canonicalize,
  type Finding,
  ParseError,
  type VerificationReport,
  verifyPassport,
} from "../../mod.ts";
import type { ForgedEntry, ForgedPassport } from "./forge.ts";
import type { Lineage } from "./lineage_of_200.ts";
import { entryTamperings, sealListTamperings } from "./rearranging.ts";
import { fieldTamperings, originTamperings, sealTamperings, type Tampering } from "./tampering.ts";

const texts = new WeakMap<object, string>();

/** The text of a value that is never changed once it was written. */
function textOf(value: object): string {
  let text = texts.get(value);
  if (text === undefined) texts.set(value, text = JSON.stringify(value));
  return text;
}

/** A member's value as text; nothing where there is none. */
function textIn(value: unknown): string {
  return value === undefined ? "" : canonicalize(value);
}

function passportText({ history, origin, seals, version }: ForgedPassport): string {
  const entries = Object.entries(history).map(([id, entry]) =>
    `${JSON.stringify(id)}:${textOf(entry)}`
  );
  const rest = JSON.stringify({ origin, seals, version });
  return `{"history":{${entries.join(",")}},${rest.slice(1)}`;
}

/** What is known of the honest passport, to judge by. */
export class Judge {
  readonly #lineage: Lineage;
  readonly #parents = new Map<string, readonly string[]>();
  readonly #children = new Map<string, string[]>();
  /** The ids that each seal attests. */
  readonly #attested: readonly ReadonlySet<string>[];
  /** How often the changed member was named, with its values. */
  proven = 0;

  constructor(lineage: Lineage) {
    this.#lineage = lineage;
    const entries = Object.values(lineage.passport.history);
    for (const { entry_id: id, parent_entry_ids: parents } of entries) {
      this.#parents.set(id, parents);
      for (const parent of parents) {
        this.#children.set(parent, [...this.#children.get(parent) ?? [], id]);
      }
    }
    const idOf = new Map(entries.map((entry) => [entry.entry_hash, entry.entry_id]));
    const idsOf = (hashes: readonly string[]) => hashes.flatMap((hash) => idOf.get(hash) ?? []);
    this.#attested = lineage.passport.seals.map((seal) => {
      const below = this.#above(idsOf(seal.base));
      return new Set(
        [...this.#above(idsOf(seal.heads.map((head) => head.entry_hash)))]
          .filter((id) => !below.has(id)),
      );
    });
  }

  /** Some entries and all above them. */
  #above(ids: readonly string[]): Set<string> {
    const above = new Set(ids);
    for (const id of above) for (const parent of this.#parents.get(id) ?? []) above.add(parent);
    return above;
  }

  /** What is wrong with the verifier's answer; nothing if it localises the tampering. */
  async complaints(tampering: Tampering): Promise<string[]> {
    const text = passportText(tampering.passport);
    let report: VerificationReport;
    try {
      report = await verifyPassport(text, this.#lineage.options);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      return this.#unreadable(tampering, error);
    }
    return this.#judged(tampering, report);
  }

  /** A violation of the format: every problem lies at the member that was changed. */
  #unreadable(tampering: Tampering, { issues }: ParseError): string[] {
    const allowed = this.#pointers(tampering);
    const paths = issues.map((issue) => issue.path);
    const isRight = (path: string) =>
      allowed.some((pointer) => path === pointer || path.startsWith(`${pointer}/`));
    const wrong = issues.filter(({ path }) => !isRight(path));
    const complaints = wrong.map(({ code, path }) => `${code} at ${path || "/"}`);
    if (tampering.named !== "dangling") return complaints;
    const missed = allowed.filter((pointer) => !paths.includes(pointer));
    return [...complaints, ...missed.map((pointer) => `nothing at ${pointer}`)];
  }

  /** Where a problem of the format may lie. */
  #pointers({ named, path, passport, seal, touched }: Tampering): string[] {
    const [member] = path;
    const below = member === undefined ? "" : `/${member}`;
    if (named === "origin") return ["/origin"];
    if (named === "seal") return [`/seals/${seal}${below}`];
    if (named !== "dangling") {
      // Where the member cannot be known, the hash stands for the entry.
      return touched.flatMap((id) => [`/history/${id}${below}`, `/history/${id}/entry_hash`]);
    }
    return this.#children.get(touched[0]!)!.map((id) => {
      const at = passport.history[id]!.parent_entry_ids.indexOf(touched[0]!);
      return `/history/${id}/parent_entry_ids/${at}`;
    });
  }

  #judged(tampering: Tampering, report: VerificationReport): string[] {
    if (tampering.named === "handed-on") return this.#handedOn(tampering, report);
    const complaints = report.outcome === "verified" ? ["verified"] : [];
    for (const finding of report.findings) {
      if (finding.severity !== "fail" || this.#isRight(tampering, finding)) continue;
      const { code, entryId, parentId, seal, field } = finding;
      complaints.push(`${code} at ${JSON.stringify({ entryId, parentId, seal, field })}`);
    }
    return [...complaints, ...this.#missing(tampering, report)];
  }

  /** Whether a finding names a changed entry, an edge of one, or a changed seal. */
  #isRight(tampering: Tampering, { code, entryId, parentId, seal }: Finding): boolean {
    const { depth, named, passport, touched } = tampering;
    if (named === "seal") return seal === tampering.seal && entryId === undefined;
    if (named !== "entries") return false;
    if (parentId !== undefined) return touched.includes(parentId) || touched.includes(entryId!);
    if (code === "AUDIENCE" && depth === "all-rehashed") {
      return this.#lostChildren(passport, entryId!);
    }
    if (seal !== undefined) {
      return entryId === undefined && this.#lostHeads(passport, seal).length > 0;
    }
    if (depth === "all-rehashed" && this.#isForced(code, passport, touched)) return true;
    return entryId !== undefined && touched.includes(entryId);
  }

  /**
   * Where nothing but a seal tells, a forged policy of an origin is demanded of
   * all that was rehashed below it, and a forged claim of trust is built upon.
   */
  #isForced(code: string, { history }: ForgedPassport, touched: readonly string[]): boolean {
    if (code === "DECISION_MISSING") return true;
    // Its decisions saw the trust that was there before.
    return ["TRUST_MISMATCH", "TRUST_NOT_ALLOWED", "KIND_SHAPE"].includes(code) &&
      touched.some((id) => history[id]!.trust_rule === "custom");
  }

  /** Whether an entry became a head, as if it had been handed over by itself. */
  #lostChildren({ history }: ForgedPassport, id: string): boolean {
    return this.#children.has(id) &&
      !Object.values(history).some((entry) => entry.parent_entry_ids.includes(id));
  }

  /** Hashes of honest heads of a seal that a passport no longer has. */
  #lostHeads({ history }: ForgedPassport, seal: number): string[] {
    const hashes = new Set(Object.values(history).map((entry) => entry.entry_hash));
    return Object.values(this.#lineage.passport.history)
      .map((entry) => entry.entry_hash)
      .filter((hash) =>
        !hashes.has(hash) &&
        this.#lineage.passport.seals[seal]!.heads.some((head) => head.entry_hash === hash)
      );
  }

  #missing(tampering: Tampering, report: VerificationReport): string[] {
    const { depth, named } = tampering;
    if (named === "seal") {
      const isNamed = report.findings.some((f) => f.severity === "fail");
      return isNamed ? this.#uncoveredBy(tampering.seal!, report) : ["the seal is not named"];
    }
    if (named === "uncovered") return this.#open(report, this.#attested[tampering.seal!]!);
    if (named === "copies") return this.#open(report, new Set(tampering.touched));
    if (named !== "entries") return ["read, although it cannot be"];
    if (depth === "alone") return this.#missingEntries(tampering, report);
    if (depth === "rehashed") return this.#missingEdges(tampering, report);
    return this.#missingSeals(tampering, report);
  }

  /** Exactly one finding for each changed entry. */
  #missingEntries({ touched, passport, path }: Tampering, report: VerificationReport): string[] {
    return touched.flatMap((id) => {
      const about = report.findings.filter((finding) =>
        finding.severity === "fail" && finding.entryId === id
      );
      const [finding] = about;
      if (finding?.code !== "ENTRY_CHANGED") return [`${id} is not named as changed`];
      if (about.length > 1) return about.slice(1).map(({ code }) => `also ${code} at ${id}`);
      const honest = this.#lineage.passport.history[id]!;
      return this.#fieldComplaints(finding, passport.history[id]!, honest, path);
    });
  }

  /** A named member is the changed one, with the value it has and the one it had. */
  #fieldComplaints(
    finding: Finding,
    now: ForgedEntry,
    honest: ForgedEntry,
    path: readonly string[],
  ) {
    const { field, stored, computed } = finding;
    if (field === undefined) return ["no field"];
    if (field === "entry_hash") {
      return stored === now.entry_hash ? [] : [`the stored hash is not ${stored}`];
    }
    const names = field.split("/");
    if (names[0] !== path[0] && !path[0]!.startsWith("parent_")) {
      return [`${field} is blamed for ${path.join("/")}`];
    }
    // deno-lint-ignore no-explicit-any
    const at = (entry: any) => textIn(names.reduce((value, name) => value?.[name], entry));
    if (textIn(stored) !== at(now)) return [`${field} is not ${JSON.stringify(stored)}`];
    if (textIn(computed) !== at(honest)) {
      return [`${field} was not ${JSON.stringify(computed)}`];
    }
    this.proven++;
    return [];
  }

  /** Every edge to a changed entry, or the seal if it was a head. */
  #missingEdges(tampering: Tampering, report: VerificationReport): string[] {
    return tampering.touched.flatMap((id) => {
      const children = (this.#children.get(id) ?? []).filter((child) =>
        !tampering.touched.includes(child)
      );
      if (children.length === 0) {
        return this.#children.has(id)
          ? []
          : this.#missingSeals({ ...tampering, touched: [id] }, report);
      }
      return children
        .filter((child) =>
          !report.findings.some((finding) =>
            finding.severity === "fail" && finding.code === "EDGE_CHANGED" &&
            finding.entryId === child && finding.parentId === id
          )
        ).map((child) => `edge from ${child} to ${id} is not named`);
    });
  }

  /** Every seal that lost a head is named with the entries that it no longer covers. */
  #missingSeals(tampering: Tampering, report: VerificationReport): string[] {
    return this.#lineage.passport.seals.flatMap((_, index) => {
      const lost = this.#lostHeads(tampering.passport, index);
      return lost.length === 0 ? [] : this.#uncoveredBy(index, report, tampering);
    });
  }

  /** A finding about a seal lists entries that no other seal covers, all of them. */
  #uncoveredBy(index: number, report: VerificationReport, tampering?: Tampering): string[] {
    const about = report.findings.filter((finding) => finding.seal === index);
    const listed = about.map((finding) => finding.entries ?? []).flat();
    const open = report.findings.filter((finding) => finding.code === "OPEN");
    const openIds = new Set(open.map((finding) => finding.entryId!));
    const own = [...this.#attested[index]!].filter((id) => openIds.has(id));
    const complaints = about.length === 0 ? [`seal ${index} is not named`] : [];
    for (const id of listed) if (!openIds.has(id)) complaints.push(`seal ${index} lists ${id}`);
    // An entry that claims another key or a later time is no longer one of the seal's.
    const isMoved = ["public_key_id", "timestamp_ms"].includes(tampering?.path[0] ?? "");
    const touched = isMoved ? tampering!.touched : [];
    const lacks = own.filter((id) => !listed.includes(id) && !touched.includes(id));
    if (lacks.length > 0) complaints.push(`seal ${index} does not list ${lacks.join()}`);
    for (const id of tampering?.touched ?? []) {
      if (!openIds.has(id)) complaints.push(`${id} is covered`);
    }
    return complaints;
  }

  /** Exactly these entries are open. */
  #open(report: VerificationReport, ids: ReadonlySet<string>): string[] {
    const open = report.findings.filter((finding) => finding.code === "OPEN");
    const found = new Set(open.map((finding) => finding.entryId!));
    return [
      ...[...ids].filter((id) => !found.has(id)).map((id) => `${id} is not open`),
      ...[...found].filter((id) => !ids.has(id)).map((id) => `${id} is open`),
    ];
  }

  /** A head may be kept back: that is said, at the seal, and nothing is wrong. */
  #handedOn({ touched }: Tampering, report: VerificationReport): string[] {
    const hash = this.#lineage.passport.history[touched[0]!]!.entry_hash;
    const index = this.#lineage.passport.seals.findIndex((seal) =>
      seal.heads.some((head) => head.entry_hash === hash)
    );
    const isSaid = report.findings.some(({ code, seal, stored }) =>
      code === "WITHHELD" && seal === index && stored === hash
    );
    const fails = report.findings.filter((finding) => finding.severity === "fail");
    return [
      ...(isSaid ? [] : ["the head's absence is not named at the seal"]),
      ...fails.map(({ code }) => `${code}, although a head may be kept back`),
    ];
  }
}

/** Every tampering of the passport, made only when it is asked for. */
export function* allTamperings({ passport, keys }: Lineage): Generator<() => Tampering> {
  yield* originTamperings(passport, keys);
  yield* sealListTamperings(passport);
  for (const index of passport.seals.keys()) yield* sealTamperings(passport, index, keys);
  const entries = Object.values(passport.history);
  for (const [at, entry] of entries.entries()) {
    const earlier = entries[Math.max(0, at - 1 - at % 7)]!;
    if (earlier !== entry) yield* entryTamperings(passport, entry, earlier);
    yield* fieldTamperings(passport, entry, keys);
  }
}

/** What came of many tamperings. */
export interface Tally {
  readonly tried: number;
  readonly proven: number;
  /** Each tampering that was not localised, and why. */
  readonly missed: readonly string[];
  /** How many there were of each kind. */
  readonly kinds: ReadonlyMap<string, number>;
}

/** Judges one in `every` tamperings. */
export async function localise(lineage: Lineage, every: number, first = 0): Promise<Tally> {
  const judge = new Judge(lineage);
  const missed: string[] = [];
  const kinds = new Map<string, number>();
  let [number, tried] = [0, 0];
  for (const make of allTamperings(lineage)) {
    if (number++ % every !== first) continue;
    tried++;
    const tampering = make();
    const kind = `${tampering.named} ${tampering.depth}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    const complaints = await judge.complaints(tampering);
    if (complaints.length > 0) missed.push(`${tampering.name}: ${complaints.join("; ")}`);
  }
  return { tried, proven: judge.proven, missed, kinds };
}
