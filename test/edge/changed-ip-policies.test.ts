/** Visitors who are connected while an IP policy of their endpoint changes. */
import { afterEach, describe, expect, test } from "bun:test";
import { connect as connectHttp2 } from "node:http2";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { clientHello } from "../support/client-hello.ts";
import { CloudScene } from "../support/cloud-scene.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { EDGE_CA_PEM, type EdgeAgent, LOOPBACK } from "../support/test-edge.ts";
import { eventually, quiet } from "../support/turns.ts";

const scenes: CloudScene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene[Symbol.asyncDispose]();
});

/** An account with a policy that lets this machine in. */
interface Scene {
  readonly cloud: CloudScene;
  readonly agent: EdgeAgent;
  readonly policy: string;
  readonly rule: string;
}

async function opened(): Promise<Scene> {
  const cloud = await CloudScene.open();
  scenes.push(cloud);
  const { id: policy } = await cloud.scene.create("ip_policies", {});
  const fields = { ip_policy_id: policy, cidr: "127.0.0.0/8", action: "allow" };
  const { id: rule } = await cloud.scene.create("ip_policy_rules", fields);
  return { cloud, agent: await cloud.agent(), policy, rule };
}

/** Answers what the visitor hears once the agent has it. */
async function connected({ cloud, agent }: Scene, port: number, hello: Uint8Array): Promise<RecordingListener> {
  const connection = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000 });
  const heard = new RecordingListener(connection);
  connection.write(hello);
  await eventually("the agent has the visitor", () => agent.agent.proxies.length === 1);
  expect(cloud.edge.log.filter(({ level }) => level === "error")).toEqual([]);
  return heard;
}

const restrict = (policy: string) => ({ type: "restrict-ips", config: { ip_policies: [policy] } });
const forward = (url: string, on_error = "halt") => ({ type: "forward-internal", config: { url, on_error } });
const document = (phase: string, ...actions: readonly object[]) => JSON.stringify({ [phase]: [{ actions }] });
const GET = Buffer.from("GET / HTTP/1.1\r\nHost: a.e.test\r\n\r\n");
const UPGRADE = Buffer.from("GET / HTTP/1.1\r\nHost: a.e.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");

async function tcpVisitor(s: Scene, options: object, extra: object = {}): Promise<RecordingListener> {
  const { addr } = await s.cloud.scene.create("reserved_addrs", {});
  await s.agent.bind({ Proto: "tcp", Opts: { Addr: addr, ...options }, Extra: extra });
  return connected(s, Number(String(addr).split(":")[1]), Buffer.from("hello"));
}

/** With a response that has begun and goes on. */
async function httpVisitor(
  s: Scene,
  {
    request = GET,
    answer = "200 OK\r\nContent-Length: 100",
    ...options
  }: { request?: Buffer; answer?: string; TrafficPolicy: string },
): Promise<RecordingListener> {
  await s.agent.bind({ Proto: "http", Opts: { Domain: "a.e.test", ...options } });
  const heard = await connected(s, s.cloud.edge.http, request);
  s.agent.agent.proxies[0]?.stream.write(Buffer.from(`HTTP/1.1 ${answer}\r\n\r\nbegin`));
  await heard.until(() => heard.text.endsWith("begin"));
  return heard;
}

const VISITORS: readonly (readonly [string, (s: Scene) => Promise<RecordingListener>])[] = [
  ["of tcp, whose bind names the policy", (s) => tcpVisitor(s, {}, { IPPolicyRef: s.policy })],
  [
    "of tcp, whose traffic policy names it behind a forward to nobody",
    (s) => {
      const actions = [forward("tcp://none.internal:1", "continue"), restrict(s.policy)];
      return tcpVisitor(s, { TrafficPolicy: document("on_tcp_connect", ...actions) });
    },
  ],
  [
    "of tls",
    async (s) => {
      const TrafficPolicy = document("on_tcp_connect", restrict(s.policy));
      await s.agent.bind({ Proto: "tls", Opts: { Domain: "t.e.test", TrafficPolicy } });
      return connected(s, s.cloud.edge.https, await clientHello("t.e.test"));
    },
  ],
  [
    "of http, at the connection",
    (s) => httpVisitor(s, { TrafficPolicy: document("on_tcp_connect", restrict(s.policy)) }),
  ],
  [
    "of http, at the request",
    (s) => httpVisitor(s, { TrafficPolicy: document("on_http_request", restrict(s.policy)) }),
  ],
  [
    "of http, at the response",
    (s) => httpVisitor(s, { TrafficPolicy: document("on_http_response", restrict(s.policy)) }),
  ],
  [
    "of http, with a WebSocket",
    (s) => {
      const answer = "101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket";
      return httpVisitor(s, {
        request: UPGRADE,
        answer,
        TrafficPolicy: document("on_http_request", restrict(s.policy)),
      });
    },
  ],
  [
    "of http that forwards to an internal one",
    async (s) => {
      const TrafficPolicy = document("on_http_request", restrict(s.policy));
      await s.agent.bind({ Proto: "http", Opts: { Domain: "in.internal", TrafficPolicy } });
      return httpVisitor(s, { TrafficPolicy: document("on_http_request", forward("http://in.internal")) });
    },
  ],
];

describe("a change of an IP policy", () => {
  test.each(VISITORS)("cuts who may not stay at an endpoint %s, and nobody before", async (_, visitor) => {
    const s = await opened();
    const heard = await visitor(s);
    const other = { ip_policy_id: s.policy, cidr: "192.0.2.0/24", action: "deny" };
    await s.cloud.scene.create("ip_policy_rules", other);
    await quiet();
    expect(heard.isClosed).toBe(false);
    await s.cloud.scene.call("PATCH", `/ip_policy_rules/${s.rule}`, { body: { cidr: "203.0.113.0/24" } });
    await heard.until(() => heard.isClosed);
  });

  test.each([
    [
      "a rule that denies",
      (s: Scene) =>
        s.cloud.scene.create("ip_policy_rules", { ip_policy_id: s.policy, cidr: "127.0.0.1/32", action: "deny" }),
    ],
    ["the end of the policy", (s: Scene) => s.cloud.scene.call("DELETE", `/ip_policies/${s.policy}`)],
  ])("is also %s", async (_, change) => {
    const s = await opened();
    const heard = await tcpVisitor(s, {}, { IPPolicyRef: s.policy });
    await change(s);
    await heard.until(() => heard.isClosed);
  });

  test("cuts one request of a connection that speaks HTTP/2, and leaves it the others", async () => {
    const s = await opened();
    const names = ["a.e.test", "b.e.test"];
    const policies = [document("on_http_request", restrict(s.policy)), ""];
    for (const [index, Domain] of names.entries()) {
      await s.agent.bind({ Proto: "https", Opts: { Domain, TrafficPolicy: policies[index] } });
    }
    const visitor = connectHttp2(`https://localhost:${s.cloud.edge.https}`, {
      ca: EDGE_CA_PEM,
      servername: "a.e.test",
      checkServerIdentity: () => undefined,
    });
    const [restricted, open] = names.map((name) => {
      const stream = visitor.request({ ":path": "/", ":authority": name });
      const seen = { status: 0, hasEnded: false };
      stream.on("response", (fields) => (seen.status = Number(fields[":status"])));
      // What a reset looks like is the library's business.
      stream.on("error", () => {});
      stream.on("close", () => (seen.hasEnded = true));
      return seen;
    });
    await eventually("the agent has both", () => s.agent.agent.proxies.length === 2);
    for (const { stream } of s.agent.agent.proxies) {
      stream.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin"));
    }
    await eventually("both are answered", () => restricted?.status === 200 && open?.status === 200);
    await s.cloud.scene.call("PATCH", `/ip_policy_rules/${s.rule}`, { body: { cidr: "203.0.113.0/24" } });
    await eventually("one is cut", () => restricted?.hasEnded === true);
    expect(open?.hasEnded).toBe(false);
    const gone = Promise.withResolvers<void>();
    visitor.on("close", gone.resolve);
    visitor.destroy();
    await gone.promise;
  });

  test("is no business of another account's visitors", async () => {
    const s = await opened();
    const heard = await tcpVisitor(s, {}, { IPPolicyRef: s.policy });
    const account = s.cloud.scene.other;
    const { id } = await s.cloud.scene.create("ip_policies", {}, account);
    await s.cloud.scene.create("ip_policy_rules", { ip_policy_id: id, cidr: "127.0.0.1/32", action: "deny" }, account);
    await quiet();
    expect(heard.isClosed).toBe(false);
  });

  test("counts for the next request of a connection that waits for one", async () => {
    const s = await opened();
    const TrafficPolicy = document("on_http_request", restrict(s.policy));
    await s.agent.bind({ Proto: "http", Opts: { Domain: "a.e.test", TrafficPolicy } });
    const connection = await dialTcp({ host: LOOPBACK, port: s.cloud.edge.http }, { timeoutMs: 5_000 });
    const heard = new RecordingListener(connection);
    connection.write(GET);
    await eventually("the agent has the visitor", () => s.agent.agent.proxies.length === 1);
    s.agent.agent.proxies[0]?.stream.write(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    await heard.until(() => heard.text.endsWith("ok"));
    await s.cloud.scene.call("PATCH", `/ip_policy_rules/${s.rule}`, { body: { cidr: "203.0.113.0/24" } });
    connection.write(GET);
    await heard.until(() => heard.text.includes("ERR_NGROK_3205"));
    expect(s.agent.agent.proxies).toHaveLength(1);
    connection.reset();
  });
});
