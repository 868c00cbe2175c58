/**
 * Asks over kept-alive plain connections at a fixed rate and prints the times of the answers as JSON: `open-loop-program.ts
 * ADDRESS PORT RATE SECONDS`. A program of its own that waits in the kernel and nowhere else, so that requests start when they
 * are due: timers of the runtime are late by as much as is measured here.
 */
import { beExactAndMortal } from "../kernel/libc.ts";
import { connectPlain } from "../kernel/plain-socket.ts";
import { ReadWait } from "../kernel/read-wait.ts";
import { Slots } from "../kernel/slots.ts";
import { percentile } from "../percentile.ts";
import { PUBLIC_NAME } from "../public-name.ts";
import type { OpenLoopTimes } from "./open-loop.ts";
import { OpenLoopSchedule } from "./open-loop-schedule.ts";

/** A request that is due while all are busy waits for one, and its waiting counts. */
const CONNECTIONS = 64;
/** The answer is small, and comes in one piece or few. */
const ANSWER_BYTES = 4096;
const PATIENCE_NS = 30e9;
const REQUEST = Buffer.from(`GET / HTTP/1.1\r\nHost: ${PUBLIC_NAME}\r\n\r\n`);

const [address = "", port = "", rate = "", seconds = ""] = process.argv.slice(2);
beExactAndMortal();

const sockets = Array.from({ length: CONNECTIONS }, () => connectPlain(address, Number(port)));
const waiting = new ReadWait(sockets);
const received = new Slots(CONNECTIONS, ANSWER_BYTES);
const request = new Slots(1, REQUEST.length);
request.bytes(0).set(REQUEST);
/** Bytes that are still missing of each answer; of one that has not begun undefined. */
const missing: (number | undefined)[] = sockets.map(() => undefined);
const dueNs = new Float64Array(CONNECTIONS);
const idle = sockets.map((_, index) => index);

// One answer on each first, so that what a connection takes once is not timed.
for (const index of idle) ask(index);
for (let answers = 0; answers < CONNECTIONS;) {
  if (waiting.forAtMost(PATIENCE_NS) <= 0) throw new Error("a first request was not answered");
  answers += sockets.filter((_, index) => waiting.isReady(index) && isAnswered(index)).length;
}

const schedule = new OpenLoopSchedule(Number(rate), Number(seconds));
const startedNs = Bun.nanoseconds();
while (!schedule.isComplete) {
  const nowNs = Bun.nanoseconds() - startedNs;
  while (idle.length > 0 && schedule.nextDueNs <= nowNs) {
    const index = idle.pop() ?? 0; // there is one
    dueNs[index] = schedule.start();
    ask(index);
  }
  const waitNs = idle.length === 0 || schedule.nextDueNs === Infinity ? PATIENCE_NS : schedule.nextDueNs - nowNs;
  const ready = waiting.forAtMost(Math.max(0, waitNs));
  if (ready === 0 && waitNs === PATIENCE_NS) throw new Error(`${schedule.unanswered} requests were never answered`);
  if (ready <= 0) continue;
  for (let index = 0; index < CONNECTIONS; index++) {
    if (!waiting.isReady(index) || !isAnswered(index)) continue;
    schedule.answered(dueNs[index] ?? Number.NaN, Bun.nanoseconds() - startedNs);
    idle.push(index);
  }
}
const micros = schedule.tookNs.map((ns) => ns / 1000);
const times: OpenLoopTimes = {
  requests: micros.length,
  p50: percentile(micros, 0.5),
  p99: percentile(micros, 0.99),
  p999: percentile(micros, 0.999),
};
process.stdout.write(`${JSON.stringify(times)}\n`);

function ask(index: number): void {
  request.writeTo(sockets[index] ?? -1, 0, REQUEST.length);
}

/** Reads what has come, and tells whether the answer is complete. */
function isAnswered(index: number): boolean {
  const length = received.readFrom(sockets[index] ?? -1, index);
  if (length <= 0) throw new Error("a connection was closed");
  const left = (missing[index] ?? wholeLength(index, length)) - length;
  missing[index] = left > 0 ? left : undefined;
  return left <= 0;
}

/** Of the answer whose head is complete in the first piece, as those of small answers are. */
function wholeLength(index: number, length: number): number {
  const text = received.text(index, length);
  const headEnd = text.indexOf("\r\n\r\n") + 4;
  const bodyLength = /\r\ncontent-length: *(\d+)\r\n/i.exec(text.slice(0, headEnd))?.[1];
  if (!text.startsWith("HTTP/1.1 200 ") || bodyLength === undefined) {
    throw new Error(`unexpected answer: ${text.slice(0, 200)}`);
  }
  return headEnd + Number(bodyLength);
}
