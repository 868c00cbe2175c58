import { describe, expect, test } from "bun:test";
import type { ConnectToEdge } from "../../src/agent/edge-connector.ts";
import { SessionDriver, type SessionDriverHandler } from "../../src/agent/session-driver.ts";
import { firstLegLog } from "../../src/agent/session-log.ts";
import { DialError } from "../../src/net/dial-error.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { dataFrame } from "../support/frame-bytes.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { recordingLog, type RecordedLine } from "../support/recording-log.ts";
import { replyOf, ScriptedEdge } from "../support/scripted-edge.ts";
import { eventually, quiet } from "../support/turns.ts";

interface Scene {
  readonly driver: SessionDriver;
  readonly clock: ManualClock;
  readonly lines: readonly RecordedLine[];
}

function scene(
  connect: ConnectToEdge,
  handler: Partial<SessionDriverHandler> = {},
  clock: ManualClock = new ManualClock(),
): Scene {
  const { log, lines } = recordingLog();
  const driver = new SessionDriver(
    {
      connect,
      identity: {
        authtoken: "made-up-authtoken",
        version: "0.1.0",
        metadata: "",
        configVersion: "",
        allowsRemoteManagement: false,
      },
      heartbeat: { intervalMs: 5_000, toleranceMs: 5_000 },
      number: 0,
      former: () => undefined,
      region: undefined,
      clock,
      log: firstLegLog(log),
      random: () => 0,
    },
    {
      answers: [],
      place: () => "keep",
      onSession: () => {},
      onVisitor: () => {},
      onState: () => {},
      onRefused: () => {},
      ...handler,
    },
  );
  return { driver, clock, lines };
}

/** The lines of a driver whose dial fails so. */
async function linesOf(failure: Error): Promise<readonly RecordedLine[]> {
  const { driver, clock, lines } = scene(() => Promise.reject(failure));
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

test("SessionDriver dials again although who hears of the loss fails", async () => {
  const edge = new ScriptedEdge();
  const fault = new Error("ours");
  const onState = (): void => {
    if (driver.state === "reconnecting") throw fault;
  };
  const { driver, lines } = scene(edge.connect, { onState }, edge.clock);
  driver.start();
  await eventually("it is up", () => driver.state === "online");
  edge.session.session.close("away for a moment");
  await eventually("the fault is told", () => lines.some(({ fields }) => fields["err"] === fault));
  edge.clock.advance(100);
  await eventually("it is up again", () => driver.state === "online");
  expect(edge.dials).toBe(2);
  await driver.stop();
});

describe("SessionDriver, when its owner cannot take a session over,", () => {
  interface Failing extends Scene {
    readonly edge: ScriptedEdge;
  }

  /** Fails at the first session. */
  function failing(wrap = (connection: Duplex): Duplex => connection): Failing {
    const edge = new ScriptedEdge();
    const onSession = (): void => {
      if (edge.dials === 1) throw new Error("ours");
    };
    const connect: ConnectToEdge = async (signal) => wrap(await edge.connect(signal));
    return { edge, ...scene(connect, { onSession }, edge.clock) };
  }

  test("closes it, and dials the next one", async () => {
    const { driver, edge } = failing();
    driver.start();
    await eventually("the edge hears of the end", () => edge.sessions[0]?.ends.length === 1);
    expect(edge.sessions[0]?.ends).toEqual([{ type: "goAway", code: 0, message: "the agent failed" }]);
    edge.clock.advance(1_000);
    await eventually("the next one is up", () => driver.state === "online");
    expect(edge.dials).toBe(2);
    await driver.stop();
  });

  test("does not take the end of that one for the end of the next", async () => {
    let isTaking = true;
    const { driver, edge, lines } = failing((inner) => blockable(inner, () => isTaking || edge.dials > 1));
    edge.authenticate = async () => {
      // A beat is stuck from here on, and so is the goodbye behind it: the session lasts.
      isTaking = false;
      edge.clock.advance(10);
      await quiet();
      return replyOf("ts_1", true);
    };
    driver.start();
    await eventually("the fault was met", () => driver.state === "reconnecting");
    edge.clock.advance(1_000);
    await eventually("the next one is up", () => driver.state === "online");
    edge.wires[0]?.ends[1].write(dataFrame(0));
    const hasEnded = ({ message }: RecordedLine): boolean => message.startsWith("session closed");
    await eventually("the first one has ended", () => lines.some(hasEnded));
    expect([driver.state, edge.dials]).toEqual(["online", 2]);
    await driver.stop();
  });
});

/** A connection that takes no bytes while it must not. */
function blockable(inner: Duplex, isTaking: () => boolean): Duplex {
  return {
    remoteAddress: inner.remoteAddress,
    listen: (handler) => inner.listen(handler),
    write: (bytes) => inner.write(bytes),
    writeNow: (bytes, offset, length) => (isTaking() ? (inner.writeNow?.(bytes, offset, length) ?? 0) : 0),
    end: () => inner.end(),
    reset: () => inner.reset(),
    pause: () => inner.pause(),
    resume: () => inner.resume(),
  };
}
