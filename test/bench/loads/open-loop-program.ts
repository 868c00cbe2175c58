/**
 * Asks over kept-alive plain connections at a fixed rate and prints the times of the answers as JSON: `open-loop-program.ts
 * ADDRESS PORT RATE SECONDS`. What it does itself must not be what is measured. So it waits in the kernel and nowhere else (timers of the
 * runtime are late by as much as is measured here), makes no garbage while it measures, has done the same for a while before, until its
 * code is compiled, and comes first on the processor that it shares with the upstream, where it may.
 */
import { beExactAndMortal, beFirst } from "../kernel/libc.ts";
import { connectPlain } from "../kernel/plain-socket.ts";
import { ReadWait } from "../kernel/read-wait.ts";
import { Slots } from "../kernel/slots.ts";
import { percentile } from "../percentile.ts";
import { PUBLIC_NAME } from "../public-name.ts";
import { AnswerLength } from "./answer-length.ts";
import type { OpenLoopTimes } from "./open-loop.ts";
import { OpenLoopSchedule } from "./open-loop-schedule.ts";

/** A request that is due while all are busy waits for one, and its waiting counts. */
const CONNECTIONS = 64;
/** The answer is small, and comes in one piece or few. */
const ANSWER_BYTES = 4096;
const PATIENCE_NS = 30e9;
const WARM_UP_SECONDS = 1;
const REQUEST = Buffer.from(`GET / HTTP/1.1\r\nHost: ${PUBLIC_NAME}\r\n\r\n`);

const [address = "", port = "", rate = "", seconds = ""] = process.argv.slice(2);
beExactAndMortal();

const sockets = Int32Array.from({ length: CONNECTIONS }, () => connectPlain(address, Number(port)));
const waiting = new ReadWait([...sockets]);
const received = new Slots(CONNECTIONS, ANSWER_BYTES);
const pieces = Array.from(sockets, (_, index) => received.bytes(index));
const request = new Slots(1, REQUEST.length);
request.bytes(0).set(REQUEST);
const answerLength = new AnswerLength();
/** Bytes that are still missing of each answer; 0 of one that has not begun. */
const missing = new Float64Array(CONNECTIONS);
const dueNs = new Float64Array(CONNECTIONS);
/** A ring, in which each has its turn: one that is never asked is closed by the edge after a while. */
const idle = Int32Array.from(sockets, (_, index) => index);
let idleFirst = 0;
let idleCount = CONNECTIONS;

beFirst();
run(new OpenLoopSchedule(Number(rate), WARM_UP_SECONDS));
const schedule = new OpenLoopSchedule(Number(rate), Number(seconds));
Bun.gc(true);
run(schedule);
const micros = schedule.tookNs.map((ns) => ns / 1000);
const times: OpenLoopTimes = {
  requests: micros.length,
  p50: percentile(micros, 0.5),
  p99: percentile(micros, 0.99),
  p999: percentile(micros, 0.999),
};
process.stdout.write(`${JSON.stringify(times)}\n`);

/** Returns when all are answered. */
function run(due: OpenLoopSchedule): void {
  const startedNs = Bun.nanoseconds();
  while (!due.isComplete) {
    const nowNs = Bun.nanoseconds() - startedNs;
    while (idleCount > 0 && due.nextDueNs <= nowNs) {
      const index = idle[idleFirst] ?? 0; // there is one
      idleFirst = (idleFirst + 1) % CONNECTIONS;
      idleCount--;
      dueNs[index] = due.start();
      request.writeTo(sockets[index] ?? -1, 0, REQUEST.length);
    }
    const waitNs = idleCount === 0 || due.nextDueNs === Infinity ? PATIENCE_NS : due.nextDueNs - nowNs;
    const ready = waiting.forAtMost(Math.max(0, waitNs));
    if (ready === 0 && waitNs === PATIENCE_NS) throw new Error(`${due.unanswered} requests were never answered`);
    for (let nth = 0; nth < ready; nth++) {
      const index = waiting.ready(nth);
      if (!isAnswered(index)) continue;
      due.answered(dueNs[index] ?? Number.NaN, Bun.nanoseconds() - startedNs);
      idle[(idleFirst + idleCount++) % CONNECTIONS] = index;
    }
  }
}

/** Reads what has come, and tells whether the answer is complete. */
function isAnswered(index: number): boolean {
  const length = received.readFrom(sockets[index] ?? -1, index);
  if (length <= 0) throw new Error("a connection was closed");
  const left = (missing[index] || answerLength.of(pieces[index] ?? REQUEST, length)) - length;
  if (left < 0) throw new Error("there is more than was asked for");
  missing[index] = left;
  return left === 0;
}
