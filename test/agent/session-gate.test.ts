import { expect, test } from "bun:test";
import { SessionGate } from "../../src/agent/session-gate.ts";
import type { AgentSession } from "../../src/net/agent-session.ts";
import { pipe } from "../../src/net/pipe.ts";
import { PlayedAgent } from "../support/session-pair.ts";

function session(): AgentSession {
  return new PlayedAgent(pipe()[0]).session;
}

test("SessionGate asks the open session of the lowest leg, in whatever order they came", () => {
  const gate = new SessionGate();
  const [second, first, third] = [session(), session(), session()];
  gate.opened(second, 1);
  expect(gate.current).toBe(second);
  gate.opened(first, 0);
  gate.opened(third, 2);
  expect(gate.open).toEqual([first, second, third]);
  first.close("gone");
  expect([gate.current, gate.open.length]).toEqual([second, 2]);
  const again = session();
  gate.opened(again, 0);
  expect(gate.open).toEqual([again, second, third]);
});

test("SessionGate lets callers wait for whichever leg comes first, until none will come", async () => {
  const gate = new SessionGate();
  const waiting = gate.wait();
  const further = session();
  gate.opened(further, 1);
  expect([await waiting, await gate.wait()]).toEqual([further, further]);
  further.close("gone");
  const failure = new Error("no more");
  const late = gate.wait().catch((error: unknown) => error);
  gate.failed(failure);
  expect([await late, await gate.wait().catch((error: unknown) => error)]).toEqual([failure, failure]);
});
