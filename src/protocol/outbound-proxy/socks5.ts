import ipaddr from "ipaddr.js";
import { ProtocolError } from "../../base/errors.ts";
import type { HostPort } from "../../base/host-port.ts";
import type { HandshakeStep, ProxyHandshake } from "./proxy-handshake.ts";
import type { ProxyCredentials } from "./proxy-url.ts";

const VERSION = 5;
const LOGIN_VERSION = 1;
const METHOD = { none: 0, password: 2, noneAcceptable: 0xff } as const;
const CONNECT = 1;
const ADDRESS = { ipv4: 1, domain: 3, ipv6: 4 } as const;
const NAME_LIMIT_BYTES = 255;

/** RFC 1928 section 6; each completes the sentence "the proxy …". */
const REPLIES: Readonly<Record<number, string>> = {
  1: "failed for a reason of its own",
  2: "does not allow the connection by its rules",
  3: "cannot reach the network",
  4: "cannot reach the host",
  5: "found the connection refused",
  6: "waited too long for the host",
  7: "does not support CONNECT",
  8: "does not support this type of address",
};

/** SOCKS version 5 (RFC 1928) with user and password (RFC 1929). Names go to the proxy unresolved. */
export class Socks5Handshake implements ProxyHandshake {
  readonly #target: HostPort;
  readonly #credentials: ProxyCredentials | undefined;
  #state: "method" | "login" | "reply" = "method";
  #pending: Uint8Array = new Uint8Array(0);

  /** @throws RangeError for a name longer than 255 bytes: no host has one. */
  constructor(target: HostPort, credentials?: ProxyCredentials) {
    if (Buffer.byteLength(target.host) > NAME_LIMIT_BYTES) throw new RangeError("a host name longer than 255 bytes");
    this.#target = target;
    this.#credentials = credentials;
  }

  start(): Uint8Array {
    const methods = this.#credentials === undefined ? [METHOD.none] : [METHOD.none, METHOD.password];
    return Uint8Array.of(VERSION, methods.length, ...methods);
  }

  receive(chunk: Uint8Array): HandshakeStep {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const length = this.#answerBytes(bytes);
    if (length === undefined || bytes.length < length) {
      this.#pending = Buffer.from(bytes);
      return "more";
    }
    this.#pending = new Uint8Array(0);
    const rest = bytes.subarray(length);
    if (this.#state === "reply") return this.#judgeReply(bytes, rest);
    if (rest.length > 0) throw new ProtocolError("the SOCKS proxy answered before it was asked");
    return this.#state === "method" ? this.#judgeMethod(bytes) : this.#judgeLogin(bytes);
  }

  /** How long the awaited answer is, as soon as its beginning says so. A wrong version is refused at once. */
  #answerBytes(bytes: Uint8Array): number | undefined {
    const version = this.#state === "login" ? LOGIN_VERSION : VERSION;
    if (bytes.length > 0 && bytes[0] !== version) throw new ProtocolError("the proxy does not speak SOCKS version 5");
    if (this.#state !== "reply") return 2;
    const [, , , type, nameBytes] = bytes;
    if (type === undefined) return undefined;
    if (type === ADDRESS.ipv4) return 4 + 4 + 2;
    if (type === ADDRESS.ipv6) return 4 + 16 + 2;
    if (type !== ADDRESS.domain)
      throw new ProtocolError(`the SOCKS proxy answered with the unknown address type ${type}`);
    return nameBytes === undefined ? undefined : 4 + 1 + nameBytes + 2;
  }

  #judgeMethod([, method]: Uint8Array): HandshakeStep {
    if (method === METHOD.none) return this.#request();
    if (method === METHOD.password && this.#credentials !== undefined) {
      this.#state = "login";
      const user = Buffer.from(this.#credentials.user);
      const password = Buffer.from(this.#credentials.password);
      return { type: "send", bytes: Buffer.from([LOGIN_VERSION, user.length, ...user, password.length, ...password]) };
    }
    if (method === METHOD.noneAcceptable) {
      const wants =
        this.#credentials === undefined
          ? "wants credentials: add user:password@ to its URL"
          : "takes no user and password";
      return { type: "refused", reason: wants };
    }
    throw new ProtocolError(`the SOCKS proxy chose the method ${method}, which was not offered`);
  }

  #judgeLogin([, status]: Uint8Array): HandshakeStep {
    return status === 0 ? this.#request() : { type: "refused", reason: "refused the credentials of its URL" };
  }

  #request(): HandshakeStep {
    this.#state = "reply";
    const { host, port } = this.#target;
    return { type: "send", bytes: Buffer.from([VERSION, CONNECT, 0, ...addressBytes(host), port >> 8, port & 0xff]) };
  }

  #judgeReply([, reply = 1]: Uint8Array, rest: Uint8Array): HandshakeStep {
    if (reply === 0) return { type: "established", rest };
    return { type: "refused", reason: REPLIES[reply] ?? `answered with the unknown code ${reply}` };
  }
}

function addressBytes(host: string): number[] {
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) return [ADDRESS.ipv4, ...ipaddr.IPv4.parse(host).toByteArray()];
  if (ipaddr.IPv6.isValid(host)) return [ADDRESS.ipv6, ...ipaddr.IPv6.parse(host).toByteArray()];
  const name = Buffer.from(host);
  return [ADDRESS.domain, name.length, ...name];
}
