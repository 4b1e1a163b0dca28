/**
 * Writes synthetic passports of any size, signed and sealed, to try tools on: the
 * explorer, the verifier, a store.
 *
 *     deno run --allow-write=. examples/generate.ts --shape temporal --entries 1000 -o passport.json
 *
 * The seed decides the shape, the names, the taints and the labels. Keys and entry
 * ids are new each time, so two files of one seed are alike but not the same.
 */

import {
  createKest,
  generateKey,
  type Kest,
  type KestData,
  type LocalSigner,
  mergePassports,
  type Passport,
  type PolicyEngine,
  PolicyViolationError,
  type TrustPolicy,
  trustPolicy,
} from "../mod.ts";

/** How entries hang together. */
export const SHAPES = {
  chain: "one parent each, the entry before",
  fan: "one source, many steps beside each other, one sink",
  layered: "layers as wide as deep, one to three parents, mostly in the layer before",
  temporal: "an agent's or a service's log: one to three parents among the last 30",
} as const;

/** One of {@linkcode SHAPES}. */
export type Shape = keyof typeof SHAPES;

/** What fits the 256 MiB that the parser takes by default. */
const MAX_ENTRIES = 180_000;

const WINDOW = 30;
const START_MS = Date.UTC(2026, 0, 5, 8);

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One, two or three, with odds 5:4:1. */
function parentCount(random: () => number): number {
  const roll = random();
  return roll < 0.5 ? 1 : roll < 0.9 ? 2 : 3;
}

function layeredParent(layer: number, width: number, random: () => number): number {
  const roll = random();
  const from = roll < 0.05
    ? Math.floor(random() * layer)
    : roll < 0.85
    ? layer - 1
    : Math.max(0, layer - 1 - Math.floor(random() * 3));
  return from * width + Math.floor(random() * width);
}

/** The parents of each of `size` nodes, parents first. */
export function parentsFor(shape: Shape, size: number, seed: number): number[][] {
  const random = randomFrom(seed);
  const width = Math.max(1, Math.round(Math.sqrt(size)));
  return Array.from({ length: size }, (_, node): number[] => {
    if (shape === "chain") return node === 0 ? [] : [node - 1];
    if (shape === "fan") {
      if (node < size - 1) return node === 0 ? [] : [0];
      return Array.from({ length: size - 2 }, (_, i) => i + 1);
    }
    const layer = Math.floor(node / width);
    const parents = new Set<number>();
    const isRoot = shape === "layered" ? layer === 0 : node === 0 || random() < 0.02;
    for (let left = isRoot ? 0 : parentCount(random); left > 0; left--) {
      parents.add(
        shape === "layered"
          ? layeredParent(layer, width, random)
          : Math.max(0, node - 1 - Math.floor(random() * WINDOW)),
      );
    }
    return [...parents];
  });
}

/**
 * The same with one node at the end: a passport holds what is above its heads, so
 * a node without children gets one among those that follow.
 */
function withOneHead(lists: number[][], shape: Shape): number[][] {
  const last = lists.length - 1;
  const ahead = shape === "temporal" ? WINDOW : Math.max(1, Math.round(Math.sqrt(lists.length)));
  const hasChild = new Set(lists.flat());
  for (let node = 0; node < last; node++) {
    if (!hasChild.has(node)) lists[Math.min(last, node + ahead)]!.push(node);
  }
  return lists;
}

const NODES = ["parse", "clean", "enrich", "score", "merge", "summarise", "translate", "publish"];
const ADDED: Readonly<Record<string, readonly string[]>> = {
  enrich: ["web_data"],
  summarise: ["llm_output"],
  clean: ["pii_stripped"],
};
const TEAMS = ["billing", "care", "research"];

/** Denies `export`, allows everything else. */
const engine: PolicyEngine = {
  kind: "example",
  hasRule: (rule) => rule.startsWith("data.example."),
  evaluate: ({ rule }) => ({ value: rule !== "data.example.export", policyDigest: "example:1" }),
};

type Step = (inputs: readonly KestData<number>[]) => Promise<KestData<number>>;

/** The steps of one key, made once each. */
class Steps {
  readonly #kest: Kest;
  readonly #steps = new Map<string, Step>();
  /** The passports of steps that failed. */
  readonly failed: Passport[] = [];

  constructor(kest: Kest) {
    this.#kest = kest;
  }

  get(nodeId: string, team: string): Step {
    const name = `${nodeId} ${team}`;
    const known = this.#steps.get(name);
    if (known) return known;
    const step: Step = this.#kest.verified({
      nodeId,
      labels: { team, stage: String(NODES.indexOf(nodeId) + 1) },
      addedTaint: ADDED[nodeId] ?? [],
      enforceRules: ["publish", "export"].includes(nodeId) ? [`data.example.${nodeId}`] : [],
      exporters: [{
        export: ({ entry, passport }) => {
          if (entry.kind === "failed") this.failed.push(passport);
        },
      }],
    }, (inputs: readonly unknown[]) => {
      if (nodeId === "call_service") throw new Error("The service did not answer");
      return inputs.length;
    }) as Step;
    this.#steps.set(name, step);
    return step;
  }
}

/** What is made. */
export interface GenerateOptions {
  /** How entries hang together. */
  readonly shape: Shape;
  /** How many entries, denied and failed ones included. */
  readonly entries: number;
  /** Decides everything but keys and ids. */
  readonly seed: number;
  /** Is told how many entries are done, now and then. */
  readonly progress?: (done: number) => void;
}

/** A sealed passport and a trust policy under which it verifies. */
export interface Generated {
  /** The passport. */
  readonly passport: Passport;
  /** The trust policy. */
  readonly trust: TrustPolicy;
}

function checkOptions({ shape, entries, seed }: GenerateOptions): void {
  const least = shape === "fan" ? 3 : 1;
  if (!Object.hasOwn(SHAPES, shape)) {
    throw new RangeError(`No such shape: ${shape}; known are ${Object.keys(SHAPES).join(", ")}`);
  }
  if (!Number.isInteger(entries) || entries < least || entries > MAX_ENTRIES) {
    throw new RangeError(`A ${shape} has ${least} to ${MAX_ENTRIES} entries: got ${entries}`);
  }
  if (!Number.isSafeInteger(seed)) throw new RangeError(`A seed is an integer: got ${seed}`);
}

/** Makes a passport: a pipeline's key for most entries, an approver's for some. */
class Pipeline {
  readonly #options: GenerateOptions;
  readonly #random: () => number;
  readonly #kest: Kest;
  readonly #steps: Steps;
  readonly #laterSteps: Steps;
  readonly #approver: LocalSigner;
  readonly #values: KestData<number>[] = [];
  #clock = START_MS;

  constructor(options: GenerateOptions, pipeline: LocalSigner, approver: LocalSigner) {
    this.#options = options;
    this.#random = randomFrom(options.seed ^ 0x5eed);
    const settings = { policyEngine: engine, now: () => this.#clock };
    this.#kest = createKest({ ...settings, signer: pipeline });
    this.#steps = new Steps(this.#kest);
    this.#laterSteps = new Steps(createKest({ ...settings, signer: approver }));
    this.#approver = approver;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }

  #originate(node: number): KestData<number> {
    const taint = node === 0 ? ["pii_data"] : this.#pick([["pii_data"], ["web_data"], []]);
    return this.#kest.originate(node, {
      nodeId: "ingest",
      userId: this.#pick(["alice", "bob", "nightly-job"]),
      sessionId: `session-${Math.floor(this.#random() * 5)}`,
      taint,
      labels: { team: this.#pick(TEAMS) },
      trustScore: this.#pick([0.5, 0.9, 1]),
    });
  }

  #nodeOf(node: number, parents: number): string {
    if (this.#options.shape === "fan") return parents > 1 ? "merge" : "clean";
    return this.#options.shape === "chain" ? NODES[node % NODES.length]! : this.#pick(NODES);
  }

  async #make(node: number, parents: readonly number[], later: boolean): Promise<void> {
    this.#clock += 1 + Math.floor(this.#random() * 2_000);
    if (parents.length === 0) this.#values[node] = this.#originate(node);
    else {
      const steps = later ? this.#laterSteps : this.#steps;
      const team = this.#options.shape === "fan" ? TEAMS[0]! : this.#pick(TEAMS);
      const step = steps.get(this.#nodeOf(node, parents.length), team);
      this.#values[node] = await step(parents.map((parent) => this.#values[parent]!));
    }
  }

  /** Approves the newest value that holds personal data; what follows rests on the approval. */
  async #approve(): Promise<Passport> {
    const at = this.#values.findLastIndex((each) => each.passport.taints.includes("pii_data"));
    const approved = await this.#kest.declassify(this.#values[at]!, {
      remove: ["pii_data"],
      reason: "Reviewed: no person can be recognised",
      nodeId: "review",
      signer: this.#approver,
    });
    this.#values[at] = approved;
    return approved.passport;
  }

  /** A step that is denied or fails; its passport, if it was denied. */
  async #stumble(nodeId: string): Promise<Passport[]> {
    const step = this.#steps.get(nodeId, TEAMS[0]!);
    const outcome = await step([this.#pick(this.#values)]).catch((error: unknown) => error);
    return outcome instanceof PolicyViolationError ? [outcome.passport] : [];
  }

  /** All entries, merged and sealed. */
  async run(): Promise<Passport> {
    const { entries, shape, seed, progress } = this.#options;
    const some = Math.min(6, Math.floor(entries / 50));
    const lists = withOneHead(parentsFor(shape, entries - 3 * some, seed), shape);
    // The approver's key also makes the last entries; in a fan these would be few with many parents.
    const laterFrom = shape === "fan" ? lists.length : Math.ceil(lists.length * 0.9);
    const every = laterFrom / (some + 1);
    const beside: Passport[] = [];
    for (const [node, parents] of lists.entries()) {
      await this.#make(node, parents, node >= laterFrom);
      const isDue = Math.floor((node + 1) / every) > Math.floor(node / every);
      if (isDue && node + 1 < laterFrom) {
        beside.push(await this.#approve(), ...await this.#stumble("export"));
        await this.#stumble("call_service");
      }
      if (node % 10_000 === 9_999) progress?.(node + 1);
    }
    const last = this.#values.at(-1)!.passport;
    return await mergePassports(last, ...beside, ...this.#steps.failed).seal();
  }
}

/**
 * Makes a passport that verifies under the trust policy beside it.
 *
 * @throws {RangeError} if there is no such shape, size or seed.
 */
export async function generate(options: GenerateOptions): Promise<Generated> {
  checkOptions(options);
  const [pipeline, approver] = [await generateKey(), await generateKey()];
  const trust = trustPolicy([
    { name: "pipeline", key: pipeline.publicKey, mayOriginate: "any" },
    { name: "approver", key: approver.publicKey, mayDeclassify: ["pii_data"] },
  ]);
  return { passport: await new Pipeline(options, pipeline, approver).run(), trust };
}

/** The text of a passport, piece by piece: one string could be too long. */
export function* textOf(passport: Passport): Generator<string> {
  const { history, origin, seals, version } = passport.toJSON();
  yield `{"version":${JSON.stringify(version)},"origin":${JSON.stringify(origin)},"history":{`;
  let before = "\n";
  for (const id in history) {
    yield `${before}${JSON.stringify(id)}:${JSON.stringify(history[id])}`;
    before = ",\n";
  }
  yield `\n},"seals":${JSON.stringify(seals)}}\n`;
}

const HELP = `Writes a synthetic passport, signed and sealed.

Usage: deno run --allow-write=. examples/generate.ts [options]

  --shape <shape>     ${Object.keys(SHAPES).join(", ")}; default temporal
  --entries <number>  how many entries, up to ${MAX_ENTRIES}; default 1000
  --seed <integer>    the same seed makes the same shape and names; default 1
  -o, --out <file>    where the passport goes; default passport.json
  --trust <file>      where the trust policy goes; default is not to write it
  -h, --help          this text

Shapes:
${Object.entries(SHAPES).map(([name, text]) => `  ${name.padEnd(9)} ${text}`).join("\n")}
`;

const FLAGS = new Map([
  ["--shape", "shape"],
  ["--entries", "entries"],
  ["--seed", "seed"],
  ["--out", "out"],
  ["-o", "out"],
  ["--trust", "trust"],
]);

function readArguments(args: readonly string[]): Map<string, string> {
  const values = new Map([["shape", "temporal"], ["entries", "1000"], ["seed", "1"]]);
  values.set("out", "passport.json");
  for (let i = 0; i < args.length; i += 2) {
    const flag = FLAGS.get(args[i]!);
    if (flag === undefined) throw new RangeError(`No such option: ${args[i]}; --help lists them`);
    if (args[i + 1] === undefined) throw new RangeError(`${args[i]} needs a value`);
    values.set(flag, args[i + 1]!);
  }
  return values;
}

async function writePieces(path: string, pieces: Iterable<string>): Promise<void> {
  const file = await Deno.open(path, { write: true, create: true, truncate: true });
  const writer = file.writable.getWriter();
  const encoder = new TextEncoder();
  let waiting = "";
  for (const piece of pieces) {
    waiting += piece;
    if (waiting.length < 1 << 20) continue;
    await writer.write(encoder.encode(waiting));
    waiting = "";
  }
  await writer.write(encoder.encode(waiting));
  await writer.close();
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help") || args.includes("-h")) return console.log(HELP);
  const values = readArguments(args);
  const number = (name: string) => values.get(name)!.trim() === "" ? NaN : Number(values.get(name));
  const started = performance.now();
  const { passport, trust } = await generate({
    shape: values.get("shape") as Shape,
    entries: number("entries"),
    seed: number("seed"),
    progress: (done) => console.error(`${done} entries`),
  });
  await writePieces(values.get("out")!, textOf(passport));
  const trustPath = values.get("trust");
  if (trustPath !== undefined) {
    await Deno.writeTextFile(trustPath, JSON.stringify(trust, null, 2) + "\n");
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.error(`Wrote ${values.get("entries")} entries to ${values.get("out")} in ${seconds} s`);
}

if (import.meta.main) {
  await main(Deno.args).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(2);
  });
}
