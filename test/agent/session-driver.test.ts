import { expect, test } from "bun:test";
import { SessionDriver } from "../../src/agent/session-driver.ts";
import { DialError } from "../../src/net/dial-error.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLog, type RecordedLine } from "../support/recording-log.ts";
import { eventually } from "../support/turns.ts";

/** The lines of a driver whose dial fails so. */
async function linesOf(failure: Error): Promise<readonly RecordedLine[]> {
  const clock = new ManualClock();
  const { log, lines } = recordingLog();
  const driver = new SessionDriver(
    {
      connect: () => Promise.reject(failure),
      identity: {
        authtoken: "made-up-authtoken",
        version: "0.1.0",
        metadata: "",
        configVersion: "",
        allowsRemoteManagement: false,
      },
      heartbeat: { intervalMs: 5_000, toleranceMs: 5_000 },
      region: undefined,
      clock,
      log,
      random: () => 0,
    },
    { answers: [], onSession: () => {}, onVisitor: () => {}, onState: () => {}, onRefused: () => {} },
  );
  driver.start();
  await eventually("it waits for its next try", () => clock.pending === 1);
  await driver.stop();
  return lines;
}

test("SessionDriver logs a fault of ours with its stack, and goes on", async () => {
  const fault = new TypeError("ours");
  expect((await linesOf(fault)).at(-1)).toEqual({
    level: "error",
    message: "fault in a session",
    fields: { obj: "tunnels.session", err: fault, stack: expect.stringContaining("session-driver.test.ts") },
  });
});

test("SessionDriver logs an edge that does not answer without a stack", async () => {
  const failure = new DialError("refused", "dial tcp 127.0.0.1:1: connect: connection refused");
  expect((await linesOf(failure)).map(({ message, fields }) => [message, fields["stack"]])).toEqual([
    ["failed to reconnect session", undefined],
  ]);
});
