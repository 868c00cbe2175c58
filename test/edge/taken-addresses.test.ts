import { afterEach, expect, test } from "bun:test";
import { NAME_HOLD_MS } from "../../src/edge/binding/name-holds.ts";
import { freePorts } from "../support/free-ports.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { LOOPBACK, testEdge } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

test("Edge.isTaken is true for other accounts of what an agent has, and of what it had until a minute ago", async () => {
  const first = freePorts(1);
  const clock = new ManualClock();
  const edge = testEdge({ tcp: { hostname: LOOPBACK, ports: { first, last: first } } }, clock);
  ends.push(edge.end);
  const { agent, bind } = await edge.agent();
  await bind({ Proto: "http", Opts: { Domain: "app.edge.test" } });
  await bind({ Proto: "tcp", Opts: {} });
  const taken = (accountId: string): readonly boolean[] => [
    edge.edge.isTaken({ host: "app.edge.test" }, accountId),
    edge.edge.isTaken({ port: first }, accountId),
    edge.edge.isTaken({ host: "free.edge.test" }, accountId),
  ];
  expect([taken("ac_other"), taken("ac_operator")]).toEqual([
    [true, true, false],
    [false, false, false],
  ]);
  agent.session.close("lost");
  await eventually("the agent is gone", () => edge.edge.figures.agents === 0);
  expect([taken("ac_other"), taken("ac_operator")]).toEqual([
    [true, true, false],
    [false, false, false],
  ]);
  clock.advance(NAME_HOLD_MS);
  expect(taken("ac_other")).toEqual([false, false, false]);
});
