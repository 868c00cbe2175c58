import { ProtocolError } from "../../base/errors.ts";
import { formatHostPort, type HostPort } from "../../base/host-port.ts";
import type { HandshakeStep, ProxyHandshake } from "./proxy-handshake.ts";
import type { ProxyCredentials } from "./proxy-url.ts";

/** Head of the proxy's answer, all fields included. */
export const CONNECT_HEAD_LIMIT_BYTES = 16 * 1024;

const CR = 0x0d;
const LF = 0x0a;
const STATUS_LINE = /^HTTP\/1\.[01] ([1-5][0-9]{2})(?: (.*))?$/;

/** HTTP CONNECT (RFC 9110 section 9.3.6) with Basic credentials (RFC 7617) when there are any. */
export class HttpConnect implements ProxyHandshake {
  readonly #target: HostPort;
  readonly #credentials: ProxyCredentials | undefined;
  readonly #head: number[] = [];
  #lineBytes = 0;

  /** @throws RangeError for a host that could break out of the request line: hosts come parsed. */
  constructor(target: HostPort, credentials?: ProxyCredentials) {
    if (!/^[\w.:-]+$/.test(target.host)) throw new RangeError(`no host: ${JSON.stringify(target.host)}`);
    this.#target = target;
    this.#credentials = credentials;
  }

  start(): Uint8Array {
    const target = formatHostPort(this.#target);
    const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
    if (this.#credentials !== undefined) {
      const { user, password } = this.#credentials;
      lines.push(`Proxy-Authorization: Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`);
    }
    return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  }

  receive(chunk: Uint8Array): HandshakeStep {
    for (const [at, byte] of chunk.entries()) {
      if (this.#takeByte(byte)) {
        const step = this.#judge(chunk.subarray(at + 1));
        if (step !== "more") return step;
        this.#head.length = 0;
      }
    }
    return "more";
  }

  /** True when this byte ends the head. Lines may end in a bare LF, as old proxies do. */
  #takeByte(byte: number): boolean {
    if (this.#head.length === CONNECT_HEAD_LIMIT_BYTES) {
      throw new ProtocolError(`the head of the proxy's answer is longer than ${CONNECT_HEAD_LIMIT_BYTES} bytes`);
    }
    this.#head.push(byte);
    if (byte === LF) {
      const isEmpty = this.#lineBytes === 0;
      this.#lineBytes = 0;
      return isEmpty;
    }
    if (byte !== CR) this.#lineBytes++;
    return false;
  }

  #judge(rest: Uint8Array): HandshakeStep {
    const [statusLine = ""] = Buffer.from(this.#head).toString("latin1").split(/\r?\n/, 1);
    const [, digits, phrase = ""] = STATUS_LINE.exec(statusLine) ?? [];
    if (digits === undefined) throw new ProtocolError("the proxy's answer is not HTTP/1");
    const status = Number(digits);
    if (status < 200) return "more"; // an interim answer; the final one follows
    // any 2xx will do, and a Content-Length with it means nothing
    if (status < 300) return { type: "established", rest };
    // tinyproxy answers wrong credentials with 401
    if (status === 407 || status === 401) return { type: "refused", reason: this.#whyNoAccess(status) };
    return { type: "refused", reason: `answered ${status} ${printable(phrase)}`.trimEnd() };
  }

  #whyNoAccess(status: number): string {
    return this.#credentials === undefined
      ? `wants credentials (${status}): add user:password@ to its URL`
      : `refused the credentials of its URL (${status})`;
  }
}

const PHRASE_LIMIT = 100;

function printable(phrase: string): string {
  return phrase.replace(/[^\x20-\x7e]/g, "?").slice(0, PHRASE_LIMIT);
}
