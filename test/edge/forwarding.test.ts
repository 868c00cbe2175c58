/** From public endpoints to internal ones of the same account. */
import { afterEach, describe, expect, test } from "bun:test";
import { connect as connectTls } from "node:tls";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { CloudScene } from "../support/cloud-scene.ts";
import { clientHello } from "../support/client-hello.ts";
import { RecordingListener } from "../support/recording-listener.ts";
import { EDGE_CA_PEM, type EdgeAgent } from "../support/test-edge.ts";
import { eventually } from "../support/turns.ts";

const scenes: CloudScene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene[Symbol.asyncDispose]();
});

async function opened(): Promise<CloudScene> {
  const scene = await CloudScene.open();
  scenes.push(scene);
  return scene;
}

const forward = (url: string, onError = "halt") => ({
  type: "forward-internal",
  config: { url, on_error: onError },
});
const request = (...actions: readonly object[]) => ({ on_http_request: [{ actions }] });
const connect = (...actions: readonly object[]) => ({ on_tcp_connect: [{ actions }] });
const API = { Proto: "https", Opts: { Domain: "api.internal" } };
const PUBLIC = "https://a.e.test";

/** The head of the request that came over the stream of this number, which is answered. */
async function answered({ agent }: EdgeAgent, at: number, body = "inside"): Promise<string> {
  await eventually(`request ${at} has come`, () => agent.proxies.length > at);
  const proxy = agent.proxies[at];
  proxy?.stream.write(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
  return proxy?.payload ?? "";
}

describe("forward-internal of http", () => {
  test("reaches the agent of the internal endpoint with the visitor's addresses and what policies have changed", async () => {
    const s = await opened();
    const agent = await s.agent();
    const policy = { type: "add-headers", config: { headers: { "x-inner": "1" } } };
    const TrafficPolicy = JSON.stringify(request(policy));
    expect((await agent.bind({ ...API, Opts: { ...API.Opts, TrafficPolicy } })).url).toBe("https://api.internal");
    await s.create(
      PUBLIC,
      request({ type: "add-headers", config: { headers: { "x-outer": "1" } } }, forward("https://api.internal")),
    );
    const visited = s.says(`${PUBLIC}/path`);
    const head = await answered(agent, 0);
    expect(await visited).toBe("200 inside");
    expect(head).toStartWith("GET /path HTTP/1.1\r\nHost: a.e.test\r\n");
    for (const field of ["x-outer: 1", "x-inner: 1", "x-forwarded-for: 127.0.0.1", "x-forwarded-proto: https"]) {
      expect(head.toLowerCase()).toContain(`\r\n${field}\r\n`);
    }
    expect(agent.agent.proxies[0]?.header).toMatchObject({
      visitorAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  });

  test("is done for each request of a connection, by the policy as it is then", async () => {
    const s = await opened();
    const agent = await s.agent();
    await agent.bind(API);
    const id = await s.create(PUBLIC, request(forward("https://api.internal")));
    const connection = await dialTcp({ host: "127.0.0.1", port: s.edge.http }, { timeoutMs: 5_000 });
    await s.scene.call("PATCH", `/endpoints/${id}`, { body: { url: "http://a.e.test" } });
    const heard = new RecordingListener(connection);
    const GET = "GET / HTTP/1.1\r\nHost: a.e.test\r\n\r\n";
    connection.write(Buffer.from(GET));
    await answered(agent, 0);
    await heard.until(() => heard.text.endsWith("inside"));
    const traffic_policy = JSON.stringify(request({ type: "custom-response", config: { body: "outside" } }));
    await s.scene.call("PATCH", `/endpoints/${id}`, { body: { traffic_policy } });
    connection.write(Buffer.from(GET));
    await heard.until(() => heard.text.endsWith("outside"));
    expect(agent.agent.proxies).toHaveLength(1);
    connection.reset();
  });

  test("comes from endpoints of agents as well", async () => {
    const s = await opened();
    const [front, back] = [await s.agent(), await s.agent()];
    await back.bind({ Proto: "http", Opts: { URL: "http://api.internal:8080" } });
    const TrafficPolicy = JSON.stringify(request(forward("http://api.internal:8080")));
    await front.bind({ Proto: "https", Opts: { Domain: "a.e.test", TrafficPolicy } });
    const visited = s.says(PUBLIC);
    await answered(back, 0);
    expect(await visited).toBe("200 inside");
    expect(front.agent.proxies).toHaveLength(0);
  });

  test("goes on over internal cloud endpoints, wildcards included", async () => {
    const s = await opened();
    const agent = await s.agent();
    await agent.bind(API);
    await s.create("https://*.gate.internal", request(forward("https://api.internal")));
    await s.create(PUBLIC, request(forward("https://any.gate.internal")));
    const visited = s.says(PUBLIC);
    await answered(agent, 0);
    expect(await visited).toBe("200 inside");
  });

  test("finds nothing of another account", async () => {
    const s = await opened();
    await (await s.agent()).bind(API);
    await s.create(PUBLIC, request(forward("https://api.internal")), {}, s.scene.other);
    expect(await s.says(PUBLIC)).toBe("502 ERR_GINNEL_FORWARD");
    await s.create(
      "https://api.internal",
      request({ type: "custom-response", config: { body: "theirs" } }),
      {},
      s.scene.other,
    );
    expect(await s.says(PUBLIC)).toBe("200 theirs");
  });

  test.each([
    ["halt", "502 ERR_GINNEL_FORWARD"],
    ["continue", "200 fallback"],
  ])("to nobody, on_error %s, is %s", async (onError, expected) => {
    const s = await opened();
    const fallback = { type: "custom-response", config: { body: "fallback" } };
    const actions = [forward("https://api.internal", onError), ...(onError === "halt" ? [] : [fallback])];
    await s.create(PUBLIC, request(...actions));
    expect(await s.says(PUBLIC)).toBe(expected);
    // Nor does the same name at another scheme or port serve.
    const agent = await s.agent();
    await agent.bind({ Proto: "http", Opts: { Domain: "api.internal" } });
    await agent.bind({ Proto: "https", Opts: { URL: "https://api.internal:8443" } });
    expect(await s.says(PUBLIC)).toBe(expected);
  });

  test("ends when endpoints forward in a circle", async () => {
    const s = await opened();
    await s.create("https://a.internal", request(forward("https://b.internal")));
    await s.create("https://b.internal", request(forward("https://a.internal")));
    await s.create(PUBLIC, request(forward("https://a.internal")));
    expect(await s.says(PUBLIC)).toBe("502 ERR_GINNEL_FORWARD_LIMIT");
  });

  test("demands what the internal endpoint demands", async () => {
    const s = await opened();
    const agent = await s.agent();
    const credentials = [{ username: "ann", cleartext_password: "long-password" }];
    await agent.bind({ Proto: "https", Opts: { Domain: "auth.internal", BasicAuth: { credentials } } });
    const IPRestriction = { deny_cidrs: ["127.0.0.0/8"] };
    await agent.bind({ Proto: "https", Opts: { Domain: "nets.internal", IPRestriction } });
    await s.create(PUBLIC, request(forward("https://auth.internal")));
    await s.create("https://b.e.test", request(forward("https://nets.internal")));
    expect(await s.says(PUBLIC)).toBe("401 401 Unauthorized\n");
    expect(await s.says("https://b.e.test")).toBe("403 ERR_NGROK_3205");
    const Authorization = `Basic ${Buffer.from("ann:long-password").toString("base64")}`;
    const visited = s.visit(PUBLIC, { headers: { Authorization } });
    await answered(agent, 0);
    expect((await visited).status).toBe(200);
  });
});

describe("an internal endpoint", () => {
  test("is reached by nobody from outside, whose name is as unknown as any", async () => {
    const s = await opened();
    const agent = await s.agent();
    await agent.bind(API);
    await agent.bind({ Proto: "http", Opts: { Domain: "api.internal" } });
    await agent.bind({ Proto: "tls", Opts: { Domain: "db.internal" } });
    expect(await s.says("http://api.internal/")).toBe(await s.says("http://unknown.internal/"));
    expect(await s.says("http://api.internal/")).toBe("404 ERR_NGROK_3200");
    for (const name of ["api.internal", "db.internal"]) {
      const connection = await dialTcp({ host: "127.0.0.1", port: s.edge.https }, { timeoutMs: 5_000 });
      const heard = new RecordingListener(connection);
      connection.write(await clientHello(name));
      await heard.until(() => heard.events.some((event) => event.startsWith("end") || event.startsWith("close")));
      connection.reset();
    }
    // Nor by a request inside a connection to a name of its account.
    await s.create(PUBLIC, request({ type: "deny" }));
    expect((await s.visit(PUBLIC, { headers: { Host: "api.internal" } })).status).toBe(404);
    expect(agent.agent.proxies).toHaveLength(0);
  });

  test("is in the lists of its account with its binding", async () => {
    const s = await opened();
    await (await s.agent()).bind({ Proto: "tcp", Opts: { Addr: "db.internal:5432" } });
    const listed = async () => (await s.scene.call("GET", "/endpoints")).json["endpoints"];
    let endpoints: unknown = [];
    for (let turn = 0; turn < 200 && JSON.stringify(endpoints) === "[]"; turn++) endpoints = await listed();
    expect(endpoints).toEqual([
      expect.objectContaining({ url: "tcp://db.internal:5432", bindings: ["internal"], port: 5432, type: "ephemeral" }),
    ]);
  });
});

describe("forward-internal of connections", () => {
  test.each([
    ["a cloud endpoint", true],
    ["an agent's endpoint", false],
  ])("leads tcp visitors of %s to an internal agent", async (_, isCloud) => {
    const s = await opened();
    const [front, back] = [await s.agent(), await s.agent()];
    await back.bind({ Proto: "tcp", Opts: { Addr: "db.internal:5432" } });
    const policy = connect(forward("tcp://db.internal:5432"));
    const { addr } = await s.scene.create("reserved_addrs", {});
    if (isCloud) await s.create(`tcp://${String(addr)}`, policy);
    else await front.bind({ Proto: "tcp", Opts: { Addr: String(addr), TrafficPolicy: JSON.stringify(policy) } });
    const port = Number(String(addr).split(":")[1]);
    const visitor = await dialTcp({ host: "127.0.0.1", port }, { timeoutMs: 5_000 });
    const heard = new RecordingListener(visitor);
    visitor.write(Buffer.from("hello"));
    await eventually("the visitor has come", () => back.agent.proxies.length === 1);
    const proxy = back.agent.proxies[0];
    await eventually("its bytes have come", () => `${proxy?.payload}${proxy?.heard.text}`.endsWith("hello"));
    proxy?.stream.write(Buffer.from("welcome"));
    await heard.until(() => heard.text === "welcome");
    expect(front.agent.proxies).toHaveLength(0);
    visitor.reset();
  });

  test.each([
    ["close-connection", connect({ type: "close-connection" })],
    ["deny", connect({ type: "deny" })],
    [
      "restrict-ips",
      connect({ type: "restrict-ips", config: { allow: ["192.0.2.0/24"] } }, forward("tls://db.internal")),
    ],
    ["a forward to nobody", connect(forward("tls://none.internal"))],
    ["a circle", connect(forward("tls://circle.internal"))],
    ["a forward to nobody that may be left out", connect(forward("tls://none.internal", "continue"), { type: "deny" })],
  ])("turns tls visitors away: %s", async (_, policy) => {
    const s = await opened();
    const back = await s.agent();
    await back.bind({ Proto: "tls", Opts: { Domain: "db.internal" } });
    await s.create("tls://circle.internal", connect(forward("tls://circle.internal")));
    await s.create("tls://t.e.test", policy);
    const heard = await greeted(s, "t.e.test");
    await heard.until(() => heard.events.some((event) => event.startsWith("close")));
    expect(back.agent.proxies).toHaveLength(0);
  });

  test("leads tls visitors whose TLS the edge ends to an internal tcp endpoint", async () => {
    const s = await opened();
    const [front, back] = [await s.agent(), await s.agent()];
    await back.bind({ Proto: "tcp", Opts: { Addr: "db.internal:5432" } });
    const TrafficPolicy = JSON.stringify(connect(forward("tcp://db.internal:5432")));
    await front.bind({
      Proto: "tls",
      Opts: { Domain: "t.e.test", TLSTermination: { cert: "", key: "" }, TrafficPolicy },
    });
    const visitor = connectTls({ host: "127.0.0.1", port: s.edge.https, servername: "t.e.test", ca: EDGE_CA_PEM });
    visitor.write("hello");
    await eventually("the visitor has come", () => back.agent.proxies.length === 1);
    const proxy = back.agent.proxies[0];
    await eventually("its bytes have come", () => `${proxy?.payload}${proxy?.heard.text}`.endsWith("hello"));
    visitor.destroy();
  });

  test("leads tls visitors on as they are encrypted", async () => {
    const s = await opened();
    const back = await s.agent();
    await back.bind({ Proto: "tls", Opts: { Domain: "db.internal" } });
    await s.create(
      "tls://t.e.test",
      connect(
        { type: "restrict-ips", config: { allow: ["127.0.0.0/8"] } },
        forward("tls://none.internal", "continue"),
        forward("tls://db.internal"),
      ),
    );
    const heard = await greeted(s, "t.e.test");
    await eventually("the visitor has come", () => back.agent.proxies.length === 1);
    expect(back.agent.proxies[0]?.payload).toStartWith("\x16\x03");
    back.agent.proxies[0]?.stream.reset();
    await heard.until(() => heard.events.some((event) => event.startsWith("close")));
  });
});

async function greeted(s: CloudScene, name: string): Promise<RecordingListener> {
  const visitor = await dialTcp({ host: "127.0.0.1", port: s.edge.https }, { timeoutMs: 5_000 });
  const heard = new RecordingListener(visitor);
  visitor.write(await clientHello(name));
  return heard;
}
