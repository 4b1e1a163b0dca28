// Every example runs as its first comment says, with the permissions named there.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The commands that the first comment of an example names. */
function commandsOf(example: string): string[][] {
  const [comment = ""] = readFileSync(`${ROOT}/${example}`, "utf8").split("*/");
  return [...comment.matchAll(/^ \* {5}deno run (.*)$/gm)].map(([, rest]) =>
    rest!.split(/ {2,}/)[0]!.split(" ")
  );
}

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(Deno.execPath(), ["run", "--no-prompt", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", HOME: Deno.env.get("HOME") ?? "" },
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

const SAID: Readonly<Record<string, readonly RegExp[]>> = {
  "examples/quickstart.ts": [
    /^1\. .*\n.*"merged":true/m,
    /^2\. .*\n.* denied by data\.kest\.policy\.allow_merge: the rule is false/m,
    /^3\. .*\n.* denied by data\.kest\.policy\.allow_system_a_only/m,
    /^5\. The passport is verified: 6 entries/m,
    /merge_data +allow +reproduced/,
  ],
  "examples/flow.ts": [/denied by/, /verified/],
  "examples/trust_score.ts": [/denied by data\.kest\.trust\.allow/, /verified/],
};

for (const [example, said] of Object.entries(SAID)) {
  const commands = commandsOf(example);

  test(`${example} names how it is run`, () => assert.ok(commands.length > 0));

  for (const command of commands) {
    test(`deno run ${command.join(" ")}`, () => {
      const output = run(command);
      for (const words of said) assert.match(output, words);
    });
  }
}

test("examples/quickstart.rego is the quick start's policy", () => {
  const [example, policy] = ["quickstart.ts", "quickstart.rego"].map((file) =>
    readFileSync(`${ROOT}/examples/${file}`, "utf8")
  );
  assert.equal(/const POLICY = `(.*?)`;/s.exec(example!)?.[1], policy);
});

test("the quick start needs no permission", () => {
  assert.deepEqual(commandsOf("examples/quickstart.ts"), [["examples/quickstart.ts"]]);
});
