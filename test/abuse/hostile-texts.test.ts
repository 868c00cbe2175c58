/**
 * Whatever text a visitor, an agent or an upstream puts where an edge logs it stays on one line, and steers no terminal: by an escape, a
 * line of its own, a turned direction, or what nobody sees. In every format of the log and of the access log, on every level.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import { AccessLog } from "../../src/edge/operations/access-log.ts";
import { openDirectory } from "../../src/edge/static-directory.ts";
import { pipe } from "../../src/net/pipe.ts";
import { UNBIND } from "../../src/protocol/rpc/agent-calls.ts";
import { AUTH } from "../../src/protocol/rpc/auth.ts";
import { BIND } from "../../src/protocol/rpc/bind.ts";
import { formatJsonLine } from "../../src/telemetry/json-lines.ts";
import { LineLogger } from "../../src/telemetry/line-logger.ts";
import type { LogFormatter } from "../../src/telemetry/log-record.ts";
import { formatLogfmt } from "../../src/telemetry/logfmt.ts";
import { termFormatter } from "../../src/telemetry/term-format.ts";
import { bindRequest } from "../support/bind-request.ts";
import { rawVisitor } from "../support/raw-end.ts";
import { PlayedAgent } from "../support/session-pair.ts";
import { EDGE_CA_PEM, testEdge, type TestEdge } from "../support/test-edge.ts";
import { eventually, quiet } from "../support/turns.ts";

/** Colours, the title of the window, the clipboard, a report that is typed in, and a line that looks like ours. */
const ESCAPES = [
  "\u001b[31mred",
  "\u001b]0;owned\u0007",
  "\u001b]52;c;b3duZWQ=\u0007",
  "\u001b]8;;http://evil.example\u001b\\link\u001b]8;;\u001b\\",
  "\u001b[6n",
  "\u001b[2J\u001b[H",
  "\u009b31m",
  "\u009d0;owned\u009c",
  "\u0090q\u009c",
  "a\rb",
  'a\nlvl=crit msg=forged t=0\n{"lvl":"crit","msg":"forged"}\n',
  "a\u0085b\u2028c\u2029d",
  "a\u000bb\u000cc",
  "\u0000\b\u007f",
  "\u202egpj.exe",
  "\u2066a\u2069\u061c\u200e\u200f",
  "a\u200bb\u200c\u200d\u2060\ufeff\u00ad",
  "a\u{e0041}\u{e007f}b",
  "\u00a0\u3000\u2003",
  'a" lvl=crit msg="forged',
  "a\\",
  "'",
] as const;

const SELF_DESCRIPTION = [
  "Version",
  "OS",
  "Arch",
  "UserAgent",
  "ClientType",
  "Metadata",
  "Cookie",
  "ProxyType",
  "Hostname",
];

const STEERS = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;

/** With how a line of ours begins. */
const FORMATS: readonly (readonly [string, LogFormatter, RegExp])[] = [
  ["logfmt", formatLogfmt, /^t=\S+ lvl=(?:dbug|info|warn|eror|crit) msg=/],
  ["JSON", formatJsonLine, /^\{".*\}$/],
  ["the format of terminals", termFormatter(false), /^(?:DBUG|INFO|WARN|EROR|CRIT)\[/],
];

let running: TestEdge | undefined;
afterEach(() => running?.end());

/** An edge whose logs are lines of this format, both together. */
function loggingEdge(
  format: LogFormatter,
  refusesTokens = false,
): { readonly edge: TestEdge; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const log = new LineLogger({ level: "debug", format, write, clock: systemClock });
  const accessLog = new AccessLog({ log: log.with({ obj: "access" }), showsQuery: true, clock: systemClock });
  const refusing = { ...openDirectory, authenticate: () => Promise.resolve(undefined) };
  const edge = testEdge({ log, accessLog, ...(refusesTokens ? { directory: refusing } : {}) });
  running = edge;
  return { edge, lines };
}

function connect({ edge }: TestEdge): PlayedAgent {
  const [edgeEnd, agentEnd] = pipe({ remoteAddresses: ["192.0.2.1:1", "<edge>"] });
  edge.acceptAgent(edgeEnd);
  return new PlayedAgent(agentEnd);
}

function expectTame(lines: readonly string[], beginning: RegExp): void {
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    expect(line.endsWith("\n")).toBe(true);
    expect([line, STEERS.test(line.slice(0, -1))]).toEqual([line, false]);
    expect(line.slice(0, -1)).toMatch(beginning);
  }
}

describe.each(FORMATS)("In %s", (_, format, beginning) => {
  test.each(ESCAPES)("an agent that says %j of itself steers nothing", async (text) => {
    const { edge, lines } = loggingEdge(format);
    const agent = connect(edge);
    const extra = Object.fromEntries(SELF_DESCRIPTION.map((name) => [name, text]));
    await agent.session.call(AUTH, AUTH.request.schema.parse({ Version: ["3"], ClientId: text, Extra: extra }));
    const wire = {
      Proto: "http",
      Opts: { Domain: "a.edge.test" },
      ForwardsTo: text,
      Extra: { Metadata: text, Name: text },
    };
    const { bindId } = await agent.session.call(BIND, bindRequest(wire));
    const refused = { ...wire, Id: text, Opts: { Domain: `${text}.edge.test` } };
    await agent.session.call(BIND, bindRequest(refused)).catch(() => {});
    await agent.session.call(UNBIND, { bindId: text }).catch(() => {});
    await agent.session.call(UNBIND, { bindId });
    agent.session.close(text);
    await eventually("its end is logged", () => lines.some((line) => line.includes("agent session ended")));
    expectTame(lines, beginning);
  });

  test.each(ESCAPES)("an agent with the token %j steers nothing", async (text) => {
    const { edge, lines } = loggingEdge(format, true);
    const agent = connect(edge);
    const request = AUTH.request.schema.parse({ Version: [text], ClientId: text, Extra: { Authtoken: text } });
    const [settled] = await Promise.allSettled([agent.session.call(AUTH, request)]);
    expect(settled?.status).toBe("rejected");
    agent.session.close(text);
    await eventually("its end is logged", () => lines.length > 0);
    expectTame(lines, beginning);
  });

  test.each(ESCAPES)("a visitor and an upstream that say %j steer nothing", async (text) => {
    const { edge, lines } = loggingEdge(format);
    const { agent, bind } = await edge.agent();
    await bind({ Proto: "http", Opts: { Domain: "a.edge.test" }, ForwardsTo: "http://localhost:80" });
    const take = agent.onProxy.bind(agent);
    agent.onProxy = (header, stream, payload) => {
      take(header, stream, payload);
      stream.write(Buffer.from(`HTTP/1.1 200 ${text}\r\nX-Own: ${text}\r\n${text}: a\r\nContent-Length: 0\r\n\r\n`));
      stream.end();
    };
    const place = {
      scheme: "http",
      host: "a.edge.test",
      authority: "a.edge.test",
      port: edge.http,
      caPem: EDGE_CA_PEM,
    } as const;
    const usual = "Host: a.edge.test\r\nConnection: close\r\n";
    const encoded = encodeURIComponent(text.toWellFormed());
    const heads = [
      `GET /${text}?q=${text} HTTP/1.1\r\n${usual}`,
      `GET /${encoded}?q=${encoded} HTTP/1.1\r\n${usual}`,
      `${text} / HTTP/1.1\r\n${usual}`,
      `GET http://${text}/ HTTP/1.1\r\n${usual}`,
      `GET / HTTP/1.1\r\nHost: ${text}\r\nConnection: close\r\n`,
      `GET / HTTP/1.1\r\nHost: ${text}.edge.test\r\nConnection: close\r\n`,
      `GET / HTTP/1.1\r\n${usual}User-Agent: ${text}\r\nReferer: ${text}\r\nX-Forwarded-For: ${text}\r\n`,
      `GET / HTTP/1.1\r\n${usual}${text}: a\r\nUpgrade: ${text}\r\n`,
      `GET / ${text}\r\n${usual}`,
    ];
    for (const head of heads) {
      const before = lines.length;
      const visitor = await rawVisitor(place);
      visitor.connection.write(Buffer.from(`${head}\r\n`));
      await visitor.heard.until(() => visitor.heard.hasEnded || visitor.heard.isClosed);
      visitor.connection.reset();
      await eventually("it is logged", () => lines.length > before);
    }
    await quiet();
    expectTame(lines, beginning);
  });
});
