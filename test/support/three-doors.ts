/** A real edge with three endpoints of different authorisation, and what their upstreams get, octet for octet. */
import { forwardedRequest } from "../../src/edge/visitors/forwarded-heads.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { dialTcp } from "../../src/net/tcp-dial.ts";
import type { RequestHead } from "../../src/protocol/http1/request-head.ts";
import { type OwnMessage, readOwnRequests, sentOn } from "./http1-reading.ts";
import { RawEnd } from "./raw-end.ts";
import { type EdgeAgent, LOOPBACK, testEdge, type TestEdge } from "./test-edge.ts";
import { eventually } from "./turns.ts";

/** Named as in smuggling-cases.ts: everybody may visit `a`, `b` wants a password, and `c` lets in nobody from here. */
export const OPEN = "a";
export const LOCKED = "b";
export const WALLED = "c";
const PASSWORD = "long-password";
/** A field line that opens LOCKED. */
export const WITH_PASSWORD = `Authorization: Basic ${btoa(`ann:${PASSWORD}`)}\r\n`;
export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/** Fit for HEAD too. */
export const EMPTY_OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

export class ThreeDoors implements AsyncDisposable {
  readonly #edge: TestEdge;
  readonly #agent: EdgeAgent;
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #answered = new Map<Duplex, number>();

  private constructor(edge: TestEdge, agent: EdgeAgent, hosts: ReadonlyMap<string, string>) {
    this.#edge = edge;
    this.#agent = agent;
    this.#hosts = hosts;
  }

  static async open(): Promise<ThreeDoors> {
    const edge = testEdge();
    const agent = await edge.agent();
    const credentials = [{ username: "ann", cleartext_password: PASSWORD }];
    const options = {
      [OPEN]: {},
      [LOCKED]: { BasicAuth: { credentials } },
      [WALLED]: { IPRestriction: { deny_cidrs: ["127.0.0.0/8"] } },
    };
    const hosts = new Map<string, string>();
    for (const [host, more] of Object.entries(options)) {
      const { bindId } = await agent.bind({ Proto: "http", Opts: { Domain: host, ...more } });
      hosts.set(bindId, host);
    }
    return new ThreeDoors(edge, agent, hosts);
  }

  async visitor(): Promise<RawEnd> {
    return new RawEnd(await dialTcp({ host: LOOPBACK, port: this.#edge.http }, { timeoutMs: 5_000 }));
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
export function onward(wire: string): string {
  return sentTo(readOwnRequests(wire).messages);
}

export function sentTo(messages: readonly OwnMessage<RequestHead>[]): string {
  return sentOn(messages, (head) => forwardedRequest(head, { address: "127.0.0.1:1", scheme: "http" }));
}

/** Of all responses in there. */
export function statusesIn(heard: string): readonly number[] {
  return [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
