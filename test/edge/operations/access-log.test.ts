import { describe, expect, test } from "bun:test";
import { AccessLog } from "../../../src/edge/operations/access-log.ts";
import { newExchange } from "../../../src/edge/visitors/exchange.ts";
import { type RequestHandler, RequestReader } from "../../../src/protocol/http1/request-reader.ts";
import type { RequestHead } from "../../../src/protocol/http1/request-head.ts";
import { formatLogfmt } from "../../../src/telemetry/logfmt.ts";
import { LineLogger } from "../../../src/telemetry/line-logger.ts";
import { endpointOf, ScriptedAgent } from "../../support/scripted-agent.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function headOf(text: string): RequestHead {
  const heads: RequestHead[] = [];
  const handler: RequestHandler = {
    onHead: (head) => void heads.push(head),
    onBody: () => {},
    onComplete: () => {},
    onNoMore: () => {},
    onCut: () => {},
    onRefused: () => {},
  };
  new RequestReader(handler).receive(Buffer.from(text, "latin1"));
  const [head] = heads;
  if (head === undefined) throw new Error("no head");
  return head;
}

interface Noted {
  readonly accessLog: AccessLog;
  readonly clock: ManualClock;
  readonly lines: readonly string[];
}

function noted({ showsQuery = false } = {}): Noted {
  const lines: string[] = [];
  const clock = new ManualClock();
  const log = new LineLogger({ level: "info", format: formatLogfmt, clock, write: (line) => void lines.push(line) });
  return { accessLog: new AccessLog({ log, showsQuery, clock }), clock, lines };
}

/** Without its time. */
function bare(line: string | undefined): string {
  return (line ?? "").replace(/^t=\S+ /, "");
}

describe("AccessLog", () => {
  test("AccessLog tells of an exchange what it was, and nothing of its content", () => {
    const { accessLog, clock, lines } = noted();
    const head = headOf(
      "POST /orders?token=secret HTTP/1.1\r\nHost: app.test\r\nCookie: secret\r\nAuthorization: Basic c2VjcmV0\r\nContent-Length: 6\r\n\r\nsecret",
    );
    const exchange = newExchange(head, clock.nowMs());
    Object.assign(exchange, { status: 201, bytesIn: 150, bytesOut: 70, outcome: "answered" });
    clock.advance(12);
    accessLog.exchange(exchange, "https", "192.0.2.7:5000");
    expect(lines.map(bare)).toEqual([
      "lvl=info msg=exchange proto=https host=app.test visitor=192.0.2.7:5000 method=POST path=/orders status=201 bytes_in=150 bytes_out=70 ms=12 outcome=answered\n",
    ]);
  });

  test.each([
    ["/", false, "/"],
    ["/a?b=c", false, "/a"],
    ["/a?b=c", true, '"/a?b=c"'],
    ["http://app.test/a?b", false, "/a"],
    ["*", false, "*"],
    ["/%0a%00", false, "/%0a%00"],
    [`/${"x".repeat(3_000)}`, false, `/${"x".repeat(2_047)}…`],
  ])("AccessLog shows of %s (with query: %p) as path %s", (target, showsQuery, path) => {
    const { accessLog, lines } = noted({ showsQuery });
    const method = target === "*" ? "OPTIONS" : "GET";
    accessLog.exchange(newExchange(headOf(`${method} ${target} HTTP/1.1\r\nHost: app.test\r\n\r\n`), 0), "http", "<v>");
    expect(lines[0]).toContain(` path=${path} bytes_in`);
    expect(lines[0]).not.toContain("status=");
  });

  test("AccessLog keeps what hostile bytes there are inside their field", () => {
    const { accessLog, lines } = noted();
    const head = headOf('GET /"\x80\xff\\x=1 HTTP/1.1\r\nHost: app.test\r\n\r\n');
    accessLog.exchange(newExchange(head, 0), "http", "<v>");
    expect(lines[0]?.match(/path="([^"\\]|\\.)*" bytes_in=0/)).not.toBeNull();
    expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{Cc}]/u);
  });

  test("AccessLog tells which rule refused an exchange", () => {
    const { accessLog, lines } = noted();
    const exchange = newExchange(headOf("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n"), 0);
    Object.assign(exchange, { status: 401, outcome: "unauthorized", refusedBy: "basic_auth" });
    accessLog.exchange(exchange, "http", "<v>");
    expect(lines[0]).toEndWith("outcome=unauthorized refused_by=basic_auth\n");
  });

  test("AccessLog tells where a policy forwards to that is not there", () => {
    const { accessLog, lines } = noted();
    const exchange = newExchange(headOf("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n"), 0);
    const unreached = "https://api.internal";
    Object.assign(exchange, { refusedBy: "forward_internal", unreached });
    accessLog.exchange(exchange, "http", "<v>");
    const about = { visitorAddress: "<v>", startedMs: 0, bytesIn: 0, bytesOut: 0, end: "none" } as const;
    const endpoint = endpointOf(new ScriptedAgent(), "app.test");
    accessLog.connection({ ...about, endpoint, refusedBy: "forward_internal", unreached });
    for (const line of lines) expect(line).toEndWith("refused_by=forward_internal unreached=https://api.internal\n");
    expect(lines).toHaveLength(2);
  });

  test("AccessLog tells of what is no request only who sent it", () => {
    const { accessLog, lines } = noted();
    accessLog.malformedHead("http", 400, "192.0.2.7:5000");
    expect(lines.map(bare)).toEqual([
      "lvl=info msg=exchange proto=http visitor=192.0.2.7:5000 status=400 outcome=malformed\n",
    ]);
  });

  test.each([
    ["closed", undefined, "closed"],
    ["reset", undefined, "reset"],
    ["none", undefined, "refused"],
    ["none", "restrict_ips", "refused refused_by=restrict_ips"],
  ] as const)("AccessLog calls a connection that ended as %s by %p %s", (end, refusedBy, outcome) => {
    const { accessLog, clock, lines } = noted();
    const endpoint = endpointOf(new ScriptedAgent(), "app.test");
    clock.advance(1_000);
    accessLog.connection({ endpoint, visitorAddress: "<v>", startedMs: 0, bytesIn: 1, bytesOut: 2, end, refusedBy });
    const { proto } = endpoint.facts;
    expect(bare(lines[0])).toStartWith(`lvl=info msg=connection proto=${proto} host=`);
    expect(lines[0]).toEndWith(`bytes_in=1 bytes_out=2 ms=1000 outcome=${outcome}\n`);
  });
});
