/** Binds of an agent with several legs: an edge in memory says that it has two processes, each of which takes one session. */
import { afterEach, describe, expect, test } from "bun:test";
import { Agent } from "../../src/agent/agent.ts";
import { ProtocolError } from "../../src/base/errors.ts";
import { STOP_TUNNEL } from "../../src/protocol/rpc/edge-commands.ts";
import { type RecordedLine, recordingLog } from "../support/recording-log.ts";
import { inUse, replyFrom, ScriptedEdge } from "../support/scripted-edge.ts";
import { httpTunnel, tcpTunnel } from "../support/tunnel-definitions.ts";
import { eventually, quiet } from "../support/turns.ts";

interface Scene {
  readonly agent: Agent;
  readonly edge: ScriptedEdge;
  readonly lines: readonly RecordedLine[];
  readonly told: string[];
}

const playing: Scene[] = [];
afterEach(async () => {
  for (const { agent, edge } of playing.splice(0)) {
    const stopped = agent.stop();
    edge.clock.advance(10_000);
    await stopped;
  }
});

function play(): Scene {
  const edge = new ScriptedEdge();
  edge.authenticate = ({ agent }) => Promise.resolve(replyFrom(agent.legNumber + 1, 2));
  const { log, lines } = recordingLog();
  const told: string[] = [];
  const agent = new Agent({
    connect: edge.connect,
    identity: { authtoken: "", version: "0.1.0", metadata: "", configVersion: "3", allowsRemoteManagement: false },
    heartbeat: { intervalMs: 5_000, toleranceMs: 5_000 },
    region: undefined,
    listener: {
      onStatus: () => told.push(agent.status.state),
      onTunnelStarted: ({ name }) => told.push(`started ${name}`),
      onTunnelStopped: ({ name }) => told.push(`stopped ${name}`),
    },
    clock: edge.clock,
    log,
    random: () => 0.5,
  });
  const scene = { agent, edge, lines, told };
  playing.push(scene);
  return scene;
}

async function bothUp({ agent }: Scene): Promise<void> {
  await eventually("both legs are up", () => agent.legs.map(({ state }) => state).join() === "online,online");
}

/** Lets a leg that was lost dial again. */
async function back(scene: Scene): Promise<void> {
  await eventually("a leg is away", () => scene.agent.legs.some(({ state }) => state !== "online"));
  scene.edge.clock.advance(100);
  await bothUp(scene);
}

const TOKEN = { token: "token_bind_1" };
const AGAIN = { bindId: "bind_1", extra: TOKEN };

describe("TunnelBinder, with two legs,", () => {
  test("binds in the first session, then in the other one what the first reply said", async () => {
    const s = play();
    await s.agent.start([httpTunnel({ host: { kind: "subdomain", label: "app" } })]);
    await eventually("it is bound in both", () => s.edge.bindsOf[1]?.length === 1);
    expect(s.edge.bindsOf).toMatchObject([[{ bindId: "", extra: { token: "" } }], [AGAIN]]);
    expect(s.edge.bindsOf[1]?.[0]?.wireOptions).toMatchObject({ Hostname: "app.edge.test", Subdomain: "app" });
    await s.agent.startTunnel(tcpTunnel({ name: "ssh" }));
    await eventually("the next one too", () => s.edge.bindsOf[1]?.length === 2);
    expect(s.edge.bindsOf[0]?.[1]).toMatchObject({ bindId: "", protocol: "tcp" });
    expect(s.edge.bindsOf[1]?.[1]).toMatchObject({
      bindId: "bind_3",
      protocol: "tcp",
      extra: { token: "token_bind_3" },
    });
    expect(s.told.filter((what) => what.startsWith("started"))).toEqual(["started web", "started ssh"]);
  });

  test("does not have the user wait for the further session", async () => {
    const s = play();
    await s.agent.start([]);
    await bothUp(s);
    s.edge.bind = (request) => (request.bindId === "" ? Promise.resolve(s.edge.given(request)) : new Promise(() => {}));
    expect(await s.agent.startTunnel(httpTunnel())).toHaveLength(1);
  });

  test("says nothing to the user of a bind that a further session is refused", async () => {
    const s = play();
    s.edge.bind = (request) => (request.bindId === "" ? Promise.resolve(s.edge.given(request)) : inUse());
    await s.agent.start([httpTunnel({ inspect: false })]);
    const refused = (): RecordedLine | undefined => s.lines.find(({ message }) => message.includes("further session"));
    await eventually("it is refused", () => refused() !== undefined);
    expect(refused()).toMatchObject({ level: "debug", fields: { err: expect.stringContaining("ERR_NGROK_334") } });
    expect(s.lines.filter(({ level }) => level === "warn")).toEqual([]);
  });

  test("starts no tunnel under the id of another one, which stays as it was", async () => {
    const s = play();
    s.edge.bind = (request) => Promise.resolve({ ...s.edge.given(request), bindId: "same" });
    const [web] = await s.agent.start([httpTunnel({ inspect: false })]);
    await bothUp(s);
    s.edge.clock.advance(2_000);
    const refusal = 'The edge gave tunnel "ssh" the id that tunnel "web" has.';
    const second = await s.agent.startTunnel(tcpTunnel({ name: "ssh" })).catch((error: unknown) => error);
    expect(second).toBeInstanceOf(ProtocolError);
    expect(second).toHaveProperty("message", refusal);
    expect(s.agent.tunnels).toEqual(web === undefined ? [] : [web]);
    expect(s.edge.unbinds).toEqual([]);
    // Its session has an endpoint that nobody owns.
    await eventually("web is bound in another one", () => {
      s.edge.clock.advance(100);
      return s.edge.bindsOf[2]?.length === 1;
    });
    await bothUp(s);
    const { heard } = s.edge.visit("same");
    await eventually("the visitor was taken", () => heard.hasEnded || heard.isClosed);
    // Its name is free for an edge that knows better.
    s.edge.bind = (request) => Promise.resolve(s.edge.given(request));
    expect(await s.agent.startTunnel(tcpTunnel({ name: "ssh" }))).toHaveLength(1);
  });

  test("starts neither half of a pair that the edge gives one id", async () => {
    const s = play();
    s.edge.bind = (request) => Promise.resolve({ ...s.edge.given(request), bindId: "same" });
    await s.agent.start([]);
    const started = s.agent.startTunnel(httpTunnel({ schemes: ["http", "https"], inspect: false }));
    expect(await started.catch((error: unknown) => error)).toBeInstanceOf(ProtocolError);
    expect([s.agent.tunnels, s.edge.unbinds[0]]).toEqual([[], "same"]);
  });

  test("logs what the edge warns of, and no more where it does not", async () => {
    const s = play();
    s.edge.bind = (request) => {
      const { extra, ...reply } = s.edge.given(request);
      const ginnel = request.protocol === "https" ? { warning: "no certificate" } : undefined;
      return Promise.resolve({ ...reply, extra: { ...extra, ginnel: request.bindId === "" ? ginnel : undefined } });
    };
    await s.agent.start([httpTunnel({ schemes: ["http", "https"], inspect: false })]);
    await eventually("both are bound in both", () => s.edge.bindsOf[1]?.length === 2);
    expect(s.lines.filter(({ level }) => level === "warn")).toMatchObject([
      {
        message: "the edge warns of a tunnel",
        fields: { text: "no certificate", url: expect.stringMatching(/^https/) },
      },
    ]);
  });

  test("logs once what the edge warns of in each session, and then what else it says", async () => {
    const s = play();
    let warning = "no certificate";
    s.edge.bind = (request) => {
      const { extra, ...reply } = s.edge.given(request);
      return Promise.resolve({ ...reply, extra: { ...extra, ginnel: { warning } } });
    };
    const warned = (): unknown[] => s.lines.filter(({ level }) => level === "warn").map(({ fields }) => fields["text"]);
    await s.agent.start([httpTunnel({ inspect: false })]);
    await eventually("it is bound in both", () => s.edge.bindsOf[1]?.length === 1);
    await quiet();
    expect(warned()).toEqual(["no certificate"]);
    warning = "another one";
    s.edge.clock.advance(2_000);
    s.edge.drop(0);
    await back(s);
    await eventually("it is said", () => warned().includes("another one"));
    expect(warned()).toHaveLength(2);
  });

  test("binds all again over a leg that comes back, and new ones meanwhile over the other one", async () => {
    const s = play();
    await s.agent.start([httpTunnel()]);
    await bothUp(s);
    s.edge.clock.advance(2_000);
    s.edge.drop(0);
    await eventually("the first leg is away", () => s.agent.legs[0]?.state === "reconnecting");
    expect(s.agent.status.state).toBe("online");
    await s.agent.startTunnel(tcpTunnel({ name: "ssh" }));
    expect(s.edge.bindsOf[1]?.at(-1)).toMatchObject({ bindId: "", protocol: "tcp" });
    await back(s);
    await eventually("both are bound over it", () => s.edge.bindsOf[2]?.length === 2);
    expect(s.edge.bindsOf[2]).toMatchObject([AGAIN, { bindId: "bind_3", protocol: "tcp" }]);
    expect(new Set(s.told)).toEqual(new Set(["connecting", "online", "started web", "started ssh"]));
  });

  test("places a bind over the other leg when its own is lost meanwhile", async () => {
    const s = play();
    await s.agent.start([]);
    await bothUp(s);
    s.edge.clock.advance(2_000);
    s.edge.bind = (request) =>
      s.edge.binds.length === 1 ? new Promise(() => {}) : Promise.resolve(s.edge.given(request));
    const started = s.agent.startTunnel(httpTunnel());
    await eventually("it is asked for", () => s.edge.bindsOf[0]?.length === 1);
    s.edge.drop(0);
    expect(await started).toHaveLength(1);
    expect(s.edge.bindsOf[1]).toHaveLength(1);
  });

  test("gives an endpoint back once, for all sessions", async () => {
    const s = play();
    await s.agent.start([httpTunnel()]);
    await eventually("it is bound in both", () => s.edge.bindsOf[1]?.length === 1);
    // The agent hears of it, too.
    await quiet();
    await s.agent.stopTunnel("web");
    await quiet();
    expect(s.edge.unbinds).toEqual(["bind_1"]);
  });

  test("gives an endpoint back over the other leg when its own is lost meanwhile", async () => {
    const s = play();
    await s.agent.start([httpTunnel()]);
    await eventually("it is bound in both", () => s.edge.bindsOf[1]?.length === 1);
    // The agent hears of it, too.
    await quiet();
    s.edge.clock.advance(2_000);
    s.edge.unbind = () => (s.edge.unbinds.length === 1 ? new Promise(() => {}) : Promise.resolve());
    const stopped = s.agent.stopTunnel("web");
    await eventually("the edge is told", () => s.edge.unbinds.length === 1);
    s.edge.drop(0);
    expect(await stopped).toBe(true);
    expect(s.edge.unbinds).toEqual(["bind_1", "bind_1"]);
  });

  test("gives back what was bound in a further session after it was stopped", async () => {
    const s = play();
    const reply = Promise.withResolvers<void>();
    s.edge.bind = async (request) => {
      if (request.bindId !== "") await reply.promise;
      return s.edge.given(request);
    };
    await s.agent.start([httpTunnel()]);
    await eventually("it is asked for in both", () => s.edge.bindsOf[1]?.length === 1);
    await s.agent.stopTunnel("web");
    expect(s.edge.unbinds).toHaveLength(1);
    reply.resolve();
    await eventually("it is given back again", () => s.edge.unbinds.length === 2);
  });

  test("drops a tunnel that the edge takes away, over whichever leg it says so", async () => {
    const s = play();
    await s.agent.start([httpTunnel()]);
    await bothUp(s);
    s.edge.sessions[1]?.session.notify(STOP_TUNNEL, { bindId: "bind_1", message: "sold", errorCode: "" });
    await eventually("it is gone", () => s.agent.tunnels.length === 0);
    expect(s.told.at(-1)).toBe("stopped web");
  });
});
