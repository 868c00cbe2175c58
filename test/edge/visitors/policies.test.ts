import { describe, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import type { Exchange } from "../../../src/edge/visitors/exchange.ts";
import { HttpVisitor } from "../../../src/edge/visitors/http-visitor.ts";
import type { Endpoint } from "../../../src/edge/endpoint.ts";
import { BODY_GRACE_MS, BODY_MS, MIN_BODY_BYTES_PER_SECOND } from "../../../src/edge/visitors/gathered-body.ts";
import { MAX_POLICY_BODY_BYTES_OF_ADDRESS, roomForPolicyBodies } from "../../../src/edge/visitors/policy-bodies.ts";
import type { SharedRoom } from "../../../src/edge/shared-room.ts";
import { OpenVisitors } from "../../../src/edge/open-visitors.ts";
import type { Duplex } from "../../../src/net/duplex.ts";
import { IdleWatch } from "../../../src/net/idle-watch.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { formatInternalUrl, type InternalUrl } from "../../../src/model/internal-url.ts";
import { BasicAuth } from "../../../src/policy/basic-auth.ts";
import { type EndpointModules, policyOf } from "../../../src/policy/endpoint-modules.ts";
import { trafficPolicySteps } from "../../../src/policy/traffic-policy/traffic-policy.ts";
import { ChunkedBody } from "../../../src/protocol/http1/chunked-body.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { endpointOf, ScriptedAgent } from "../../support/scripted-agent.ts";
import { eventually, quiet } from "../../support/turns.ts";
import { createHmac } from "node:crypto";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const VISITOR_IP = "192.0.2.7";
const GET = "GET /x HTTP/1.1\r\nHost: app.test\r\nUser-Agent: curl/8\r\n\r\n";

interface Scene {
  readonly agent: ScriptedAgent;
  readonly clock: ManualClock;
  readonly visitor: Duplex;
  readonly heard: RecordingListener;
  /** Those that are over. */
  readonly exchanges: readonly Exchange[];
  readonly policyBodies: SharedRoom;
  /** One more. */
  readonly anotherVisitor: (ip: string) => { readonly visitor: Duplex; readonly heard: RecordingListener };
}

function guarded(
  agent: ScriptedAgent,
  host: string,
  modules: EndpointModules,
  pairs: readonly string[] = [],
): Endpoint {
  const policy = policyOf(modules);
  const basicAuth = pairs.length === 0 ? {} : { basicAuth: new BasicAuth(pairs) };
  return endpointOf(agent, host, { ...(policy && { policy }), ...basicAuth });
}

function scene(modules: EndpointModules, internal: EndpointModules = {}, pairs: readonly string[] = []): Scene {
  const agent = new ScriptedAgent();
  const clock = new ManualClock();
  const exchanges: Exchange[] = [];
  const nothing = (): void => {};
  const endpoint = guarded(agent, "app.test", modules, pairs);
  const inner = guarded(agent, "inner.internal", internal);
  const policyBodies = roomForPolicyBodies();
  const services = {
    findEndpoint: (_: string, host: string) => (host === "app.test" ? endpoint : undefined),
    findInternal: (account: string, to: InternalUrl) =>
      account === "ac_1" && formatInternalUrl(to) === "http://inner.internal" ? inner : undefined,
    visitors: new OpenVisitors(),
    clock,
    idleWatch: new IdleWatch(clock),
    idleMs: 300_000,
    headMs: 30_000,
    policyBodies,
    observer: {
      received: nothing,
      sent: nothing,
      onJoined: nothing,
      onParted: nothing,
      onRequest: nothing,
      onMalformedHead: nothing,
      onExchangeDone: (exchange: Exchange) => void exchanges.push(exchange),
    },
  };
  const anotherVisitor: Scene["anotherVisitor"] = (ip) => {
    const [edgeEnd, visitor] = pipe({ remoteAddresses: [`${ip}:5000`, "<edge>"] });
    new HttpVisitor(edgeEnd, services, { scheme: "http" }).start(bytes(""));
    return { visitor, heard: new RecordingListener(visitor) };
  };
  return { agent, clock, ...anotherVisitor(VISITOR_IP), exchanges, policyBodies, anotherVisitor };
}

async function visitorGets({ heard }: Pick<Scene, "heard">, text: string): Promise<string> {
  await heard.until(() => heard.text.includes(text));
  return heard.text;
}

const document = (text: string): EndpointModules => ({ trafficPolicy: trafficPolicySteps(text, { protocol: "http" }) });

describe("HttpVisitor with a policy", () => {
  test.each([
    ["another network", { addresses: { allow: ["10.0.0.0/8"], deny: [] } }, "403 Forbidden", "ERR_NGROK_3205"],
    ["another program", { userAgents: { allow: [], deny: ["^curl"] } }, "403 Forbidden", "ERR_NGROK_3211"],
    ["no signature", { webhook: { provider: "github", secret: "x" } }, "403 Forbidden", "ERR_NGROK_3204"],
  ])("HttpVisitor refuses %s before a byte reaches the agent", async (_, modules, status, code) => {
    const s = scene(modules, {}, ["ann:long-password"].slice(code === "ERR_NGROK_3205" ? 0 : 1));
    s.visitor.write(bytes(GET + GET));
    const text = await visitorGets(s, code);
    expect(text).toStartWith(`HTTP/1.1 ${status}\r\n`);
    await s.heard.until(() => s.heard.text.split("HTTP/1.1 ").length === 3);
    expect(s.agent.streams).toHaveLength(0);
  });

  test("HttpVisitor changes the heads of request and response", async () => {
    const s = scene({
      requestHeaders: { removed: ["user-agent2", "x-forwarded-for"], added: [["X-New", "1"]] },
      responseHeaders: { removed: ["server"], added: [["X-Via", "edge"]] },
    });
    s.visitor.write(bytes(GET.replace("\r\n\r\n", "\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n")));
    const { end, heard } = await s.agent.stream(0, "\r\n\r\n");
    expect(heard.text).toContain("\r\nX-New: 1\r\n");
    expect(heard.text).toContain("\r\nx-forwarded-for: 192.0.2.7\r\n");
    end.write(bytes("HTTP/1.1 200 OK\r\nServer: x\r\nngrok-error-code: y\r\nContent-Length: 2\r\n\r\nok"));
    expect(await visitorGets(s, "\r\n\r\nok")).toBe("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Via: edge\r\n\r\nok");
  });

  test("HttpVisitor compresses a response as it comes", async () => {
    const s = scene({ compresses: true });
    s.visitor.write(bytes(GET.replace("\r\n\r\n", "\r\nAccept-Encoding: gzip\r\n\r\n")));
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"));
    const head = await visitorGets(s, "\r\n\r\n");
    expect(head).toContain("\r\nContent-Encoding: gzip\r\n");
    end.write(bytes("9\r\ndata: 1\n\n\r\n"));
    await s.heard.until(() => s.heard.text.length > head.length + 10);
    const before = s.heard.text.length;
    end.write(bytes("9\r\ndata: 2\n\n\r\n0\r\n\r\n"));
    await visitorGets(s, "0\r\n\r\n");
    expect(s.heard.text.length).toBeGreaterThan(before);
    const data: Uint8Array[] = [];
    new ChunkedBody((piece) => data.push(piece)).receive(bytes(s.heard.text.slice(head.indexOf("\r\n\r\n") + 4)));
    expect(gunzipSync(Buffer.concat(data)).toString()).toBe("data: 1\n\ndata: 2\n\n");
  });

  test.each([
    ["Content-Length: 13", ["Hello, ", "World!"]],
    ["Transfer-Encoding: chunked", ["7\r\nHello, \r\n", "6\r\nWorld!\r\n0\r\n\r\n"]],
  ])("HttpVisitor sends a signed body on once it is whole, with %s", async (framing, pieces) => {
    const s = scene({ webhook: { provider: "github", secret: "It's a Secret to Everybody" } });
    const signature = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const fields = `X-Hub-Signature-256: sha256=${signature}\r\n${framing}\r\nExpect: 100-continue\r\n`;
    s.visitor.write(bytes(`POST / HTTP/1.1\r\nHost: app.test\r\n${fields}\r\n`));
    await visitorGets(s, "100 Continue\r\n\r\n");
    s.visitor.write(bytes(pieces[0] ?? ""));
    expect(s.agent.streams).toHaveLength(0);
    s.visitor.write(bytes(pieces[1] ?? ""));
    const { end, heard } = await s.agent.stream(0, pieces.join(""));
    expect(heard.text).toEndWith(`\r\n\r\n${pieces.join("")}`);
    end.write(bytes("HTTP/1.1 204 No Content\r\n\r\n"));
    await visitorGets(s, "204 No Content");
    s.visitor.write(bytes(GET));
    await visitorGets(s, "ERR_NGROK_3204");
  });

  test("HttpVisitor refuses a body that is not the signed one, or too large", async () => {
    const s = scene({ webhook: { provider: "github", secret: "x" } });
    const fields = `X-Hub-Signature-256: sha256=${"0".repeat(64)}\r\n`;
    s.visitor.write(bytes(`POST / HTTP/1.1\r\nHost: app.test\r\n${fields}Content-Length: 2\r\n\r\nab`));
    await visitorGets(s, "ERR_NGROK_3204");
    s.visitor.write(bytes(`POST / HTTP/1.1\r\nHost: app.test\r\n${fields}Content-Length: 2000000\r\n\r\n`));
    expect(await visitorGets(s, "ERR_GINNEL_BODY_LIMIT")).toContain("HTTP/1.1 413 ");
    expect(s.agent.streams).toHaveLength(0);
  });

  test("HttpVisitor refuses a body in chunks as soon as it is too large", async () => {
    const s = scene({ webhook: { provider: "github", secret: "x" } });
    const head = `POST / HTTP/1.1\r\nHost: app.test\r\nX-Hub-Signature-256: sha256=0\r\nTransfer-Encoding: chunked\r\n\r\n`;
    s.visitor.write(bytes(`${head}200000\r\n${"x".repeat(1024 * 1024 + 1)}`));
    expect(await visitorGets(s, "ERR_GINNEL_BODY_LIMIT")).toContain("HTTP/1.1 413 ");
  });

  test("HttpVisitor leaves an upstream alone that fails", async () => {
    const s = scene({ breakerThreshold: 0.5 });
    for (let i = 0; i < 10; i++) {
      s.visitor.write(bytes(GET.replace("/x", `/${i}`)));
      const { end } = await s.agent.stream(0, `/${i}`);
      end.write(bytes("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"));
      await s.heard.until(() => s.heard.text.split("500 No").length === i + 2);
    }
    s.visitor.write(bytes(GET));
    expect(await visitorGets(s, "ERR_NGROK_3202")).toContain("HTTP/1.1 503 ");
  });

  test("HttpVisitor answers for the upstream, and goes on with the connection", async () => {
    const policy = document(
      'on_http_request: [{ actions: [{ type: custom-response, config: { status_code: 418, body: "{}", headers: { x-a: "1" } } }] }]',
    );
    const s = scene(policy);
    s.visitor.write(bytes(`POST / HTTP/1.1\r\nHost: app.test\r\n\r\n${GET}`));
    await s.heard.until(() => s.heard.text.split("418 I'm a Teapot").length === 3);
    expect(s.heard.text).toContain("\r\nContent-Type: application/json\r\nx-a: 1\r\nContent-Length: 2\r\n\r\n{}");
    expect(s.agent.streams).toHaveLength(0);
  });

  test("HttpVisitor replaces a response, of which nothing more reaches the visitor", async () => {
    const s = scene(
      document("on_http_response: [{ actions: [{ type: custom-response, config: { body: replaced } }] }]"),
    );
    s.visitor.write(bytes(GET));
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"));
    const text = await visitorGets(s, "replaced");
    await s.heard.until(() => s.heard.events.includes("end"));
    expect(text).not.toContain("secret");
    expect(text).toContain("\r\nConnection: close\r\n");
  });

  test("HttpVisitor keeps what the policy changed when a request is sent again", async () => {
    const s = scene({ requestHeaders: { removed: ["cookie"], added: [] } });
    s.visitor.write(bytes(GET));
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    await visitorGets(s, "200 OK");
    s.visitor.write(bytes(GET.replace("\r\n\r\n", "\r\nCookie: secret\r\n\r\n")));
    await s.agent.stream(0, "Host: app.test");
    end.reset();
    const { heard } = await s.agent.stream(1, "\r\n\r\n");
    expect(heard.text).not.toContain("secret");
    expect(heard.text.match(/X-Forwarded-For/g)).toHaveLength(1);
  });

  test("HttpVisitor forwards to an internal endpoint, whose policy comes next on the way there and first on the way back", async () => {
    const forward =
      "on_http_request: [{ actions: [{ type: add-headers, config: { headers: { x-n: outer } } }, { type: forward-internal, config: { url: 'http://inner.internal' } }] }]";
    const s = scene(
      { ...document(forward), responseHeaders: { removed: ["x-inner"], added: [["X-Outer", "1"]] } },
      {
        requestHeaders: { removed: [], added: [["X-N", "inner"]] },
        responseHeaders: { removed: [], added: [["X-Inner", "1"]] },
      },
    );
    s.visitor.write(bytes(GET));
    const { end, heard } = await s.agent.stream(0, "\r\n\r\n");
    expect(heard.text).toContain("x-n: outer\r\nx-n: inner\r\n");
    end.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    const text = await visitorGets(s, "\r\n\r\n");
    expect(text).toContain("X-Outer: 1");
    expect(text).not.toContain("X-Inner");
  });

  test("HttpVisitor tells when the internal endpoint is not online, and not which one", async () => {
    const s = scene(
      document("on_http_request: [{ actions: [{ type: forward-internal, config: { url: 'http://none.internal' } }] }]"),
    );
    s.visitor.write(bytes(GET));
    const text = await visitorGets(s, "ERR_GINNEL_FORWARD");
    expect(text).toContain("HTTP/1.1 502 ");
    expect(text).not.toContain("none.internal");
    expect(s.exchanges.map(({ unreached }) => unreached)).toEqual(["http://none.internal"]);
  });
});

describe("HttpVisitor that waits for a body that a policy wants to see", () => {
  const SECRET = "It's a Secret to Everybody";
  const WEBHOOK: EndpointModules = { webhook: { provider: "github", secret: SECRET } };
  const LENGTH = 100_000;
  const body = "x".repeat(LENGTH);

  function signedHead(framing = `Content-Length: ${LENGTH}`, of = body): string {
    const signature = createHmac("sha256", SECRET).update(of).digest("hex");
    return `POST / HTTP/1.1\r\nHost: app.test\r\nX-Hub-Signature-256: sha256=${signature}\r\n${framing}\r\n\r\n`;
  }

  function isAllFree({ policyBodies }: Scene): boolean {
    const isFree = policyBodies.take(VISITOR_IP, MAX_POLICY_BODY_BYTES_OF_ADDRESS);
    if (isFree) policyBodies.give(VISITOR_IP, MAX_POLICY_BODY_BYTES_OF_ADDRESS);
    return isFree;
  }

  /** All but so much of a body is there. */
  async function lacking(s: Scene, visitor: Duplex, missing: number): Promise<void> {
    const before = s.clock.pending;
    visitor.write(bytes(signedHead() + body.slice(missing)));
    await eventually("the body is kept", () => s.clock.pending > before && !isAllFree(s));
  }

  test("tells who sends it too slowly, and keeps none of it", async () => {
    const s = scene(WEBHOOK);
    await lacking(s, s.visitor, 1);
    s.clock.advance(BODY_GRACE_MS + (LENGTH / MIN_BODY_BYTES_PER_SECOND) * 1_000 - 1_000);
    await quiet();
    expect([s.heard.text, isAllFree(s)]).toEqual(["", false]);
    s.clock.advance(2_000);
    const text = await visitorGets(s, "ERR_GINNEL_SLOW_BODY");
    expect(text).toStartWith("HTTP/1.1 408 ");
    expect(text).toContain("\r\nConnection: close\r\n");
    await s.heard.until(() => s.heard.hasEnded);
    expect([isAllFree(s), s.agent.streams.length, s.exchanges.map(({ outcome }) => outcome)]).toEqual([
      true,
      0,
      ["ERR_GINNEL_SLOW_BODY"],
    ]);
  });

  test("waits for nobody longer than the whole time, however it drips", async () => {
    const s = scene(WEBHOOK);
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    s.visitor.write(bytes(signedHead("Transfer-Encoding: chunked")));
    for (let seconds = 0; seconds < BODY_MS / 1_000; seconds++) {
      expect(s.heard.text).toBe("");
      s.visitor.write(bytes(chunk));
      await quiet();
      s.clock.advance(1_000);
    }
    expect(await visitorGets(s, "ERR_GINNEL_SLOW_BODY")).toStartWith("HTTP/1.1 408 ");
    expect(isAllFree(s)).toBe(true);
  });

  test("has no more room for an address than its share, and serves others meanwhile", async () => {
    const s = scene(WEBHOOK);
    expect(s.policyBodies.take(VISITOR_IP, MAX_POLICY_BODY_BYTES_OF_ADDRESS - LENGTH)).toBe(true);
    await lacking(s, s.visitor, 1);
    const greedy = s.anotherVisitor(VISITOR_IP);
    greedy.visitor.write(bytes(signedHead() + body));
    expect(await visitorGets(greedy, "ERR_GINNEL_BODY_ROOM")).toStartWith("HTTP/1.1 503 ");
    const honest = s.anotherVisitor("192.0.2.8");
    honest.visitor.write(bytes(signedHead() + body));
    (await s.agent.stream(0, body)).end.write(bytes("HTTP/1.1 204 No Content\r\n\r\n"));
    await visitorGets(honest, "204 No Content");
    // And the one whose body was on its way is not disturbed.
    s.visitor.write(bytes(body.slice(0, 1)));
    (await s.agent.stream(1, body)).end.write(bytes("HTTP/1.1 204 No Content\r\n\r\n"));
    await visitorGets(s, "204 No Content");
    s.policyBodies.give(VISITOR_IP, MAX_POLICY_BODY_BYTES_OF_ADDRESS - LENGTH);
    expect(isAllFree(s)).toBe(true);
  });

  const WAYS: readonly (readonly [string, (s: Scene) => void, string])[] = [
    ["its visitor resets", ({ visitor }) => visitor.reset(), ""],
    ["its visitor ends in the middle", ({ visitor }) => visitor.end(), ""],
    ["it is whole, and gone on", ({ visitor }) => void visitor.write(bytes(body.slice(0, 1))), ""],
    ["it is whole, and another one than was signed", ({ visitor }) => void visitor.write(bytes("y")), "ERR_NGROK_3204"],
    [
      "it is whole, and its agent has no room",
      (s) => {
        s.agent.isFull = true;
        s.visitor.write(bytes(body.slice(0, 1)));
      },
      "ERR_GINNEL_BUSY",
    ],
    ["nothing moves for long", ({ clock }) => clock.advance(BODY_MS), "ERR_GINNEL_SLOW_BODY"],
  ];

  test.each(WAYS)("gives its room back when %s", async (_, act, told) => {
    const s = scene(WEBHOOK);
    await lacking(s, s.visitor, 1);
    act(s);
    await eventually("the room is given back", () => isAllFree(s));
    if (told !== "") expect(await visitorGets(s, told)).toContain(told);
  });

  test("gives its room back when its framing breaks", async () => {
    const s = scene(WEBHOOK);
    s.visitor.write(bytes(`${signedHead("Transfer-Encoding: chunked")}3\r\nabc\r\n`));
    await eventually("the body is kept", () => !isAllFree(s));
    s.visitor.write(bytes("no size\r\n"));
    expect(await visitorGets(s, "ERR_GINNEL_BAD_REQUEST")).toStartWith("HTTP/1.1 400 ");
    expect(isAllFree(s)).toBe(true);
  });

  test("counts what the agent has not taken until the exchange is over", async () => {
    const s = scene(WEBHOOK);
    const large = "z".repeat(1024 * 1024);
    const open = s.agent.openProxy.bind(s.agent);
    s.agent.openProxy = (...given) => {
      const stream = open(...given);
      s.agent.streams.at(-1)?.end.pause();
      return stream;
    };
    s.visitor.write(bytes(signedHead(`Content-Length: ${large.length}`, large) + large));
    await eventually("the body goes on", () => s.agent.streams.length === 1);
    const { end } = await s.agent.stream(0);
    await quiet();
    expect(isAllFree(s)).toBe(false);
    end.resume();
    await s.agent.stream(0, large);
    end.write(bytes("HTTP/1.1 204 No Content\r\n\r\n"));
    await visitorGets(s, "204 No Content");
    expect(isAllFree(s)).toBe(true);
  });

  test("answers several on one connection, one after the other", async () => {
    const s = scene(WEBHOOK);
    s.visitor.write(bytes((signedHead() + body).repeat(3)));
    for (let nth = 1; nth <= 3; nth++) {
      const { end, heard } = await s.agent.stream(0);
      await heard.until(() => heard.text.split(body).length === nth + 1);
      end.write(bytes("HTTP/1.1 204 No Content\r\n\r\n"));
      await s.heard.until(() => s.heard.text.split("204 No Content").length === nth + 1);
    }
    expect(isAllFree(s)).toBe(true);
  });
});
