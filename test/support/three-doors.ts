/** A real edge with three endpoints of different authorisation, and what their upstreams get, octet for octet. */
import { type ClientHttp2Session, connect } from "node:http2";
import { forwardedRequest } from "../../src/edge/visitors/forwarded-heads.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { nodeStream } from "../../src/net/node-stream.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import { connectTls } from "../../src/net/tls-client.ts";
import { clientTlsContext } from "../../src/net/tls-context.ts";
import type { RequestHead } from "../../src/protocol/http1/request-head.ts";
import { type OwnMessage, readOwnRequests, sentOn } from "./http1-reading.ts";
import { RawEnd } from "./raw-end.ts";
import { EDGE_CA_PEM, type EdgeAgent, LOOPBACK, testEdge, type TestEdge } from "./test-edge.ts";
import type { Scheme } from "./tunnel-system.ts";
import { eventually } from "./turns.ts";

/** Named as in smuggling-cases.ts: everybody may visit `a`, `b` wants a password, and `c` lets in nobody from here. */
export const OPEN = "a";
export const LOCKED = "b";
export const WALLED = "c";
const PASSWORD = "long-password";
/** What opens LOCKED, as the value of Authorization. */
export const PASSWORD_FIELD = `Basic ${btoa(`ann:${PASSWORD}`)}`;
/** The same as a field line of HTTP/1. */
export const WITH_PASSWORD = `Authorization: ${PASSWORD_FIELD}\r\n`;
/** Where LOCKED and WALLED are told whom they let in. */
export const GUARDS = [
  "options of the bind",
  "a policy for requests",
  "a policy for connections and requests",
] as const;
export type Guard = (typeof GUARDS)[number];

const NOBODY_FROM_HERE = [{ type: "restrict-ips", config: { deny: ["127.0.0.0/8"] } }];
const WITH_PASSWORD_ONLY = [{ type: "basic-auth", config: { credentials: [`ann:${PASSWORD}`] } }];
const byPolicy = (phase: string, actions: readonly object[]): object => ({
  TrafficPolicy: JSON.stringify({ [phase]: [{ actions }] }),
});

/** Options of binds. */
const GUARDED: Readonly<Record<Guard, Readonly<Record<typeof LOCKED | typeof WALLED, object>>>> = {
  "options of the bind": {
    [LOCKED]: { BasicAuth: { credentials: [{ username: "ann", cleartext_password: PASSWORD }] } },
    [WALLED]: { IPRestriction: { deny_cidrs: ["127.0.0.0/8"] } },
  },
  "a policy for requests": {
    [LOCKED]: byPolicy("on_http_request", WITH_PASSWORD_ONLY),
    [WALLED]: byPolicy("on_http_request", NOBODY_FROM_HERE),
  },
  "a policy for connections and requests": {
    [LOCKED]: byPolicy("on_http_request", WITH_PASSWORD_ONLY),
    [WALLED]: byPolicy("on_tcp_connect", NOBODY_FROM_HERE),
  },
};

export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/** Fit for HEAD too. */
export const EMPTY_OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

const CLIENT_TLS = clientTlsContext([EDGE_CA_PEM]);

export class ThreeDoors implements AsyncDisposable {
  readonly #edge: TestEdge;
  readonly #agent: EdgeAgent;
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #scheme: Scheme;
  readonly #answered = new Map<Duplex, number>();

  private constructor(edge: TestEdge, agent: EdgeAgent, hosts: ReadonlyMap<string, string>, scheme: Scheme) {
    this.#edge = edge;
    this.#scheme = scheme;
    this.#agent = agent;
    this.#hosts = hosts;
  }

  /** All of them for visitors of this scheme only. */
  static async open(scheme: Scheme = "http", guard: Guard = "options of the bind"): Promise<ThreeDoors> {
    const edge = testEdge();
    const agent = await edge.agent();
    const options = { [OPEN]: {}, ...GUARDED[guard] };
    const hosts = new Map<string, string>();
    for (const [host, more] of Object.entries(options)) {
      const { bindId } = await agent.bind({ Proto: scheme, Opts: { Domain: host, ...more } });
      hosts.set(bindId, host);
    }
    return new ThreeDoors(edge, agent, hosts, scheme);
  }

  /** Behind TLS it has named OPEN. */
  async visitor(alpn: readonly string[] = []): Promise<RawEnd> {
    return new RawEnd(await this.#dial(alpn));
  }

  /** One connection of HTTP/2, for doors of https, which has named OPEN. Its errors are looked at by nobody. */
  async http2(): Promise<ClientHttp2Session> {
    const stream = nodeStream(await this.#dial(["h2"]));
    const session = connect(`https://${OPEN}`, { createConnection: () => stream });
    for (const each of [stream, session]) each.on("error", () => {});
    return session;
  }

  async #dial(alpn: readonly string[]): Promise<Duplex> {
    const port = this.#scheme === "http" ? this.#edge.http : this.#edge.https;
    const plain = await dialTcp({ host: LOOPBACK, port }, { timeoutMs: 5_000 });
    if (this.#scheme === "http") return plain;
    const tls = { context: CLIENT_TLS, serverName: OPEN, verify: true, alpn, timeoutMs: 5_000 };
    return (await connectTls(plain, tls)).connection;
  }

  /** By the upstream of that endpoint, over all of its streams. */
  got(host: string): string {
    return this.#of(host)
      .map(({ payload, heard }) => payload + heard.text)
      .join("");
  }

  /** The stream of this number, once it was opened and has brought the text. */
  async stream(host: string, number: number, text: string): Promise<Duplex> {
    const brought = (): string => {
      const { payload = "", heard } = this.#of(host)[number] ?? {};
      return payload + (heard?.text ?? "");
    };
    await eventually(`${host} got ${text}`, () => brought().includes(text));
    const found = this.#of(host)[number];
    if (found === undefined) throw new Error("no stream");
    return found.stream;
  }

  /** Answers every whole request that was not answered yet. */
  answerAll(): void {
    for (const { payload, heard, stream } of this.#agent.agent.proxies) {
      const { messages } = readOwnRequests(payload + heard.text);
      const answered = this.#answered.get(stream) ?? 0;
      const whole = messages.filter(({ isWhole }) => isWhole).length;
      if (whole > answered) stream.write(Buffer.from(EMPTY_OK.repeat(whole - answered)));
      this.#answered.set(stream, whole);
    }
  }

  #of(host: string) {
    return this.#agent.agent.proxies.filter(({ header }) => this.#hosts.get(header.bindId) === host);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#edge.end();
  }
}

/** A request without a body; `more` are field lines. */
export function get(path: string, host: string, more = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
}

/** A request as the upstream is to get it. */
export function onward(wire: string, scheme: Scheme = "http"): string {
  return sentTo(readOwnRequests(wire).messages, scheme);
}

export function sentTo(messages: readonly OwnMessage<RequestHead>[], scheme: Scheme = "http"): string {
  return sentOn(messages, (head) => forwardedRequest(head, { address: "127.0.0.1:1", scheme }));
}

/** Of all responses in there. */
export function statusesIn(heard: string): readonly number[] {
  return [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
