import { describe, expect, test } from "bun:test";
import type { Endpoint } from "../../../src/edge/endpoint.ts";
import type { VisitorConnection } from "../../../src/edge/visitors/admission.ts";
import { HttpVisitor } from "../../../src/edge/visitors/http-visitor.ts";
import { PolicyBodyRoom } from "../../../src/edge/visitors/policy-bodies.ts";
import { OpenVisitors } from "../../../src/edge/open-visitors.ts";
import type { Duplex } from "../../../src/net/duplex.ts";
import { IdleWatch } from "../../../src/net/idle-watch.ts";
import { pipe } from "../../../src/net/pipe.ts";
import { BasicAuth } from "../../../src/policy/basic-auth.ts";
import { RESET_CODES } from "../../../src/protocol/mux/reset-codes.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingListener } from "../../support/recording-listener.ts";
import { endpointOf, ScriptedAgent } from "../../support/scripted-agent.ts";
import { eventually, quiet } from "../../support/turns.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const GET = "GET /x HTTP/1.1\r\nHost: app.test\r\nAccept: */*\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

interface Scene {
  readonly agent: ScriptedAgent;
  readonly clock: ManualClock;
  /** The visitor's end of the connection, and what came back on it. */
  readonly visitor: Duplex;
  readonly heard: RecordingListener;
  readonly visitors: OpenVisitors;
}

function scene(
  options: Partial<VisitorConnection> & {
    readonly initial?: string;
    readonly draining?: boolean;
    readonly endpoints?: (agent: ScriptedAgent) => readonly Endpoint[];
  } = {},
): Scene {
  const agent = new ScriptedAgent();
  const clock = new ManualClock();
  const endpoints = options.endpoints?.(agent) ?? [endpointOf(agent, "app.test")];
  const [edgeEnd, visitor] = pipe({ remoteAddresses: ["192.0.2.7:5000", "<edge>"] });
  const visitors = new OpenVisitors();
  if (options.draining === true) void visitors.drain();
  const services = {
    findEndpoint: (_: string, host: string) => endpoints.find((endpoint) => endpoint.host === host),
    visitors,
    clock,
    idleWatch: new IdleWatch(clock),
    idleMs: 300_000,
    headMs: 30_000,
    policyBodies: new PolicyBodyRoom(),
  };
  new HttpVisitor(edgeEnd, services, { scheme: "http", ...options }).start(bytes(options.initial ?? ""));
  return { agent, clock, visitor, heard: new RecordingListener(visitor), visitors };
}

/** Everything both sides sent so far, once the visitor has this text. */
async function visitorGets({ heard }: Scene, text: string): Promise<string> {
  await heard.until(() => heard.text.includes(text));
  return heard.text;
}

describe("HttpVisitor", () => {
  test("adds the forwarded fields and changes nothing else of a request", async () => {
    const s = scene();
    s.visitor.write(bytes("GET /a?b=%20 HTTP/1.1\r\nhOST: app.test\r\nX-Dup: 1\r\nx-dup:2\r\n\r\n"));
    const { heard } = await s.agent.stream(0, "\r\n\r\n");
    expect(heard.text).toBe(
      "GET /a?b=%20 HTTP/1.1\r\nhOST: app.test\r\nX-Dup: 1\r\nx-dup:2\r\n" +
        "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: app.test\r\n\r\n",
    );
  });

  test("puts itself last in lists that the visitor began, and keeps its X-Forwarded-Host", async () => {
    const s = scene();
    s.visitor.write(
      bytes(
        "GET / HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Host: other\r\nX-Forwarded-Proto: ftp\r\n\r\n",
      ),
    );
    const { heard } = await s.agent.stream(0, "\r\n\r\n");
    expect(heard.text).toContain("X-Forwarded-For: 1.1.1.1, 192.0.2.7\r\n");
    expect(heard.text).toContain("X-Forwarded-Host: other\r\n");
    expect(heard.text).toContain("X-Forwarded-Proto: ftp, http\r\n");
  });

  test("hands a response on as it is, byte for byte", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    const response =
      "HTTP/1.1 207 Multi\r\nset-COOKIE: a\r\nSet-Cookie:  b \r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n";
    (await s.agent.stream(0, "\r\n\r\n")).end.write(bytes(response));
    expect(await visitorGets(s, "Trailer: t\r\n\r\n")).toBe(response);
  });

  test("takes the edge's own field from an upstream's response", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes("HTTP/1.1 200 OK\r\nNGROK-error-code: ERR_NGROK_3200\r\nContent-Length: 0\r\n\r\n"));
    expect(await visitorGets(s, "\r\n\r\n")).toBe("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });

  test("uses one stream for the requests of a connection, also pipelined ones, in order", async () => {
    const s = scene();
    s.visitor.write(bytes(GET.replace("/x", "/1") + GET.replace("/x", "/2")));
    const { end, heard } = await s.agent.stream(0, "/1");
    expect(heard.text).not.toContain("/2");
    end.write(bytes(OK.replace("ok", "o1")));
    await s.agent.stream(0, "/2");
    end.write(bytes(OK.replace("ok", "o2")));
    expect(await visitorGets(s, "o2")).toBe(OK.replace("ok", "o1") + OK.replace("ok", "o2"));
    expect(s.agent.streams).toHaveLength(1);
  });

  test("passes interim responses on, and a response before the request is whole", async () => {
    const s = scene();
    s.visitor.write(bytes("POST / HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"));
    const { end, heard } = await s.agent.stream(0, "Expect: 100-continue");
    end.write(bytes("HTTP/1.1 100 Continue\r\n\r\n"));
    await visitorGets(s, "100 Continue\r\n\r\n");
    s.visitor.write(bytes("ab"));
    await s.agent.stream(0, "\r\n\r\nab");
    end.write(bytes(OK));
    await visitorGets(s, OK);
    s.visitor.write(bytes(`cd${GET}`));
    await heard.until(() => heard.text.includes("abcdGET /x"));
  });

  test("becomes a tunnel after 101, with the bytes that both sides sent ahead", async () => {
    const s = scene();
    s.visitor.write(bytes("GET /ws HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly"));
    const { end } = await s.agent.stream(0, "Upgrade: echo");
    end.write(bytes("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello"));
    await visitorGets(s, "\r\n\r\nhello");
    await s.agent.stream(0, "early");
    s.visitor.write(bytes("more"));
    await s.agent.stream(0, "earlymore");
    s.visitor.end();
    const { heard } = await s.agent.stream(0);
    await heard.until(() => heard.hasEnded);
    end.write(bytes("late"));
    await visitorGets(s, "late");
  });

  test("lets a visitor that ended its direction have the response", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    s.visitor.end();
    (await s.agent.stream(0, "\r\n\r\n")).end.write(bytes(OK));
    await visitorGets(s, OK);
    await s.heard.until(() => s.heard.hasEnded);
  });

  test("ends a response that only the end of the connection ends", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes("HTTP/1.1 200 OK\r\n\r\nuntil the end"));
    end.end();
    await s.heard.until(() => s.heard.hasEnded);
    expect(s.heard.text).toEndWith("until the end");
  });

  test.each([
    ["ends", (end: Duplex) => end.end()],
    ["resets", (end: Duplex) => end.reset()],
  ])("resets a visitor whose response is cut when the upstream %s", async (_, cut) => {
    const s = scene();
    s.visitor.write(bytes(GET));
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"));
    await visitorGets(s, "part");
    cut(end);
    await s.heard.until(() => s.heard.isClosed);
    expect(s.heard.cause).toBeDefined();
  });

  test("resets the stream when a visitor goes in the middle of an exchange", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    const { heard } = await s.agent.stream(0, "\r\n\r\n");
    s.visitor.reset();
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toBeDefined();
  });

  test("ends the stream in order when a visitor goes between exchanges", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    const { end, heard } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes(OK));
    await visitorGets(s, OK);
    s.visitor.end();
    await heard.until(() => heard.hasEnded);
    end.end();
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toBeUndefined();
  });
});

describe("HttpVisitor answers itself", () => {
  test.each([
    ["404 for a host that is not online", "GET / HTTP/1.1\r\nHost: no.test\r\n\r\n", "404 Not Found", "ERR_NGROK_3200"],
    ["501 for CONNECT", "CONNECT app.test:443 HTTP/1.1\r\nHost: app.test:443\r\n\r\n", "501", "ERR_GINNEL_CONNECT"],
    [
      "400 for ambiguous framing",
      "POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "400 Bad Request",
      "ERR_GINNEL_BAD_REQUEST",
    ],
    [
      "431 for a head that is too large",
      `GET / HTTP/1.1\r\nHost: app.test\r\nX: ${"x".repeat(1_100_000)}\r\n\r\n`,
      "431 Request Header Fields Too Large",
      "ERR_GINNEL_BAD_REQUEST",
    ],
  ])("%s, and no agent sees it", async (_, request, status, code) => {
    const s = scene();
    s.visitor.write(bytes(request));
    const answer = await visitorGets(s, code);
    expect(answer).toStartWith(`HTTP/1.1 ${status}`);
    expect(answer).toContain(`\r\nDate: ${ManualClock.dateAt(0).toUTCString()}\r\n`);
    expect(s.agent.streams).toHaveLength(0);
  });

  test("and says what is wrong with a request once", async () => {
    const s = scene();
    s.visitor.write(bytes("GET / HTTP/1.1\r\n\r\n"));
    const answer = await visitorGets(s, "ERR_GINNEL_BAD_REQUEST\n");
    expect(answer).toContain("\r\n\r\nBad request: there is no Host field (RFC 9112 section 3.2)\n");
  });

  test("and goes on with the next request when it knows where that begins", async () => {
    const s = scene();
    s.visitor.write(bytes(`GET / HTTP/1.1\r\nHost: no.test\r\n\r\n${GET}`));
    (await s.agent.stream(0, "GET /x")).end.write(bytes(OK));
    expect(await visitorGets(s, OK)).toContain("ERR_NGROK_3200");
  });

  test("a thousand times in a row without harm", async () => {
    const s = scene();
    s.visitor.write(bytes("GET / HTTP/1.1\r\nHost: no.test\r\n\r\n".repeat(1000) + GET));
    (await s.agent.stream(0, "GET /x")).end.write(bytes(OK));
    const answers = await visitorGets(s, OK);
    expect(answers.split("HTTP/1.1 404")).toHaveLength(1001);
  });

  test("and ends the connection when a body is still to come", async () => {
    const s = scene();
    s.visitor.write(bytes("POST / HTTP/1.1\r\nHost: no.test\r\nContent-Length: 10\r\n\r\n12345"));
    expect(await visitorGets(s, "ERR_NGROK_3200")).toContain("Connection: close\r\n");
    await s.heard.until(() => s.heard.hasEnded);
  });

  test("and ends the connection after CONNECT, behind which need not be HTTP", async () => {
    const s = scene();
    s.visitor.write(bytes(`CONNECT app.test:443 HTTP/1.1\r\nHost: app.test:443\r\n\r\n${GET}`));
    expect(await visitorGets(s, "ERR_GINNEL_CONNECT")).toContain("Connection: close\r\n");
    await s.heard.until(() => s.heard.hasEnded);
    expect(s.agent.streams).toHaveLength(0);
  });

  test("400 for a body whose framing breaks, as long as nothing was answered, and takes the request back", async () => {
    const s = scene();
    s.visitor.write(bytes("POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"));
    const { end, heard } = await s.agent.stream(0, "ab");
    s.visitor.write(bytes("zz\r\n"));
    expect(await visitorGets(s, "ERR_GINNEL_BAD_REQUEST")).toStartWith("HTTP/1.1 400 Bad Request\r\n");
    await heard.until(() => heard.cause !== undefined);
    end.reset();
  });

  test("a body whose framing breaks behind the start of the answer with a reset", async () => {
    const s = scene();
    s.visitor.write(bytes("POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"));
    (await s.agent.stream(0, "ab")).end.write(bytes("HTTP/1.1 100 Continue\r\n\r\n"));
    await visitorGets(s, "100 Continue\r\n\r\n");
    s.visitor.write(bytes("zz\r\n"));
    await s.heard.until(() => s.heard.cause !== undefined);
  });

  test("401 without or with wrong credentials, for every method, and lets the right ones pass", async () => {
    const s = scene({
      endpoints: (agent) => [endpointOf(agent, "app.test", { basicAuth: new BasicAuth(["u:password"]) })],
    });
    const wrong = `Authorization: Basic ${btoa("u:wrong")}\r\n`;
    s.visitor.write(bytes("OPTIONS / HTTP/1.1\r\nHost: app.test\r\n\r\n"));
    s.visitor.write(bytes(`GET / HTTP/1.1\r\nHost: app.test\r\n${wrong}\r\n`));
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    s.visitor.write(bytes(`GET / HTTP/1.1\r\nHost: app.test\r\n${upgrade}\r\n`));
    await s.heard.until(() => s.heard.text.split("401 Unauthorized\n").length === 4);
    expect(s.heard.text).toContain('WWW-Authenticate: Basic realm="ngrok"\r\n');
    expect(s.agent.streams).toHaveLength(0);
    s.visitor.write(bytes(`GET / HTTP/1.1\r\nHost: app.test\r\nAuthorization: Basic ${btoa("u:password")}\r\n\r\n`));
    await s.agent.stream(0, `Authorization: Basic ${btoa("u:password")}`);
  });

  test("421 for a host of another account than the handshake named", async () => {
    const s = scene({
      scheme: "https",
      serverName: "mine.test",
      endpoints: (agent) => [
        endpointOf(agent, "mine.test"),
        endpointOf(agent, "mine-too.test"),
        endpointOf(agent, "other.test", {}, "ac_2"),
      ],
    });
    s.visitor.write(bytes("GET / HTTP/1.1\r\nHost: other.test\r\n\r\n"));
    expect(await visitorGets(s, "ERR_GINNEL_MISDIRECTED")).toStartWith("HTTP/1.1 421");
    s.visitor.write(bytes("GET / HTTP/1.1\r\nHost: mine-too.test\r\n\r\n"));
    await s.agent.stream(0, "mine-too.test");
  });

  test("503 when the agent takes no more streams", async () => {
    const s = scene();
    s.agent.isFull = true;
    s.visitor.write(bytes(GET));
    expect(await visitorGets(s, "ERR_GINNEL_BUSY")).toStartWith("HTTP/1.1 503");
  });

  test("502 when the agent's session is on its way out, since the agent is lost and not busy", async () => {
    const s = scene();
    s.agent.isOpen = false;
    s.visitor.write(bytes(GET));
    expect(await visitorGets(s, "ERR_")).toContain("ERR_NGROK_3210");
  });

  test.each([
    ["the upstream refused", RESET_CODES.upstreamRefused, "ERR_NGROK_8012", "connection refused"],
    ["its TLS failed", RESET_CODES.upstreamTlsFailed, "ERR_NGROK_8012", "the TLS handshake failed"],
    ["it closed without an answer", RESET_CODES.upstreamClosedWithoutAnswer, "ERR_NGROK_3004", "without an answer"],
    ["it reset the connection", undefined, "ERR_NGROK_3004", "without an answer"],
    ["the agent no longer knows the tunnel", RESET_CODES.unknownBind, "ERR_NGROK_3210", "app.test"],
  ])("502 when %s", async (_, code, errorCode, text) => {
    const s = scene();
    s.visitor.write(bytes(GET));
    (await s.agent.stream(0, "\r\n\r\n")).end.reset(code);
    const answer = await visitorGets(s, errorCode);
    expect(answer).toStartWith("HTTP/1.1 502 Bad Gateway\r\n");
    expect(answer).toContain(text);
  });

  test("502 when the upstream does not speak HTTP", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    (await s.agent.stream(0, "\r\n\r\n")).end.write(bytes("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
    const answer = await visitorGets(s, "ERR_NGROK_3004\n");
    expect(answer).toStartWith("HTTP/1.1 502");
    expect(answer).toContain("did not answer with valid HTTP: the start line names no version of HTTP (");
  });
});

describe("HttpVisitor, when a kept stream ends under the next request,", () => {
  async function secondRequest(request: string): Promise<Scene> {
    const s = scene();
    s.visitor.write(bytes(GET));
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes(OK));
    await visitorGets(s, OK);
    s.visitor.write(bytes(request));
    await s.agent.stream(0, "/second");
    end.end();
    return s;
  }

  test("sends an idempotent request without a body again, once", async () => {
    const s = await secondRequest("GET /second HTTP/1.1\r\nHost: app.test\r\n\r\n");
    const again = await s.agent.stream(1, "GET /second");
    again.end.end();
    await visitorGets(s, "ERR_NGROK_3004");
    expect(s.agent.streams).toHaveLength(2);
  });

  test.each([
    ["POST", "POST /second HTTP/1.1\r\nHost: app.test\r\n\r\n"],
    ["with a body", "PUT /second HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1\r\n\r\n1"],
  ])("never sends a request again that is %s", async (_, request) => {
    const s = await secondRequest(request);
    await visitorGets(s, "ERR_NGROK_3004");
    expect(s.agent.streams).toHaveLength(1);
  });

  test("says that the agent was lost when that is why, not that it is busy", async () => {
    const online: Endpoint[] = [];
    const s = scene({
      endpoints: (agent) => {
        online.push(endpointOf(agent, "app.test"));
        return online;
      },
    });
    s.visitor.write(bytes(GET));
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes(OK));
    await visitorGets(s, OK);
    s.visitor.write(bytes("GET /second HTTP/1.1\r\nHost: app.test\r\n\r\n"));
    await s.agent.stream(0, "/second");
    online[0]?.leave(s.agent);
    end.reset();
    expect(await visitorGets(s, "ERR_")).toContain("ERR_NGROK_3210");
  });
});

describe("HttpVisitor deadlines", () => {
  test("reset a connection whose first head does not become whole", async () => {
    const s = scene({ initial: "GET / HTTP/1.1\r\nHost:" });
    s.clock.advance(32_000);
    await s.heard.until(() => s.heard.isClosed);
    expect([s.heard.cause?.code, s.visitors.count, s.clock.pending]).toEqual(["RESET", 0, 0]);
  });

  test("end one whose later head does not become whole in order, since it may still be reading", async () => {
    const s = scene({ initial: "GET / HTTP/1.1\r\nHost: no.test\r\n\r\nGET / HTTP" });
    await visitorGets(s, "ERR_NGROK_3200");
    s.clock.advance(32_000);
    await s.heard.until(() => s.heard.hasEnded);
    expect(s.heard.isClosed).toBe(false);
  });

  test("reset an exchange in which nothing happens, and tell the upstream", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    const { heard } = await s.agent.stream(0, "\r\n\r\n");
    s.clock.advance(310_000);
    await s.heard.until(() => s.heard.isClosed);
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toBeDefined();
  });

  test("do not touch an exchange that goes on slowly", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"));
    for (let sent = 0; sent < 10; sent += 1) {
      s.clock.advance(200_000);
      end.write(bytes(String(sent)));
      await visitorGets(s, `\r\n\r\n${"0123456789".slice(0, sent + 1)}`);
    }
    expect(s.heard.isClosed).toBe(false);
  });
});

test("HttpVisitor of a draining edge lets the exchange end, says so, and ends the connection", async () => {
  const s = scene();
  s.visitor.write(bytes(GET));
  const { end } = await s.agent.stream(0, "\r\n\r\n");
  const drained = s.visitors.drain();
  end.write(bytes(OK));
  await s.heard.until(() => s.heard.hasEnded);
  expect(s.heard.text).toBe("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
  await drained;
});

test("HttpVisitor stops reading an upload that the upstream does not take", async () => {
  const s = scene();
  const total = 64 * 1024 * 1024;
  s.visitor.write(bytes(`POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: ${total}\r\n\r\n`));
  const { end } = await s.agent.stream(0, "\r\n\r\n");
  end.pause();
  const chunk = new Uint8Array(64 * 1024);
  let written = 0;
  while (written < total && s.visitor.write(chunk)) {
    written += chunk.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(written).toBeLessThan(8 * 1024 * 1024);
  s.visitor.reset();
});

describe("HttpVisitor takes a 101 for no HTTP", () => {
  const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nGET /raw";
  const UPGRADE = "Connection: Upgrade\r\nUpgrade: echo\r\n";

  test.each([
    ["that nobody asked for", GET],
    ["to HTTP/1.0, which has no upgrade", `GET /x HTTP/1.0\r\nHost: app.test\r\n${UPGRADE}\r\n`],
    ["to an Upgrade that Connection does not list", "GET /x HTTP/1.1\r\nHost: app.test\r\nUpgrade: echo\r\n\r\n"],
    ["before the request is whole", `POST /x HTTP/1.1\r\nHost: app.test\r\n${UPGRADE}Content-Length: 9\r\n\r\n1`],
  ])("%s", async (_, request) => {
    const s = scene();
    s.visitor.write(bytes(request));
    const { end, heard } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes(SWITCH));
    const answer = await visitorGets(s, "ERR_NGROK_3004");
    expect(answer).toStartWith("HTTP/1.1 502 Bad Gateway\r\n");
    expect(answer).not.toContain("GET /raw");
    await heard.until(() => heard.isClosed);
    expect(heard.cause).toBeDefined();
  });

  test("and opens another stream for the next request", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    (await s.agent.stream(0, "\r\n\r\n")).end.write(bytes(SWITCH));
    await visitorGets(s, "ERR_NGROK_3004");
    s.visitor.write(bytes(GET));
    (await s.agent.stream(1, "\r\n\r\n")).end.write(bytes(OK));
    await visitorGets(s, OK);
  });
});

test("HttpVisitor tells the upstream of an upgrade that the visitor ended its direction before", async () => {
  const s = scene();
  s.visitor.write(bytes("GET /ws HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"));
  s.visitor.end();
  const { end, heard } = await s.agent.stream(0, "Upgrade: echo");
  end.write(bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
  await heard.until(() => heard.hasEnded);
  end.write(bytes("late"));
  await visitorGets(s, "late");
  end.end();
  await s.heard.until(() => s.heard.isClosed);
  expect(s.heard.cause).toBeUndefined();
  await eventually("the visitor is forgotten", () => s.visitors.count === 0);
});

describe("HttpVisitor ends a connection", () => {
  const LARGE = `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${8 << 20}\r\n\r\n`;

  test("only when a slow visitor has taken everything, and is among the open ones until then", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    s.visitor.pause();
    end.write(bytes(LARGE));
    end.write(new Uint8Array(8 << 20));
    await eventually("the exchange is over", () => s.agent.streams[0]?.heard.hasEnded === true);
    s.clock.advance(60_000);
    await quiet();
    let isDrained = false;
    const drained = s.visitors.drain().then(() => {
      isDrained = true;
    });
    await quiet();
    expect(isDrained).toBe(false);
    s.visitor.resume();
    await s.heard.until(() => s.heard.hasEnded);
    expect(s.heard.bytesHeard).toBe(LARGE.length + (8 << 20));
    await drained;
  });

  test("by a reset when the visitor does not end its side for the idle time", async () => {
    const s = scene();
    s.visitor.write(bytes("GET / HTTP/1.1\r\nHost: no.test\r\nConnection: close\r\n\r\n"));
    await s.heard.until(() => s.heard.hasEnded);
    s.clock.advance(60_000);
    await quiet();
    expect(s.heard.isClosed).toBe(false);
    s.clock.advance(250_000);
    await s.heard.until(() => s.heard.isClosed);
    expect([s.heard.cause?.code, s.clock.pending]).toEqual(["RESET", 0]);
  });
});

test("HttpVisitor resets an idle visitor that was ended and keeps its side open", async () => {
  const s = scene();
  s.visitor.write(bytes(GET));
  (await s.agent.stream(0, "\r\n\r\n")).end.write(bytes(OK));
  await visitorGets(s, OK);
  s.clock.advance(302_000);
  await s.heard.until(() => s.heard.hasEnded);
  expect([s.heard.isClosed, s.visitors.count]).toEqual([false, 1]);
  s.clock.advance(302_000);
  await s.heard.until(() => s.heard.isClosed);
  expect([s.heard.cause?.code, s.visitors.count, s.clock.pending]).toEqual(["RESET", 0, 0]);
});

describe("HttpVisitor of an edge that drains", () => {
  test("ends after a response that began before", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    const { end } = await s.agent.stream(0, "\r\n\r\n");
    end.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"));
    await visitorGets(s, "\r\n\r\no");
    const drained = s.visitors.drain();
    end.write(bytes("k"));
    await s.heard.until(() => s.heard.hasEnded);
    expect(s.heard.text).toEndWith("ok");
    await drained;
  });

  test("ends a connection between two requests at once", async () => {
    const s = scene();
    s.visitor.write(bytes(GET));
    (await s.agent.stream(0, "\r\n\r\n")).end.write(bytes(OK));
    await visitorGets(s, "ok");
    await s.visitors.drain();
    await s.heard.until(() => s.heard.hasEnded);
  });

  test("waits a second for the first request of a connection, also for the rest of its head", async () => {
    const s = scene();
    const drained = s.visitors.drain();
    s.visitor.write(bytes(GET.slice(0, 10)));
    await quiet();
    s.visitor.write(bytes(GET.slice(10)));
    (await s.agent.stream(0, "\r\n\r\n")).end.write(bytes(OK));
    await s.heard.until(() => s.heard.hasEnded);
    expect(s.heard.text).toContain("Connection: close\r\n");
    await drained;
  });

  test("ends a connection on which no request comes within that second", async () => {
    const s = scene();
    const drained = s.visitors.drain();
    s.clock.advance(3_000);
    await drained;
    await s.heard.until(() => s.heard.hasEnded);
    expect(s.heard.text).toBe("");
  });

  test("serves the request that a new connection brings", async () => {
    const s = scene({ draining: true, initial: GET });
    (await s.agent.stream(0, "\r\n\r\n")).end.write(bytes(OK));
    await s.heard.until(() => s.heard.hasEnded);
    expect(s.heard.text).toContain("Connection: close\r\n");
    await s.visitors.drain();
  });
});
