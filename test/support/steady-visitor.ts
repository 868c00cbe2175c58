/**
 * A visitor who never stops asking, each time on a connection of its own, whether the last answer is there or not: `steady-visitor.ts HOST
 * PORT NAME`. Tells each outcome as a line of JSON, in the order in which they come, and ends when its input does and all are there.
 */
import { request } from "node:http";
import process from "node:process";
import type { Outcome } from "./steady-visitors.ts";

const EVERY_MS = 50;
/** Far beyond every recovery that is promised, and beyond the longest sleep of a deep run. */
const PATIENCE_MS = 200_000;

const [host = "", port = "", name = ""] = process.argv.slice(2);

function tell(outcome: Outcome): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

function ask(): void {
  const askedAtMs = performance.now();
  const end = (what: string): void => tell({ what, askedAtMs, tookMs: performance.now() - askedAtMs });
  const headers = { Host: name, Connection: "close" };
  const asked = request({ host, port, headers, agent: false, timeout: PATIENCE_MS }, (response) => {
    const code = response.headers["ngrok-error-code"];
    response.on("error", () => end("cut"));
    response.on("end", () => end([response.statusCode, code].filter(Boolean).join(" ")));
    response.resume();
  });
  asked.on("timeout", () => asked.destroy(new Error("nothing came")));
  asked.on("error", ({ message, ...error }: NodeJS.ErrnoException) => end(error.code ?? message));
  asked.end();
}

ask();
const asking = setInterval(ask, EVERY_MS);
process.stdin.on("end", () => clearInterval(asking)).resume();
