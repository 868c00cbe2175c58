/** What is asked about the compiled program alone. */
import { stat } from "node:fs/promises";
import type { ProgramCase } from "./case.ts";
import { GINNEL } from "./systems/ginnel.ts";

const URL_LINE = /https?:\/\/\S+localhost/;
const DEADLINE_MS = 10_000;

export const PROGRAM_CASES: readonly ProgramCase[] = [
  {
    name: "start-up",
    title: "start of the compiled program to the printed URL, with the edge it brings",
    unit: "ms",
    better: "less",
    varies: true,
    measure: ({ httpPort }) => startUpMs(httpPort),
  },
  {
    name: "size",
    title: "size of the executable",
    unit: "MB",
    better: "less",
    varies: false,
    measure: async () => (await stat(GINNEL)).size / 1e6,
  },
];

async function startUpMs(upstreamPort: number): Promise<number> {
  const startedMs = performance.now();
  const child = Bun.spawn([GINNEL, "http", String(upstreamPort), "--log", "stdout"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    timeout: DEADLINE_MS,
  });
  try {
    let text = "";
    for await (const piece of child.stdout) {
      text += Buffer.from(piece).toString();
      if (URL_LINE.test(text)) return performance.now() - startedMs;
    }
    throw new Error(`ginnel printed no URL: ${text.slice(0, 500)}`);
  } finally {
    child.kill();
    await child.exited;
  }
}
