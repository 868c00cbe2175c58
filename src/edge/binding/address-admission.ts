/** Which public address an agent gets for a bind: what it asked for and may have, or a random one. */
import { formatHostPort } from "../../base/host-port.ts";
import { PublicError } from "../../base/errors.ts";
import { randomHex } from "../../base/random.ts";
import type { HttpOptions, TcpOptions, TlsOptions } from "../../protocol/rpc/bind-options.ts";
import type { Directory } from "../directory.ts";
import type { TcpPorts } from "../tcp-ports.ts";
import { wantedAddress, wantedHost } from "./address-wish.ts";

/** A name that cannot be guessed is all that protects an open endpoint. */
const RANDOM_NAME_BYTES = 8;

/** Labels below a base domain that belong to the edge. */
const OWN_LABELS = ["api", "connect", "dashboard"];

export interface TcpAddress {
  readonly host: string;
  /** Undefined for any. */
  readonly port: number | undefined;
}

export interface AddressAdmissionOptions {
  /** The first one is that of random names and of TCP addresses. Lower case. */
  readonly baseDomains: readonly [string, ...string[]];
  readonly directory: Directory;
  readonly tcpPorts: TcpPorts;
}

export class AddressAdmission {
  readonly #options: AddressAdmissionOptions;

  constructor(options: AddressAdmissionOptions) {
    this.#options = options;
  }

  /**
   * The host name for a bind.
   * @throws PublicError when the account may not have the name, or nobody may
   */
  async host(accountId: string, wish: HttpOptions | TlsOptions): Promise<string> {
    const { baseDomains, directory } = this.#options;
    const domain = wantedHost(wish, baseDomains[0]);
    if (domain === undefined) return `${randomHex(RANDOM_NAME_BYTES)}.${baseDomains[0]}`;
    if (this.#isOwn(domain)) throw new PublicError("ERR_NGROK_320", { domain });
    const verdict = await directory.nameVerdict(accountId, domain);
    if (verdict === "allowed") return domain;
    if (verdict === "ofAnotherAccount") throw new PublicError("ERR_NGROK_320", { domain });
    throw new PublicError(domain.startsWith("*.") ? "ERR_NGROK_321" : "ERR_NGROK_319", { domain });
  }

  /**
   * The TCP address for a bind. Any of our hosts leads to the same ports.
   * @throws PublicError when the address asked for is not one of ours, or of another account
   */
  async tcpAddress(accountId: string, wish: TcpOptions): Promise<TcpAddress> {
    const { baseDomains, directory, tcpPorts } = this.#options;
    const wanted = wantedAddress(wish, tcpPorts.text);
    if (wanted === undefined) return { host: baseDomains[0], port: undefined };
    const address = formatHostPort(wanted);
    const host = wanted.host === "" ? baseDomains[0] : wanted.host.toLowerCase();
    const isOurs = this.#isTcpHost(host) && tcpPorts.contains(wanted.port);
    const verdict = isOurs ? await directory.portVerdict(accountId, wanted.port) : "notReserved";
    if (verdict === "allowed") return { host, port: wanted.port };
    if (verdict === "ofAnotherAccount") throw new PublicError("ERR_NGROK_309", { address });
    throw new PublicError("ERR_NGROK_307", { address, ports: tcpPorts.text });
  }

  /** Base domains, and names such as `1.tcp.example.com` that configurations made for ngrok have (reference.md 2.4). */
  #isTcpHost(host: string): boolean {
    return this.#options.baseDomains.includes(host.replace(/^\d+\.tcp\./, ""));
  }

  #isOwn(host: string): boolean {
    return this.#options.baseDomains.some(
      (base) => host === base || OWN_LABELS.some((label) => host === `${label}.${base}`),
    );
  }
}
