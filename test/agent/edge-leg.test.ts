import { describe, expect, test } from "bun:test";
import { EdgeLeg, newLegId } from "../../src/agent/edge-leg.ts";
import { UsageError } from "../../src/base/errors.ts";
import { AGENT_HEARTBEAT } from "../../src/net/agent-session.ts";
import { IdleWatch } from "../../src/net/idle-watch.ts";
import { pipe } from "../../src/net/pipe.ts";
import type { SessionEnd } from "../../src/net/session.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { replyOf } from "../support/scripted-edge.ts";
import { PlayedEdge } from "../support/session-pair.ts";
import { eventually } from "../support/turns.ts";

interface Scene {
  readonly leg: EdgeLeg;
  readonly edge: PlayedEdge;
  readonly clock: ManualClock;
  readonly ends: SessionEnd[];
}

function scene(region?: string): Scene {
  const clock = new ManualClock();
  const [agentEnd, edgeEnd] = pipe();
  const edge = new PlayedEdge(edgeEnd, [], clock);
  edge.authenticate = () => Promise.resolve(replyOf("ts_1", true));
  const ends: SessionEnd[] = [];
  const onFault = (fault: unknown): void => {
    throw fault;
  };
  const leg = new EdgeLeg(
    newLegId(),
    agentEnd,
    {
      answers: [],
      onVisitor: () => {},
      onRoundTrip: () => {},
      onEnd: (_, end) => ends.push(end),
    },
    {
      identity: { authtoken: "token", version: "0", metadata: "", configVersion: "", allowsRemoteManagement: false },
      heartbeat: AGENT_HEARTBEAT,
      number: 3,
      region,
      clock,
      idleWatch: new IdleWatch(clock, onFault),
      onFault,
    },
  );
  return { leg, edge, clock, ends };
}

describe("EdgeLeg", () => {
  test("counts its time from when the edge let it in", async () => {
    const { leg, edge, clock } = scene("eu");
    expect([leg.reply, leg.heldMs]).toEqual([undefined, undefined]);
    const reply = await leg.authenticate(replyOf("ts_before", true, "kept"));
    clock.advance(700);
    expect([leg.reply, leg.heldMs]).toEqual([reply, 700]);
    expect(edge.authRequests[0]).toMatchObject({ sessionId: "ts_before", agent: { cookie: "kept", legNumber: 3 } });
  });

  test("closes its session when the edge is of another region", async () => {
    const { leg, ends } = scene("us");
    expect(await leg.authenticate(undefined).catch((error: unknown) => error)).toBeInstanceOf(UsageError);
    await eventually("it has ended", () => ends.length === 1);
    expect([ends, leg.reply, leg.session.isOpen]).toEqual([[{ type: "closed" }], undefined, false]);
  });

  test("asks whether there is an edge at all when Auth has no answer", async () => {
    const { leg, edge, ends } = scene();
    edge.authenticate = () => new Promise(() => {});
    const failure = leg.authenticate(undefined).catch((error: unknown) => error);
    await eventually("it is asked", () => edge.authRequests.length === 1);
    edge.session.close("not you");
    expect(await failure).toMatchObject({
      name: "SessionError",
      message: expect.stringMatching(
        /^The session ended during Auth: .*not you.* Is the server address that of an edge/,
      ),
    });
    expect(ends).toHaveLength(1);
  });
});
