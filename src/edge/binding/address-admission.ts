/** Which public address an agent gets for a bind: what it asked for and may have, or a random one. */
import { formatHostPort, type HostPort, parseHostPort } from "../../base/host-port.ts";
import { PublicError } from "../../base/errors.ts";
import { randomHex } from "../../base/random.ts";
import type { Acl } from "../../model/acl.ts";
import { type InternalUrl, parseInternalUrl } from "../../model/internal-url.ts";
import { nameRefusal } from "../../model/reservations.ts";
import type { HttpOptions, TcpOptions, TlsOptions } from "../../protocol/rpc/bind-options.ts";
import type { Directory, NameReservation } from "../directory.ts";
import { OWN_LABELS } from "../own-names.ts";
import { isInternalPlace, isTcpPlace, type Place } from "../routing-table.ts";
import type { TcpPorts } from "../tcp-ports.ts";
import type { AddressProofs } from "./address-proofs.ts";
import { wantedAddress, wantedHost } from "./address-wish.ts";

/** A name that cannot be guessed is all that protects an open endpoint. */
const RANDOM_NAME_BYTES = 8;

/** Who asks. */
export interface Asking {
  readonly accountId: string;
  readonly credentialId: string;
}

/** A host name that may be bound. */
export interface AdmittedHost {
  readonly host: string;
  /** The reservation that it comes from, if any. */
  readonly reservationId: string | undefined;
}

export interface TcpAddress extends AdmittedHost {
  /** Undefined for any. */
  readonly port: number | undefined;
  /** It is any, or was any when it was first given: the agent may have it again without a reservation. */
  readonly isRandom: boolean;
}

/** What an agent brings along that binds again (protocol.md section 8). */
export interface Returning {
  readonly bindId: string;
  /** Empty for none. */
  readonly token: string;
}

/** What an endpoint that is online has. */
export interface BoundAddress extends Asking {
  readonly place: Place;
  readonly host: string;
  readonly url: string;
  readonly reservationId?: string | undefined;
}

export interface AddressAdmissionOptions {
  /** The first one is that of random names and of TCP addresses. Lower case. */
  readonly baseDomains: readonly [string, ...string[]];
  /** Where this edge is. */
  readonly region: string;
  readonly directory: Directory;
  readonly tcpPorts: TcpPorts;
  readonly proofs: AddressProofs;
}

export class AddressAdmission {
  readonly #options: AddressAdmissionOptions;

  constructor(options: AddressAdmissionOptions) {
    this.#options = options;
  }

  /**
   * The host name for a bind.
   * @throws PublicError when the account or the credential may not have the name, or nobody may
   */
  host(by: Asking, wish: HttpOptions | TlsOptions): AdmittedHost {
    const { baseDomains } = this.#options;
    const domain = wantedHost(wish, baseDomains[0]);
    if (domain !== undefined) return this.name(by, domain);
    const host = `${randomHex(RANDOM_NAME_BYTES)}.${baseDomains[0]}`;
    this.#aclOf(by).checkName(host);
    return { host, reservationId: undefined };
  }

  /**
   * A host name, as of now: also to ask again later.
   * @throws PublicError as {@link host}
   */
  name(by: Asking, domain: string): AdmittedHost {
    if (this.#isOwn(domain)) throw new PublicError("ERR_NGROK_320", { domain });
    this.#aclOf(by).checkName(domain);
    return this.accountName(by.accountId, domain);
  }

  /**
   * As {@link name}, for an endpoint that no credential brought.
   * @throws PublicError as {@link host}
   */
  accountName(accountId: string, domain: string): AdmittedHost {
    const { directory, baseDomains, region: here } = this.#options;
    if (this.#isOwn(domain)) throw new PublicError("ERR_NGROK_320", { domain });
    const verdict = directory.nameVerdict(accountId, domain);
    switch (verdict) {
      case "allowed":
        return { host: domain, reservationId: undefined };
      case "ofEdge":
      case "ofAnotherAccount":
      case "wildcardNotReserved":
      case "notReserved":
        throw nameRefusal(domain, verdict, baseDomains);
      default:
        if (!isHere(verdict, here)) throw new PublicError("ERR_NGROK_322", { domain, region: verdict.region, here });
        return { host: domain, reservationId: verdict.id };
    }
  }

  /**
   * The TCP address for a bind. Any of our hosts leads to the same ports.
   * @throws PublicError when the address asked for is not one of ours, or not of the account, or the credential may not have it
   */
  tcpAddress(by: Asking, wish: TcpOptions, returning: Returning): TcpAddress {
    const { baseDomains, tcpPorts } = this.#options;
    const wanted = wantedAddress(wish, tcpPorts.text);
    if (wanted === undefined) {
      this.#aclOf(by).checkRandomAddress();
      return { host: baseDomains[0], port: undefined, reservationId: undefined, isRandom: true };
    }
    const host = wanted.host === "" ? baseDomains[0] : wanted.host.toLowerCase();
    return this.address(by, { host, port: wanted.port }, returning);
  }

  /**
   * A TCP address, as of now.
   * @throws PublicError as {@link tcpAddress}
   */
  address(by: Asking, { host, port }: HostPort, returning: Returning): TcpAddress {
    this.#refuseForeignAddress(host, port);
    if (this.#isGivenBefore(by, { host, port }, returning)) {
      this.#aclOf(by).checkRandomAddress();
      return { host, port, reservationId: undefined, isRandom: true };
    }
    this.#aclOf(by).checkAddress({ host, port });
    return this.accountAddress(by.accountId, host, port);
  }

  /**
   * As {@link address}, for an endpoint that no credential brought.
   * @throws PublicError as {@link tcpAddress}
   */
  accountAddress(accountId: string, host: string, port: number): TcpAddress & { readonly port: number } {
    this.#refuseForeignAddress(host, port);
    const { directory, tcpPorts, region: here } = this.#options;
    const address = formatHostPort({ host, port });
    const ports = tcpPorts.text;
    const verdict = directory.addressVerdict(accountId, { host, port });
    switch (verdict) {
      case "allowed":
        return { host, port, reservationId: undefined, isRandom: false };
      case "ofEdge":
      case "ofAnotherAccount":
        throw new PublicError("ERR_NGROK_309", { address });
      case "wildcardNotReserved":
      case "notReserved":
        throw new PublicError("ERR_NGROK_307", { address, ports });
      default:
        if (!isHere(verdict, here)) throw new PublicError("ERR_NGROK_311", { address, region: verdict.region, here });
        return { host, port, reservationId: verdict.id, isRandom: false };
    }
  }

  /** What an agent shows to have a random address again; nobody else can make it. */
  proofOf(accountId: string, bindId: string, { host, port }: HostPort): string {
    return this.#options.proofs.proofOf({ accountId, bindId, host, port });
  }

  /**
   * An internal address, which is every account's own: only the credential may stand against it.
   * @throws PublicError as {@link host}
   */
  internal(by: Asking, { scheme, host, port }: InternalUrl): void {
    const acl = this.#aclOf(by);
    if (scheme === "tcp") acl.checkAddress({ host, port });
    else acl.checkName(host);
  }

  /** Why an endpoint that was admitted would not be now; `undefined`: it would. */
  refusalNow(bound: BoundAddress): PublicError | undefined {
    try {
      if (isInternalPlace(bound.place)) this.internal(bound, parseInternalUrl(bound.url));
      else if (isTcpPlace(bound.place)) this.#checkBoundPort(bound);
      else this.name(bound, bound.host);
      return undefined;
    } catch (error) {
      if (error instanceof PublicError) return error;
      throw error;
    }
  }

  /** Whether a port may be given to whoever asks for any. */
  isForAnyone(port: number): boolean {
    return !this.#options.directory.isPortReserved(port);
  }

  /** A random port needs no reservation, and must not be that of another account. */
  #checkBoundPort(bound: BoundAddress): void {
    const address = parseHostPort(bound.url.replace(/^tcp:\/\//, ""));
    if (address === undefined) throw new Error("an endpoint has a URL that is none");
    const { host, port } = address;
    const acl = this.#aclOf(bound);
    if (bound.reservationId !== undefined) {
      acl.checkAddress(address);
      return void this.accountAddress(bound.accountId, host, port);
    }
    if (this.#options.directory.addressVerdict(bound.accountId, address) === "ofAnotherAccount") {
      throw new PublicError("ERR_NGROK_309", { address: formatHostPort(address) });
    }
  }

  /** A random address that the account had, and that neither it nor anybody else has reserved since. */
  #isGivenBefore({ accountId }: Asking, address: HostPort, { bindId, token }: Returning): boolean {
    const { directory, proofs } = this.#options;
    if (!proofs.isProof(token, { ...address, accountId, bindId })) return false;
    return directory.addressVerdict(accountId, address) === "notReserved";
  }

  #refuseForeignAddress(host: string, port: number): void {
    const { tcpPorts } = this.#options;
    if (this.#isTcpHost(host) && tcpPorts.contains(port)) return;
    throw new PublicError("ERR_NGROK_307", { address: formatHostPort({ host, port }), ports: tcpPorts.text });
  }

  #aclOf({ credentialId }: Asking): Acl {
    const credential = this.#options.directory.credential(credentialId);
    if (credential === undefined) throw new PublicError("ERR_NGROK_300", {});
    return credential.acl;
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

function isHere({ region }: NameReservation, here: string): boolean {
  return region === "" || region === here;
}
