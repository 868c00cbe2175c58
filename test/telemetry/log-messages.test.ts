import { expect, test } from "bun:test";
import { formatJsonLine } from "../../src/telemetry/json-lines.ts";
import { LineLogger } from "../../src/telemetry/line-logger.ts";
import * as messages from "../../src/telemetry/log-messages.ts";
import { formatLogfmt } from "../../src/telemetry/logfmt.ts";
import type { Logger } from "../../src/telemetry/logger.ts";

function printed(say: (log: Logger) => void, format = formatLogfmt): string {
  const lines: string[] = [];
  const clock = { date: () => new Date(0) };
  say(new LineLogger({ level: "debug", format, clock, write: (line) => lines.push(line) }));
  return lines
    .join("")
    .replace(/^t=\S+ /, "")
    .trimEnd();
}

const refusal = "authentication failed: no such token\r\n\r\nERR_NGROK_107\r\n";

/** Published lines: reference.md 6.2, clients.md section 6. */
const LINES: readonly (readonly [string, (log: Logger) => void])[] = [
  ['lvl=info msg="no configuration paths supplied"', (log) => messages.noConfigurationPaths(log)],
  [
    'lvl=info msg="using configuration at default config path" path=/a/b',
    (log) => messages.usingDefaultConfig(log, "/a/b"),
  ],
  [
    'lvl=info msg="ignoring default config path, could not stat it" path=/a/b err=gone',
    (log) => messages.ignoringDefaultConfig(log, "/a/b", new Error("gone")),
  ],
  ['lvl=info msg="open config file" path=/a/b err=nil', (log) => messages.openedConfigFile(log, "/a/b")],
  [
    'lvl=info msg="starting web service" obj=web addr=127.0.0.1:4040 allow_hosts=[]',
    (log) => messages.startingWebService(log, { addr: "127.0.0.1:4040", allowHosts: [] }),
  ],
  [
    `lvl=warn msg="can't bind default web address, trying alternatives" obj=web addr=127.0.0.1:4040`,
    (log) => messages.tryingOtherWebAddress(log, "127.0.0.1:4040"),
  ],
  [
    "lvl=info msg=start pg=/api/tunnels id=0123",
    (log) => messages.apiCallStarted(log, { path: "/api/tunnels", id: "0123" }),
  ],
  [
    "lvl=info msg=end pg=/api/tunnels id=0123 status=200 dur=1.5ms",
    (log) => messages.apiCallEnded(log, { path: "/api/tunnels", id: "0123", status: 200, duration: "1.5ms" }),
  ],
  [
    'lvl=info msg="client session established" obj=tunnels.session id=1a2b3c4d5e6f',
    (log) => messages.clientSessionEstablished(log, "1a2b3c4d5e6f"),
  ],
  ['lvl=info msg="tunnel session started" obj=tunnels.session', (log) => messages.tunnelSessionStarted(log)],
  [
    'lvl=info msg="started tunnel" obj=tunnels name="command_line (http)" addr=http://localhost:80 url=http://a.example',
    (log) =>
      messages.startedTunnel(log, {
        name: "command_line (http)",
        proto: "http",
        addr: "http://localhost:80",
        url: "http://a.example",
      }),
  ],
  [
    'lvl=info msg="started tunnel" obj=tunnels name=ssh addr=//localhost:22 url=tcp://a.example:10022',
    (log) =>
      messages.startedTunnel(log, { name: "ssh", proto: "tcp", addr: "localhost:22", url: "tcp://a.example:10022" }),
  ],
  [
    'lvl=info msg="started tunnel" obj=tunnels name=ssh addr=//localhost:22 url=tcp://a.example:10022',
    (log) =>
      messages.startedTunnel(log, {
        name: "ssh",
        proto: "tcp",
        addr: "tcp://localhost:22",
        url: "tcp://a.example:10022",
      }),
  ],
  [
    'lvl=warn msg="ignoring inspect: true because inspection database is disabled" name=web',
    (log) => messages.ignoringInspect(log, "web"),
  ],
  [
    'lvl=info msg="join connections" obj=join id=ab12 l=127.0.0.1:80 r=192.0.2.7:5000',
    (log) => messages.joinedConnections(log, { id: "ab12", upstream: "127.0.0.1:80", visitor: "192.0.2.7:5000" }),
  ],
  [
    'lvl=eror msg="heartbeat timeout, terminating session" obj=csess id=1 clientid=2 err="no answer in 15s"',
    (log) => messages.heartbeatTimedOut(log, { id: "1", clientId: "2", err: "no answer in 15s" }),
  ],
  [
    'lvl=eror msg="session closed, starting reconnect loop" obj=tunnels.session id=1 err=EOF',
    (log) => messages.sessionClosed(log, { id: "1", err: new Error("EOF") }),
  ],
  [
    String.raw`lvl=eror msg="failed to reconnect session" obj=tunnels.session id=1 err="authentication failed: no such token\r\n\r\nERR_NGROK_107\r\n"`,
    (log) => messages.failedToReconnect(log, { id: "1", err: refusal }),
  ],
  [
    'lvl=eror msg="session closing" obj=tunnels.session err=ERR_NGROK_334',
    (log) => messages.sessionClosing(log, "ERR_NGROK_334"),
  ],
  [
    'lvl=info msg="received stop request" obj=app stopReq=SIGTERM',
    (log) => messages.receivedStopRequest(log, "SIGTERM"),
  ],
  [
    String.raw`lvl=eror msg="terminating with error" obj=app err="authentication failed: no such token\r\n\r\nERR_NGROK_107\r\n"`,
    (log) => messages.terminatingWithError(log, refusal),
  ],
  ['lvl=crit msg="command failed" err=refused', (log) => messages.commandFailed(log, new Error("refused"))],
];

test.each(LINES)("the log prints %s", (line, say) => {
  expect(printed(say)).toBe(line);
});

test("every message of the log has a published line", () => {
  const source = LINES.map(([, say]) => say.toString()).join("\n");
  expect(Object.keys(messages).filter((name) => !source.includes(name))).toEqual([]);
});

test("no published line has a field called line, which a reader of the log could not take", () => {
  expect(LINES.filter(([, say]) => "line" in JSON.parse(printed(say, formatJsonLine)))).toEqual([]);
});

test("startedTunnel as JSON has name behind msg and url at the end, for readers that cut", () => {
  const say = LINES[10]?.[1] ?? (() => {});
  expect(printed(say, formatJsonLine)).toBe(
    '{"addr":"http://localhost:80","lvl":"info","msg":"started tunnel","name":"command_line (http)","obj":"tunnels",' +
      '"t":"1970-01-01T00:00:00.000Z","url":"http://a.example"}',
  );
});
