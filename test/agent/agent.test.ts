/** The agent against an edge in memory that does what each test says, with a clock moved by hand. */
import { afterEach, describe, expect, test } from "bun:test";
import { Agent, AgentStopped, type AgentOptions } from "../../src/agent/agent.ts";
import type { RemoteControl } from "../../src/agent/remote/remote-control.ts";
import { RETURN_SPREAD_MS } from "../../src/agent/reconnect-machine.ts";
import { DuplicateTunnel } from "../../src/agent/tunnel-set.ts";
import { PublicError, UsageError } from "../../src/base/errors.ts";
import { ExchangeRing } from "../../src/capture/exchange-ring.ts";
import { listenTcp } from "../../src/net/tcp-listen.ts";
import { MUX_ERRORS } from "../../src/protocol/mux/error-codes.ts";
import { RESET_CODES } from "../../src/protocol/mux/reset-codes.ts";
import { RESTART, STOP, STOP_TUNNEL, UPDATE } from "../../src/protocol/rpc/edge-commands.ts";
import {
  MAX_DEFINITION_BYTES,
  MAX_DEFINITION_DEPTH,
  START_TUNNEL,
  START_TUNNEL_VERSION,
} from "../../src/protocol/rpc/remote-tunnel.ts";
import { RemoteError } from "../../src/protocol/rpc/rpc-error.ts";
import { type RecordedLine, recordingLog } from "../support/recording-log.ts";
import { inUse, replyOf, ScriptedEdge } from "../support/scripted-edge.ts";
import { httpTunnel, tcpTunnel, tlsTunnel } from "../support/tunnel-definitions.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { eventually, quiet } from "../support/turns.ts";

const HEARTBEAT = { intervalMs: 5_000, toleranceMs: 5_000 };

interface Played {
  readonly agent: Agent;
  readonly edge: ScriptedEdge;
  readonly lines: readonly RecordedLine[];
  /** Calls of the listener. */
  readonly told: string[];
}

const playing: Played[] = [];
afterEach(async () => {
  for (const { agent, edge } of playing.splice(0)) {
    const stopped = agent.stop("test");
    edge.clock.advance(10_000);
    await stopped;
  }
});

interface Changes extends Partial<AgentOptions & AgentOptions["identity"]> {
  /** Without a place for captures. */
  readonly isCaptureOff?: boolean;
}

function play(changes: Changes = {}): Played {
  const edge = new ScriptedEdge();
  const { log, lines } = recordingLog();
  const told: string[] = [];
  const agent = new Agent({
    connect: edge.connect,
    identity: {
      authtoken: "token",
      version: "0.1.0",
      metadata: "meta",
      configVersion: "3",
      allowsRemoteManagement: changes.allowsRemoteManagement ?? false,
      restartObstacle: changes.restartObstacle,
    },
    remote: changes.remote,
    heartbeat: HEARTBEAT,
    region: changes.region,
    listener: {
      onStatus: () => told.push(agent.status.state),
      onTunnelStarted: ({ name }) => told.push(`started ${name}`),
      onTunnelStopped: ({ name }, reason) => told.push(`stopped ${name}: ${reason ?? "here"}`),
    },
    ...(changes.isCaptureOff === true ? {} : { capture: new ExchangeRing({ limitBytes: 1_000_000 }) }),
    clock: edge.clock,
    log,
    random: () => 0.5,
  });
  const played = { agent, edge, lines, told };
  playing.push(played);
  return played;
}

/** Whoever runs the agent lets it be managed. */
function managed(changes: Partial<RemoteControl> = {}): RemoteControl {
  return {
    restartObstacle: () => undefined,
    startTunnel: () => Promise.reject(new Error("nothing was to be started")),
    reach: () => undefined,
    ...changes,
  };
}

function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const messagesOf = (lines: readonly RecordedLine[]): readonly string[] => lines.map(({ message }) => message);

/** The agent notices a loss, and dials again. */
async function dialsAgain({ agent, edge }: Pick<Played, "agent" | "edge">): Promise<void> {
  await eventually("the loss is noticed", () => agent.status.state === "reconnecting");
  edge.clock.advance(RETURN_SPREAD_MS);
}

describe("Agent, start", () => {
  test("Agent tells the edge who it is", async () => {
    const { agent, edge } = play();
    await agent.start([]);
    await edge.established(1);
    const [request] = edge.authRequests;
    expect(request?.sessionId).toBe("");
    expect(request?.agent).toMatchObject({
      authtoken: "token",
      version: "0.1.0",
      clientType: "ginnel",
      userAgent: "ginnel/0.1.0",
      metadata: "meta",
      configVersion: "3",
      cookie: "",
      heartbeatIntervalMs: 5_000,
      heartbeatToleranceMs: 5_000,
      stopUnsupported: "this agent is not managed remotely",
      ginnel: { resetCodes: true, takesOver: false },
    });
    expect(request?.agent.architecture).toMatch(/^(amd64|arm64)$/);
  });

  test("Agent shows the traffic policy that it has read from a file, as the edge got it", async () => {
    using folder = new TemporaryFolder();
    const text = "on_http_request:\n  - actions: [{ type: deny }]\n";
    const path = folder.file("policy.yml");
    await Bun.write(path, text);
    const { agent, edge } = play();
    const [tunnel] = await agent.start([httpTunnel({ modules: { trafficPolicy: { kind: "file", path } } })]);
    expect([tunnel?.trafficPolicy, edge.binds[0]?.options.trafficPolicy]).toEqual([text, text]);
  });

  test("Agent starts a pair on one host, and logs http before https", async () => {
    const { agent, edge, lines, told } = play();
    const [https, http] = await agent.start([httpTunnel({ schemes: ["https", "http"] })]);
    expect([https?.publicUrl, http?.publicUrl]).toEqual([
      "https://random-web.edge.test",
      "http://random-web.edge.test",
    ]);
    expect([https?.name, http?.name]).toEqual(["web", "web (http)"]);
    expect(edge.binds.map(({ protocol, options }) => [protocol, "domain" in options && options.domain])).toEqual([
      ["https", ""],
      ["http", "random-web.edge.test"],
    ]);
    expect(lines.map(({ message, fields }) => [message, fields["name"], fields["url"]])).toEqual([
      ["client session established", undefined, undefined],
      ["tunnel session started", undefined, undefined],
      ["started tunnel", "web (http)", "http://random-web.edge.test"],
      ["started tunnel", "web", "https://random-web.edge.test"],
    ]);
    expect(told).toEqual(["connecting", "online", "started web", "started web (http)"]);
    expect(agent.tunnels.map(({ name, proto, address, inspect }) => ({ name, proto, address, inspect }))).toEqual([
      { name: "web", proto: "https", address: "http://localhost:8080", inspect: true },
      { name: "web (http)", proto: "http", address: "http://localhost:8080", inspect: true },
    ]);
    expect(agent.status).toEqual({ state: "online", reason: undefined, latencyMs: undefined, region: "eu" });
  });

  test("Agent says once of a tunnel that it cannot inspect it, where nothing is captured", async () => {
    const { agent, lines } = play({ isCaptureOff: true });
    await agent.start([
      httpTunnel({ schemes: ["https", "http"] }),
      httpTunnel({ name: "unseen", inspect: false }),
      tcpTunnel({ name: "ssh" }),
    ]);
    const told = lines.filter(({ message }) => message.startsWith("ignoring"));
    expect(told).toEqual([
      {
        level: "warn",
        message: "ignoring inspect: true because inspection database is disabled",
        fields: { name: "web" },
      },
    ]);
    expect(agent.tunnels.filter(({ inspect }) => inspect)).toEqual([]);
  });

  test("Agent starts several tunnels in one session", async () => {
    const { agent, edge } = play();
    await agent.start([httpTunnel({ name: "a" }), tcpTunnel({ name: "b" }), tlsTunnel({ name: "c" })]);
    expect(edge.sessions).toHaveLength(1);
    expect(agent.tunnels.map(({ name, publicUrl }) => [name, publicUrl])).toEqual([
      ["a", "https://random-a.edge.test"],
      ["b", "tcp://edge.test:20001"],
      ["c", "tls://random-c.edge.test"],
    ]);
  });

  test("Agent refuses a name that runs already, and one that is being started", async () => {
    const { agent } = play();
    const first = agent.start([httpTunnel()]);
    expect(await refusal(agent.startTunnel(httpTunnel()))).toBeInstanceOf(DuplicateTunnel);
    await first;
    const failure = await refusal(agent.startTunnel(httpTunnel({ schemes: ["https", "http"] })));
    expect(String(failure)).toContain('tunnel "web" already exists');
    // The other name of the pair was not taken either.
    await agent.startTunnel(tcpTunnel({ name: "web (http)" }));
  });

  test("Agent hands the edge's refusal of a bind to the caller, and frees the name", async () => {
    const { agent, edge } = play();
    await agent.start([]);
    edge.bind = inUse;
    const failure = await refusal(agent.startTunnel(httpTunnel()));
    expect(failure).toBeInstanceOf(RemoteError);
    expect(failure).toMatchObject({ code: "ERR_NGROK_334", message: expect.stringContaining("already online") });
    expect(agent.tunnels).toEqual([]);
    edge.bind = (request) => Promise.resolve(edge.given(request));
    expect(await agent.startTunnel(httpTunnel())).toHaveLength(1);
  });

  test("Agent gives the first of a pair back when the second is refused", async () => {
    const { agent, edge, lines } = play();
    edge.bind = (request) => (request.protocol === "http" ? inUse() : Promise.resolve(edge.given(request)));
    expect(await refusal(agent.start([httpTunnel({ schemes: ["https", "http"] })]))).toBeInstanceOf(RemoteError);
    expect(edge.unbinds).toEqual(["bind_1"]);
    expect(agent.tunnels).toEqual([]);
    expect(messagesOf(lines)).not.toContain("started tunnel");
  });

  test("Agent dials nothing when a tunnel cannot start, and frees the names of the others", async () => {
    const { agent, edge } = play();
    const faulty = httpTunnel({ name: "faulty", unsupported: ["oauth"] });
    expect(await refusal(agent.start([httpTunnel(), faulty]))).toBeInstanceOf(UsageError);
    expect(edge.dials).toBe(0);
    expect(await agent.start([httpTunnel()])).toHaveLength(1);
  });

  test("Agent binds again in the next session when the first is lost meanwhile", async () => {
    const { agent, edge } = play();
    edge.bind = () => {
      edge.bind = (request) => Promise.resolve(edge.given(request));
      edge.drop();
      return new Promise(() => {});
    };
    const started = agent.start([httpTunnel()]);
    await dialsAgain({ agent, edge });
    expect((await started)[0]?.publicUrl).toBe("https://random-web.edge.test");
    expect(edge.sessions).toHaveLength(2);
    expect(agent.tunnels).toHaveLength(1);
  });

  test("Agent waits 10 s for the reply to a bind", async () => {
    const { agent, edge } = play();
    await agent.start([]);
    await edge.established(1);
    edge.bind = () => new Promise(() => {});
    const failure = refusal(agent.startTunnel(httpTunnel()));
    await eventually("the bind arrives", () => edge.binds.length === 1);
    edge.clock.advance(10_000);
    expect(await failure).toMatchObject({ name: "SessionError", reason: "timed out" });
    expect(agent.tunnels).toEqual([]);
  });
});

describe("Agent, reconnect", () => {
  test("Agent asks for everything again, with the same ids, tokens and options", async () => {
    const { agent, edge, lines, told } = play();
    await agent.start([httpTunnel({ host: { kind: "subdomain", label: "app" } }), tcpTunnel({ name: "ssh" })]);
    const first = agent.tunnels.map(({ bindId, publicUrl }) => [bindId, publicUrl]);
    edge.clock.advance(2_000);
    edge.drop();
    await dialsAgain({ agent, edge });
    await eventually("both are bound again", () => edge.binds.length === 4);
    await quiet();
    const [, request] = edge.authRequests;
    expect([request?.sessionId, request?.agent.cookie]).toEqual(["ts_1", "cookie"]);
    expect(edge.binds.slice(2)).toMatchObject([
      { bindId: "bind_1", protocol: "https", extra: { token: "token_bind_1", name: "web" } },
      { bindId: "bind_2", protocol: "tcp", extra: { token: "token_bind_2", name: "ssh" } },
    ]);
    expect(edge.binds[2]?.wireOptions).toMatchObject({ Hostname: "app.edge.test", Subdomain: "app" });
    expect(edge.binds[3]?.wireOptions).toMatchObject({ Addr: "edge.test:20001" });
    expect(agent.tunnels.map(({ bindId, publicUrl }) => [bindId, publicUrl])).toEqual(first);
    expect(messagesOf(lines)).toEqual([
      "client session established",
      "tunnel session started",
      "started tunnel",
      "started tunnel",
      "session closed, starting reconnect loop",
      "client session established",
      "tunnel session started",
    ]);
    expect(lines[4]).toMatchObject({
      level: "error",
      fields: { obj: "tunnels.session", err: "connection lost: RESET" },
    });
    expect(told.filter((word) => /^[a-z]+$/.test(word))).toEqual(["connecting", "online", "reconnecting", "online"]);
  });

  test("Agent dials again for ever, at once and then with pauses", async () => {
    const { agent, edge, lines } = play();
    edge.isDown = true;
    const started = agent.start([httpTunnel()]);
    const waits = [75, 112.5, 168.75, 253.125];
    for (const [index, waitMs] of waits.entries()) {
      await eventually(`dial ${index + 1}`, () => edge.dials === index + 1 && edge.clock.pending === 1);
      edge.clock.advance(waitMs - 1);
      expect(edge.dials).toBe(index + 1);
      edge.clock.advance(1);
    }
    expect(agent.status).toMatchObject({ state: "connecting", reason: expect.stringContaining("refused") });
    expect(new Set(messagesOf(lines))).toEqual(new Set(["failed to reconnect session"]));
    edge.isDown = false;
    await eventually("a pause", () => edge.clock.pending === 1);
    edge.clock.advance(30_000);
    expect(await started).toHaveLength(1);
    expect(agent.status).toMatchObject({ state: "online", reason: undefined });
  });

  test("Agent finds a silent edge by its heartbeats, and is back within 15 s", async () => {
    const { agent, edge, lines } = play();
    await agent.start([httpTunnel()]);
    // Beats need turns of the event loop between steps of the clock.
    for (let step = 0; step < 20; step++) {
      edge.clock.advance(500);
      await quiet();
    }
    expect(edge.sessions).toHaveLength(1);
    expect(agent.status.latencyMs).toBeNumber();
    edge.wires[0]?.sever();
    for (let step = 0; step < 30 && edge.sessions.length < 2; step++) {
      edge.clock.advance(500);
      await quiet();
    }
    expect(edge.sessions).toHaveLength(2);
    const loss = messagesOf(lines).slice(3, 5);
    expect(loss).toEqual(["heartbeat timeout, terminating session", "session closed, starting reconnect loop"]);
  });

  test("Agent goes on with the others when one bind is refused, and tries that one again later", async () => {
    const { agent, edge, lines } = play();
    await agent.start([httpTunnel({ name: "a" }), httpTunnel({ name: "b" })]);
    edge.bind = (request) => (request.extra.name === "a" ? inUse() : Promise.resolve(edge.given(request)));
    edge.clock.advance(2_000);
    edge.drop();
    await dialsAgain({ agent, edge });
    await eventually("both were asked for again", () => edge.binds.length === 4);
    await eventually("the refusal is logged", () => messagesOf(lines).includes("tunnel not bound again"));
    expect(agent.tunnels).toHaveLength(2);
    edge.bind = (request) => Promise.resolve(edge.given(request));
    edge.clock.advance(2_000);
    edge.drop();
    await dialsAgain({ agent, edge });
    await eventually("both were asked for once more", () => edge.binds.length === 6);
    expect(edge.binds[4]).toMatchObject({ bindId: "bind_1", extra: { name: "a", token: "token_bind_1" } });
  });

  test("Agent shows the URL that an edge without memory gives", async () => {
    const { agent, edge, lines, told } = play();
    await agent.start([httpTunnel()]);
    edge.bind = (request) => Promise.resolve({ ...edge.given(request), url: "https://moved.edge.test" });
    edge.clock.advance(2_000);
    edge.drop();
    await dialsAgain({ agent, edge });
    await eventually("the tunnel has moved", () => agent.tunnels[0]?.publicUrl === "https://moved.edge.test");
    await eventually("it is logged", () => lines.at(-1)?.message === "started tunnel");
    expect(lines.at(-1)?.fields["url"]).toBe("https://moved.edge.test");
    expect(told.filter((what) => what === "started web")).toHaveLength(2);
  });

  test("Agent asks for any TCP address when a new session refuses its random one, and tells what it got", async () => {
    const { agent, edge, lines, told } = play();
    await agent.start([tcpTunnel()]);
    edge.bind = (request) =>
      request.extra.token === "" ? Promise.resolve({ ...edge.given(request), url: "tcp://edge.test:20002" }) : inUse();
    edge.clock.advance(2_000);
    edge.drop();
    await dialsAgain({ agent, edge });
    await eventually("the tunnel has moved", () => agent.tunnels[0]?.publicUrl === "tcp://edge.test:20002");
    expect(edge.binds.slice(1)).toMatchObject([
      { bindId: "bind_1", extra: { token: "token_bind_1" }, options: { address: "edge.test:20001" } },
      { bindId: "bind_1", extra: { token: "" }, options: { address: "" } },
    ]);
    const [lost, started] = lines.slice(-2);
    expect(lost?.message).toBe("public address lost, asking for another one");
    expect(lost?.fields).toMatchObject({ url: "tcp://edge.test:20001", err: expect.stringContaining("ERR_NGROK_334") });
    expect([started?.message, started?.fields["url"]]).toEqual(["started tunnel", "tcp://edge.test:20002"]);
    expect(told.filter((what) => what === "started web")).toHaveLength(2);
  });

  test.each([
    ["a TCP address that was asked for", tcpTunnel({ remoteAddress: { host: "edge.test", port: 20_001 } })],
    ["a name", httpTunnel({ host: { kind: "subdomain", label: "app" } })],
  ])("Agent asks for no other in place of %s", async (_, tunnel) => {
    const { agent, edge, lines } = play();
    await agent.start([tunnel]);
    edge.bind = inUse;
    edge.clock.advance(2_000);
    edge.drop();
    await dialsAgain({ agent, edge });
    await eventually("the refusal is logged", () => messagesOf(lines).includes("tunnel not bound again"));
    expect(edge.binds).toHaveLength(2);
  });

  test("Agent does not give an endpoint up that was stopped while it was bound again", async () => {
    const { agent, edge } = play();
    await agent.start([httpTunnel()]);
    const reply = Promise.withResolvers<void>();
    edge.bind = async (request) => {
      await reply.promise;
      return edge.given(request);
    };
    edge.clock.advance(2_000);
    edge.drop();
    await dialsAgain({ agent, edge });
    await eventually("it is asked for again", () => edge.binds.length === 2);
    await agent.stopTunnel("web");
    expect(edge.unbinds).toEqual(["bind_1"]);
    reply.resolve();
    await eventually("what came too late is given back", () => edge.unbinds.length === 2);
    expect(agent.tunnels).toEqual([]);
  });

  test("Agent survives an edge that says goodbye, and one that breaks the protocol", async () => {
    const { agent, edge, lines } = play();
    await agent.start([httpTunnel()]);
    edge.clock.advance(2_000);
    edge.session.session.close("restarting");
    await dialsAgain({ agent, edge });
    await eventually("it is bound again", () => edge.binds.length === 2);
    edge.clock.advance(2_000);
    edge.wires[1]?.ends[1].write(Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 1, 0)); // RST with a body of one byte
    await dialsAgain({ agent, edge });
    await eventually("it is bound once more", () => edge.binds.length === 3);
    const reasons = lines
      .filter(({ message }) => message.startsWith("session closed"))
      .map(({ fields }) => fields["err"]);
    expect(reasons[0]).toBe("closed by the edge: restarting");
    expect(reasons).toHaveLength(2);
    expect(agent.status.state).toBe("online");
  });

  test("Agent does not dial an edge in a loop that drops it each time", async () => {
    const { agent, edge, lines } = play();
    const losses = (): number => messagesOf(lines).filter((message) => message.startsWith("session closed")).length;
    edge.authenticate = () => {
      setImmediate(() => setImmediate(() => edge.drop()));
      return Promise.resolve(replyOf("ts_1", true));
    };
    await agent.start([]);
    for (const [index, waitMs] of [50, 112, 168, 253].entries()) {
      await eventually("a pause", () => losses() === index + 1);
      edge.clock.advance(waitMs - 1);
      await quiet();
      expect(edge.dials).toBe(index + 1);
      edge.clock.advance(2);
    }
  });
});

describe("Agent, refused", () => {
  const refuseWith = (edge: ScriptedEdge, error: Error): void => {
    edge.authenticate = () => Promise.reject(error);
  };
  const UNKNOWN = new PublicError("ERR_NGROK_107", {});

  test("Agent ends when its authtoken is refused, with the edge's text and code", async () => {
    const { agent, edge, lines } = play();
    refuseWith(edge, UNKNOWN);
    const started = refusal(agent.start([httpTunnel()]));
    const failure = await refusal(agent.done);
    expect(failure).toBeInstanceOf(RemoteError);
    expect(failure).toMatchObject({ code: "ERR_NGROK_107", message: `authentication failed: ${UNKNOWN.message}` });
    expect(await started).toBe(failure);
    const err = `authentication failed: ${UNKNOWN.message}\r\n\r\nERR_NGROK_107\r\n`;
    expect(lines).toMatchObject([
      { level: "error", message: "failed to reconnect session", fields: { obj: "tunnels.session", err } },
      { level: "error", message: "terminating with error", fields: { obj: "app", err } },
    ]);
    await quiet();
    edge.clock.advance(60_000);
    expect(edge.dials).toBe(1);
    expect(agent.status.state).toBe("offline");
  });

  test("Agent ends when its authtoken is refused at a reconnect", async () => {
    const { agent, edge } = play();
    await agent.start([httpTunnel()]);
    refuseWith(edge, UNKNOWN);
    edge.drop();
    await dialsAgain({ agent, edge });
    expect(await refusal(agent.done)).toMatchObject({ code: "ERR_NGROK_107" });
    expect(await refusal(agent.startTunnel(tcpTunnel({ name: "late" })))).toMatchObject({ code: "ERR_NGROK_107" });
  });

  test("Agent ends when there are too many sessions at its first, and waits at a later one", async () => {
    const tooMany = new PublicError("ERR_NGROK_108", { who: "This edge", limit: 1 });
    const first = play();
    refuseWith(first.edge, tooMany);
    await first.agent.start([]);
    expect(await refusal(first.agent.done)).toMatchObject({ code: "ERR_NGROK_108" });

    const later = play();
    await later.agent.start([httpTunnel()]);
    refuseWith(later.edge, tooMany);
    later.edge.drop();
    await dialsAgain(later);
    await eventually("it is refused", () => later.lines.at(-1)?.message === "failed to reconnect session");
    expect(later.agent.status.state).toBe("reconnecting");
  });

  test("Agent tries again when the edge refuses for a reason without a code", async () => {
    const { agent, edge } = play();
    refuseWith(edge, new Error("a fault of the edge"));
    const started = agent.start([httpTunnel()]);
    await eventually("a pause", () => agent.status.reason !== undefined && edge.dials === 1);
    edge.authenticate = () => Promise.resolve(replyOf("ts_1", true));
    edge.clock.advance(500);
    expect(await started).toHaveLength(1);
  });

  test("Agent tries again when Auth gets no reply in 10 s", async () => {
    const { edge, agent } = play();
    edge.authenticate = () => new Promise(() => {});
    await agent.start([]);
    await edge.established(1);
    edge.clock.advance(10_000);
    await eventually("it failed", () => agent.status.reason !== undefined);
    expect(agent.status.reason).toBe("No reply to Auth in 10000 ms. Is the server address that of an edge?");
    edge.clock.advance(500);
    await eventually("the next dial", () => edge.dials === 2);
  });

  test("Agent ends at an edge of another region", async () => {
    const { agent } = play({ region: "us" });
    await agent.start([]);
    const failure = await refusal(agent.done);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain('region "eu", not "us"');
  });
});

describe("Agent, stop", () => {
  test("Agent gives everything back before it says goodbye", async () => {
    const { agent, edge, lines } = play();
    await agent.start([httpTunnel({ schemes: ["https", "http"] }), tcpTunnel({ name: "ssh" })]);
    await agent.stop("interrupt");
    expect(edge.unbinds.toSorted()).toEqual(["bind_1", "bind_2", "bind_3"]);
    await eventually("the edge hears goodbye", () => edge.session.ends.length === 1);
    expect(edge.session.ends[0]).toMatchObject({ type: "goAway", code: MUX_ERRORS.none });
    await agent.done;
    expect(agent.status.state).toBe("offline");
    expect(lines.at(-1)).toMatchObject({ message: "received stop request", fields: { stopReq: "interrupt" } });
    expect(await refusal(agent.startTunnel(httpTunnel({ name: "late" })))).toBeInstanceOf(AgentStopped);
  });

  test("Agent waits one second for an edge that does not answer", async () => {
    const { agent, edge } = play();
    await agent.start([httpTunnel()]);
    edge.unbind = () => new Promise(() => {});
    let isStopped = false;
    const stopped = agent.stop("terminated").then(() => (isStopped = true));
    await eventually("the unbind arrives", () => edge.unbinds.length === 1);
    edge.clock.advance(999);
    await quiet();
    expect(isStopped).toBe(false);
    edge.clock.advance(1);
    await stopped;
    await agent.done;
  });

  test.each<[string, (played: Played) => Promise<void>]>([
    ["while it pauses", ({ edge }) => eventually("a pause", () => edge.dials === 1 && edge.clock.pending === 1)],
    ["before it is let in", ({ edge }) => edge.established(1)],
  ])("Agent stops at once %s", async (name, reached) => {
    const played = play();
    const { agent, edge } = played;
    edge.isDown = name === "while it pauses";
    edge.authenticate = () => new Promise(() => {});
    const started = refusal(agent.start([httpTunnel()]));
    await reached(played);
    await agent.stop("interrupt");
    expect(await started).toBeInstanceOf(AgentStopped);
    edge.clock.advance(60_000);
    await quiet();
    expect(edge.dials).toBe(1);
  });

  test("Agent stops one tunnel by name, of a pair only that one", async () => {
    const { agent, edge, told } = play();
    await agent.start([httpTunnel({ schemes: ["https", "http"] })]);
    expect(await agent.stopTunnel("web")).toBe(true);
    expect(await agent.stopTunnel("web")).toBe(false);
    expect(edge.unbinds).toEqual(["bind_1"]);
    expect(agent.tunnels.map(({ name }) => name)).toEqual(["web (http)"]);
    expect(told.at(-1)).toBe("stopped web: here");
    await agent.startTunnel(tcpTunnel({ name: "web" }));
  });
});

describe("Agent, commands of the edge", () => {
  test("Agent ends a tunnel that the edge takes away", async () => {
    const { agent, edge, told } = play();
    await agent.start([httpTunnel(), tcpTunnel({ name: "ssh" })]);
    edge.session.session.notify(STOP_TUNNEL, { bindId: "bind_1", message: "the name was sold", errorCode: "" });
    await eventually("it is gone", () => agent.tunnels.length === 1);
    expect(told.at(-1)).toBe("stopped web: the name was sold");
    expect(edge.unbinds).toEqual([]);
    edge.session.session.notify(STOP_TUNNEL, { bindId: "unknown", message: "", errorCode: "" });
    edge.clock.advance(2_000);
    edge.drop();
    await dialsAgain({ agent, edge });
    await eventually("only the other is asked for again", () => edge.binds.length === 3);
    expect(edge.binds[2]?.extra.name).toBe("ssh");
  });

  test("Agent refuses to be stopped, restarted or updated", async () => {
    const { agent, edge } = play();
    await agent.start([]);
    await edge.established(1);
    await eventually("it is online", () => agent.status.state === "online");
    const { session } = edge.session;
    const update = { version: "9", permitsMajorVersion: true };
    const failures = await Promise.all([
      refusal(session.call(STOP, {})),
      refusal(session.call(RESTART, {})),
      refusal(session.call(UPDATE, update)),
    ]);
    expect(failures.map((failure) => failure instanceof RemoteError && failure.code)).toEqual(
      Array.from({ length: 3 }, () => "ERR_GINNEL_REMOTE_COMMAND"),
    );
    expect(agent.status.state).toBe("online");
  });

  test("Agent that may be managed stops when told, and says so first", async () => {
    const { agent, edge, lines } = play({ allowsRemoteManagement: true, remote: managed() });
    await agent.start([httpTunnel()]);
    expect(edge.authRequests[0]?.agent).toMatchObject({ stopUnsupported: "", restartUnsupported: "" });
    const { session } = edge.session;
    await Promise.all([session.call(STOP, {}), session.call(STOP, {}), session.call(RESTART, {})]);
    await agent.done;
    expect(edge.unbinds).toEqual(["bind_1"]);
    expect(agent.isToRestart).toBe(false);
    const obeyed = lines.filter(({ message }) => message === "command of the edge obeyed");
    expect(obeyed.map(({ fields }) => fields["command"])).toEqual(["stop", "stop", "restart"]);
  });

  test("Agent that may be managed ends in order to begin anew when told", async () => {
    const { agent, edge } = play({ allowsRemoteManagement: true, remote: managed() });
    await agent.start([httpTunnel()]);
    await edge.session.session.call(RESTART, {});
    await agent.done;
    expect([edge.unbinds, agent.isToRestart]).toEqual([["bind_1"], true]);
  });

  test.each([
    ["stop", STOP],
    ["restart", RESTART],
  ] as const)("Agent without tunnels answers %s before it says goodbye", async (_, call) => {
    const { agent, edge } = play({ allowsRemoteManagement: true, remote: managed() });
    await agent.start([]);
    await eventually("it is online", () => agent.status.state === "online");
    expect(await edge.session.session.call(call, {})).toEqual({});
    await agent.done;
  });

  test("Agent that cannot begin anew says why, and goes on", async () => {
    const remote = managed({ restartObstacle: () => "its file is gone" });
    const { agent, edge, lines } = play({ allowsRemoteManagement: true, restartObstacle: "its file is gone", remote });
    await agent.start([]);
    await edge.established(1);
    expect(edge.authRequests[0]?.agent.restartUnsupported).toBe("its file is gone");
    await eventually("it is online", () => agent.status.state === "online");
    const failure = await refusal(edge.session.session.call(RESTART, {}));
    expect(failure).toMatchObject({ code: "ERR_GINNEL_NO_RESTART", message: expect.stringContaining("file is gone") });
    expect([agent.isToRestart, agent.status.state]).toEqual([false, "online"]);
    const refused = lines.find(({ message }) => message === "command of the edge refused");
    expect(refused).toMatchObject({ level: "warn", fields: { command: "restart" } });
  });

  test("Agent has nothing to update itself from, and says so", async () => {
    const { agent, edge } = play({ allowsRemoteManagement: true, remote: managed() });
    await agent.start([]);
    await eventually("it is online", () => agent.status.state === "online");
    const update = { version: "9", permitsMajorVersion: true };
    expect(await refusal(edge.session.session.call(UPDATE, update))).toMatchObject({ code: "ERR_GINNEL_NO_UPDATE" });
    expect(edge.authRequests[0]?.agent.updateUnsupported).toContain("No update source");
  });

  test("Agent starts a tunnel for its edge, only where that is allowed, and logs no secret of it", async () => {
    const asked: unknown[] = [];
    const remote = managed({ startTunnel: async (_, definition) => (asked.push(definition), "bind_7") });
    const definition = { name: "web", proto: "http", addr: 80, basic_auth: ["ann:a-good-password"] };
    for (const allowsRemoteManagement of [false, true]) {
      const { agent, edge, lines } = play({ allowsRemoteManagement, remote });
      await agent.start([]);
      await eventually("it is online", () => agent.status.state === "online");
      expect(edge.authRequests[0]?.agent.ginnel?.startTunnelVersion).toBe(START_TUNNEL_VERSION);
      const reply = edge.session.session.call(START_TUNNEL, { definition });
      if (allowsRemoteManagement) expect(await reply).toEqual({ bindId: "bind_7" });
      else expect(await refusal(reply)).toMatchObject({ code: "ERR_GINNEL_REMOTE_COMMAND" });
      const line = lines.find(({ message }) => message.startsWith("command of the edge"));
      expect(line?.fields).toMatchObject({ command: "start a tunnel", name: "web", addr: "80" });
      expect(JSON.stringify(lines)).not.toContain("a-good-password");
    }
    expect(asked).toEqual([definition]);
  });

  test("Agent logs little of a definition, and no password of its address", async () => {
    const { agent, edge, lines } = play({ allowsRemoteManagement: false });
    await agent.start([]);
    await eventually("it is online", () => agent.status.state === "online");
    const definition = { name: "n".repeat(10_000), addr: "http://ann:a-good-password@host" };
    await refusal(edge.session.session.call(START_TUNNEL, { definition }));
    await refusal(edge.session.session.call(START_TUNNEL, { definition: { name: { deep: "x" }, addr: ["y"] } }));
    const told = lines.filter(({ message }) => message === "command of the edge refused").map(({ fields }) => fields);
    expect(told.map(({ name, addr }) => [name, addr])).toEqual([
      ["n".repeat(200), "http://***@host"],
      [undefined, undefined],
    ]);
  });

  test("Agent refuses a definition that is beyond the limits, and commands that are none", async () => {
    const { agent, edge, lines } = play({ allowsRemoteManagement: true, remote: managed() });
    await agent.start([]);
    await eventually("it is online", () => agent.status.state === "online");
    const { session } = edge.session;
    let deep: object = {};
    for (let depth = 0; depth < MAX_DEFINITION_DEPTH; depth++) deep = { deep };
    for (const definition of [{ deep }, { metadata: "x".repeat(MAX_DEFINITION_BYTES) }]) {
      expect(await refusal(session.call(START_TUNNEL, { definition }))).toBeInstanceOf(RemoteError);
    }
    const garbage = { ...STOP, request: { ...STOP.request, toWire: () => [1] } };
    expect(await refusal(session.call(garbage, {}))).toBeInstanceOf(RemoteError);
    expect(agent.status.state).toBe("online");
    expect(lines.filter(({ message }) => message === "command of the edge obeyed")).toEqual([]);
  });
});

describe("Agent, visitors", () => {
  test("Agent joins a visitor with the upstream of its tunnel, also after a reconnect", async () => {
    using listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (connection) => {
      connection.listen({
        onData: (bytes) => void connection.write(bytes),
        onDrain: () => {},
        onEnd: () => connection.end(),
        onClose: () => {},
      });
    });
    const { agent, edge } = play();
    await agent.start([tcpTunnel({ upstream: `127.0.0.1:${listening.port}` })]);
    for (const text of ["before", "after"]) {
      const { stream, heard } = edge.visit("bind_1", text);
      await heard.until(() => heard.text === text);
      stream.end();
      await heard.until(() => heard.isClosed);
      expect(heard.cause).toBeUndefined();
      edge.clock.advance(2_000);
      edge.drop();
      await dialsAgain({ agent, edge });
      await eventually("it is bound again", () => edge.binds.length === (text === "before" ? 2 : 3));
    }
  });

  test("Agent serves a visitor that comes together with the reply to the bind", async () => {
    using listening = listenTcp({ hostname: "127.0.0.1", port: 0 }, (connection) => {
      connection.write(new TextEncoder().encode("hello"));
      connection.end();
    });
    const { agent, edge } = play();
    const visits: ReturnType<ScriptedEdge["visit"]>[] = [];
    edge.bind = (request) => {
      // The reply leaves when this promise has settled, in the same batch.
      queueMicrotask(() => visits.push(edge.visit("bind_1")));
      return Promise.resolve(edge.given(request));
    };
    await agent.start([tcpTunnel({ upstream: `127.0.0.1:${listening.port}` })]);
    const heard = visits[0]?.heard;
    await heard?.until(() => heard.hasEnded || heard.isClosed);
    expect(heard?.text).toBe("hello");
  });

  test.each([
    ["a code of ours", true, RESET_CODES.unknownBind],
    ["a published code where the edge does not know ours", false, MUX_ERRORS.streamRefused],
  ])("Agent refuses a visitor of a tunnel that it does not have with %s", async (_, understands, resetCode) => {
    const { agent, edge } = play();
    edge.authenticate = () => Promise.resolve(replyOf("ts_1", understands));
    await agent.start([tcpTunnel()]);
    const { heard } = edge.visit("bind_7", "x");
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toMatchObject({ code: "RESET", resetCode });
  });
});
