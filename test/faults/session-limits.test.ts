/** What one session may carry: the streams of agents that take few, and endpoints that come and go thousands of times. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import { UNBIND } from "../../src/protocol/rpc/agent-calls.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { BIND } from "../../src/protocol/rpc/bind.ts";
import { bindRequest } from "../support/bind-request.ts";
import { EDGE_DOMAIN, EDGE_TOKEN, EdgeProcess } from "../support/edge-process.ts";
import { FAULT_LIMIT_MS, FaultScene } from "../support/fault-scene.ts";
import { freePorts } from "../support/free-ports.ts";
import { memoryIn, TELLS_ITS_INSIDES, timersIn } from "../support/inside-process.ts";
import { descriptorsOf, gaugesOn, settles } from "../support/process-holdings.ts";
import { rawVisitor, type RawEnd } from "../support/raw-end.ts";
import { AUTH_REQUEST, PlayedAgent } from "../support/session-pair.ts";
import { eventually } from "../support/turns.ts";
import { callApi } from "../support/urllib-call.ts";

/** Agents of the Rust core end the session at 513 streams of both openers; the edge keeps some for heartbeats and calls. */
const RUST_AGENT = { clientType: "ngrok-rust", userAgent: "ngrok-rust/0.18.0" };
const RUST_STREAMS = 512;
const RUST_VISITORS = 500;
const BEYOND = 20;
const GET = `GET / HTTP/1.1\r\nHost: few.${EDGE_DOMAIN}\r\n\r\n`;
const OK = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");

/** Bound at a time, and how often in each half; the edge takes 3,000 in a minute from an account. */
const AT_A_TIME = 50;
const ROUNDS = 25;
/** The same over the API of an agent, which starts a whole tunnel each time. */
const STARTED_AT_A_TIME = 20;
const STARTING_ROUNDS = 15;
/** In the second half, when everything has been done before: a few kilobytes for each would be too much. */
const GROWTH_LIMIT_BYTES = 4 << 20;

const operator = freePorts(1);
let edge: EdgeProcess;
beforeAll(async () => {
  const runs = ["env", `BUN_OPTIONS=${TELLS_ITS_INSIDES}`];
  edge = await EdgeProcess.startIn(runs, `--operator-addr=${operator}`);
}, FAULT_LIMIT_MS);
afterAll(() => edge[Symbol.asyncDispose]());

const upstream = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here I am") });
afterAll(() => upstream.stop(true));

async function played(told: { readonly clientType: string; readonly userAgent: string }): Promise<PlayedAgent> {
  const plain = await dialTcp({ host: "127.0.0.1", port: edge.ports.https }, { timeoutMs: 5_000 });
  const tls = { context: clientTlsContext([edge.caPem]), serverName: EDGE_DOMAIN, verify: true };
  const agent = new PlayedAgent((await connectTls(plain, tls)).connection);
  const as = { ...AUTH_REQUEST.agent, ...told, authtoken: EDGE_TOKEN };
  await agent.session.call(AUTH, { ...AUTH_REQUEST, agent: as });
  return agent;
}

async function held(): Promise<object> {
  const page = await fetch(`http://127.0.0.1:${operator}/metrics`, { keepalive: false });
  const names = ["ginnel_edge_sessions", "ginnel_edge_endpoints", "ginnel_edge_visitors_open"] as const;
  const timers = await timersIn(edge.pid, edge.log);
  return { ...gaugesOn(await page.text(), names), descriptors: descriptorsOf(edge.pid), timers };
}

test(
  "an agent that takes 512 streams never gets more, visitors beyond are told so, and the next ones are served",
  async () => {
    const before = await held();
    const agent = await played(RUST_AGENT);
    await agent.session.call(BIND, bindRequest({ Proto: "http", Opts: { Hostname: `few.${EDGE_DOMAIN}` } }));
    const place = { scheme: "http", host: "", port: edge.ports.http, authority: "", caPem: "" } as const;
    const visitors = await Promise.all(Array.from({ length: RUST_VISITORS + BEYOND }, () => rawVisitor(place)));
    for (const visitor of visitors) visitor.send(GET);
    const refused = (): readonly RawEnd[] => visitors.filter(({ heard }) => heard.text.includes("ERR_GINNEL_BUSY"));
    await eventually("all are served or refused", () => refused().length + agent.proxies.length === visitors.length);
    expect(refused().length).toBeGreaterThanOrEqual(BEYOND);
    expect(refused()[0]?.heard.text).toStartWith("HTTP/1.1 503 ");
    expect(agent.session.streamsOpen).toBeLessThanOrEqual(RUST_STREAMS);
    for (const { stream } of agent.proxies) {
      stream.write(OK);
      stream.end();
    }
    await eventually("all have an answer", () => visitors.every(({ heard }) => heard.text !== ""));
    const served = visitors.filter(({ heard }) => heard.text.endsWith("ok"));
    expect(served.length).toBe(agent.proxies.length);
    const next = await rawVisitor(place);
    next.send(GET);
    await eventually("the next one comes", () => agent.proxies.length > served.length);
    expect(agent.ends).toEqual([]);
    for (const { connection } of [...visitors, next]) connection.reset();
    agent.session.close("done");
    await settles(held, before);
    expect(edge.faultsLogged).toEqual([]);
  },
  FAULT_LIMIT_MS,
);

test(
  "thousands of binds and unbinds leave no endpoint, no descriptor and no memory behind",
  async () => {
    const before = await held();
    const agent = await played(AUTH_REQUEST.agent);
    const round = async (): Promise<void> => {
      const bound = await Promise.all(
        Array.from({ length: AT_A_TIME }, (_, at) =>
          agent.session.call(BIND, bindRequest({ Id: `b${at}`, Proto: at === 0 ? "tcp" : "http", Opts: {} })),
        ),
      );
      await Promise.all(bound.map(({ bindId }) => agent.session.call(UNBIND, { bindId })));
    };
    await twice(ROUNDS, round, async () => [await memoryIn(edge.pid, edge.log)]);
    agent.session.close("done");
    await settles(held, before);
    expect(edge.faultsLogged).toEqual([]);
  },
  FAULT_LIMIT_MS,
);

test(
  "hundreds of tunnels that are started and stopped leave nothing behind, at the agent and at the edge",
  async () => {
    await using scene = await FaultScene.start({ upstream: upstream.url.host });
    const before = await scene.holdingsAtRest();
    const call = async (method: string, path: string, body?: object): Promise<void> => {
      const { status, text } = await callApi(scene.agentApi, method, path, body);
      expect([status, text]).toEqual([method === "POST" ? 201 : 204, expect.any(String)]);
    };
    const round = async (): Promise<void> => {
      const names = Array.from({ length: STARTED_AT_A_TIME }, (_, at) => `t${at}`);
      const tunnel = { addr: upstream.url.host, proto: "http", schemes: ["http"] };
      await Promise.all(names.map((name) => call("POST", "/api/tunnels", { name, ...tunnel })));
      await Promise.all(names.map((name) => call("DELETE", `/api/tunnels/${name}`)));
    };
    await twice(STARTING_ROUNDS, round, async () => {
      const { edge: ofEdge, agent } = await scene.bytes();
      return [ofEdge, agent];
    });
    await scene.expectNothingKept(before);
  },
  FAULT_LIMIT_MS,
);

/** So many rounds, and as many again, which take no more of any memory: the first had to begin with everything. */
async function twice(
  rounds: number,
  round: () => Promise<void>,
  bytes: () => Promise<readonly number[]>,
): Promise<void> {
  for (let time = 0; time < rounds; time += 1) await round();
  const first = await bytes();
  for (let time = 0; time < rounds; time += 1) await round();
  const second = await bytes();
  for (const [at, after] of second.entries()) expect(after - (first[at] ?? 0)).toBeLessThan(GROWTH_LIMIT_BYTES);
}
