import type { ProgramCase } from "../case.ts";
import { GINNEL } from "../systems/ginnel.ts";

const URL_LINE = /https?:\/\/\S+localhost(?::\d+)?/;
const DEADLINE_MS = 10_000;

/** The compiled program with the edge that it brings. */
export const startUp: ProgramCase = {
  name: "start-up",
  questions: [
    { name: "start-up-url", title: "start of the compiled program to the printed URL", unit: "ms", better: "less" },
    { name: "start-up-served", title: "start to the first request served", unit: "ms", better: "less" },
  ],
  isAboutProgram: true,
  async measure(upstreamPort) {
    const startedMs = performance.now();
    const child = Bun.spawn([GINNEL, "http", String(upstreamPort), "--log", "stdout"], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      timeout: DEADLINE_MS,
    });
    try {
      const url = await firstUrl(child.stdout);
      const printedMs = performance.now() - startedMs;
      const { host, port } = new URL(url);
      // The name resolves to this machine in browsers; here it is sent, not looked up.
      const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { Host: host } });
      if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
      await answer.bytes();
      return { values: { "start-up-url": printedMs, "start-up-served": performance.now() - startedMs } };
    } finally {
      child.kill();
      await child.exited;
    }
  },
};

async function firstUrl(output: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of output) {
    text += Buffer.from(piece).toString();
    const url = URL_LINE.exec(text)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error(`ginnel printed no URL: ${text.slice(0, 500)}`);
}
