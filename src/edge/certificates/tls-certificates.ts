/**
 * Which TLS context serves which name: certificates that were uploaded, the operator's, those of an authority, and those that
 * our own CA issues. This folder knows names, certificates and how they are had; it knows no visitor and no agent.
 */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { Clock } from "../../base/clock.ts";
import { parseHostPort } from "../../base/host-port.ts";
import type { Duplex } from "../../net/duplex.ts";
import { serverTlsContext, type TlsContext } from "../../net/tls-context.ts";
import { CertificateChooser, type Issue } from "../../pki/certificate-chooser.ts";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import type { ManagedCertificates } from "./managed-certificates.ts";
import type { NameHolders } from "./name-holders.ts";

/** Also where a port of this machine is forwarded to another one, as to a container. */
const LOOPBACK = ["127.0.0.1", "::1"];
/** Ranges whose addresses mean nothing outside of a network, in the words of ipaddr.js. */
const INSIDE = new Set(["loopback", "private", "uniqueLocal", "carrierGradeNat", "linkLocal"]);

/** In the place of a wildcard, to ask what is below it; hardly anybody has the very name. */
const ANY_LABEL = "any-label";

/** A connection as the edge has it. */
export type Ends = Pick<Duplex, "localAddress" | "remoteAddress">;

/** A name or wildcard that is online. */
export interface ServedName {
  readonly host: string;
  /** Whose it is; absent: the edge's own. */
  readonly accountId?: string | undefined;
}

/** Whether visitors of a name will find a certificate. `onDemand`: the first of them has one ordered, and does not wait for it. */
export type CertificateOutlook = "there" | "onDemand" | "none";

export interface TlsCertificatesOptions {
  /** Lower case. */
  readonly baseDomains: readonly string[];
  /** The operator's, in order of preference. */
  readonly configured: readonly (() => CertificateMaterial)[];
  /** Absent: holders of names bring nothing of their own. */
  readonly holders?: NameHolders | undefined;
  /** For names that no other certificate covers, and before the operator's where a name's holder wants it. */
  readonly managed?: ManagedCertificates | undefined;
  /** Signs what no other certificate covers; never called for names that are not served. Absent: such names have no certificate. */
  readonly issue: Issue | undefined;
  /** What is online and serves a name. */
  readonly served: (name: string) => ServedName | undefined;
  readonly clock: Clock;
}

export class TlsCertificates {
  readonly #options: TlsCertificatesOptions;
  readonly #chooser: CertificateChooser;
  /** One context per certificate: it holds the sessions that visitors resume. */
  readonly #contexts = new WeakMap<CertificateMaterial, TlsContext>();

  constructor(options: TlsCertificatesOptions) {
    this.#options = options;
    this.#chooser = new CertificateChooser(
      {
        configured: options.configured,
        namesFor: (serverName, ownAddress) => this.#namesFor(serverName, ownAddress),
        issue: options.issue,
      },
      options.clock,
    );
    options.managed?.renewWhile((names) => names.every((name) => this.#isServed(name)));
  }

  /**
   * For the name of a handshake; `undefined` when nothing is served under it, or no certificate can be shown. Without a name the visitor may have dialled the
   * address at which it arrived.
   */
  async contextFor(serverName: string | undefined, ends?: Ends): Promise<TlsContext | undefined> {
    const certificate = await this.certificateFor(serverName, ends);
    if (certificate === undefined) return undefined;
    const known = this.#contexts.get(certificate);
    if (known !== undefined) return known;
    const context = serverTlsContext(certificate);
    this.#contexts.set(certificate, context);
    return context;
  }

  /** The certificate of {@link contextFor}; the same object as long as it is good. */
  async certificateFor(serverName: string | undefined, ends?: Ends): Promise<CertificateMaterial | undefined> {
    if (serverName !== undefined) return this.#ofName(serverName) ?? (await this.#chooser.choose(serverName));
    return await this.#chooser.choose(undefined, ends && dialledAddress(ends));
  }

  /** What a visitor of a name or wildcard that is served would meet now; nothing is issued or ordered. */
  outlook(host: string): CertificateOutlook {
    const { holders, managed, issue } = this.#options;
    const name = host.replace(/^\*/, ANY_LABEL);
    const isThere = issue !== undefined || holders?.uploadedFor(name) !== undefined || this.#chooser.isConfigured(name);
    if (isThere) return "there";
    const names = this.#namesToOrder(name, holders?.managedKeyType(name) !== undefined);
    if (names === undefined || managed === undefined) return "none";
    if (managed.holds(names)) return "there";
    return managed.canOrder(names) ? "onDemand" : "none";
  }

  /** What comes before a certificate of our own, and in part before the operator's; never waits. */
  #ofName(serverName: string): CertificateMaterial | undefined {
    const { holders, managed } = this.#options;
    const uploaded = holders?.uploadedFor(serverName);
    if (uploaded !== undefined || managed === undefined) return uploaded;
    const keyType = holders?.managedKeyType(serverName);
    if (keyType === undefined && this.#chooser.isConfigured(serverName)) return undefined;
    const names = this.#namesToOrder(serverName, keyType !== undefined);
    return names && managed.certificateFor(names, { keyType, accountId: this.#accountOf(serverName, names) });
  }

  /** Whose share an order for this name comes from. */
  #accountOf(serverName: string, names: readonly string[]): string | undefined {
    const { baseDomains, served, holders } = this.#options;
    if (names.some((name) => baseDomains.includes(name))) return undefined;
    return served(serverName)?.accountId ?? holders?.accountOf(serverName);
  }

  /**
   * What an authority is asked for, so that strangers cannot have orders made by the names they think of: names and wildcards
   * that are served, as they are, and base domains. `isForHolder`: whoever holds the name wants a certificate of its own.
   * `undefined`: the name has to do without.
   */
  #namesToOrder(serverName: string, isForHolder: boolean): readonly string[] | undefined {
    const { baseDomains, managed } = this.#options;
    if (isIP(serverName) !== 0 || !serverName.includes(".")) return undefined;
    const base = baseDomains.find((domain) => domain === serverName || isLabelBelow(serverName, domain));
    const canOrder = (...names: readonly string[]): boolean => managed?.canOrder(names) === true;
    // Such as localhost, which is everybody's own, and addresses.
    if (base !== undefined && (!base.includes(".") || isIP(base) !== 0)) return undefined;
    if (base !== undefined && !isForHolder && canOrder(...withWildcard(base))) return withWildcard(base);
    const reserved = this.#options.holders?.reservedHost(serverName);
    if (base === serverName || (isForHolder && reserved === serverName)) return [serverName];
    const hosts = [reserved, this.#options.served(serverName)?.host];
    // One certificate for all names below a wildcard, also where one of them is online by itself.
    const wildcard = hosts.find((host) => host?.startsWith("*.") && isLabelBelow(serverName, host.slice("*.".length)));
    const choices: string[] = [];
    if (wildcard !== undefined && canOrder(wildcard)) choices.push(wildcard);
    if (hosts.includes(serverName)) choices.push(serverName);
    const host = choices.find((name) => managed?.holds([name])) ?? choices[0];
    return host === undefined ? undefined : [host];
  }

  /** Whether a certificate with this name is still worth renewing. */
  #isServed(name: string): boolean {
    const { baseDomains, holders } = this.#options;
    if (holders?.uploadedFor(name) !== undefined) return false;
    const bare = name.replace(/^\*\./, "");
    return baseDomains.includes(bare) || this.#hostOf(name) === name || this.#hostOf(`x.${bare}`) === name;
  }

  #hostOf(name: string): string | undefined {
    return this.#options.served(name)?.host ?? this.#options.holders?.reservedHost(name);
  }

  #namesFor(serverName: string | undefined, ownAddress: string | undefined): readonly string[] | undefined {
    const { baseDomains } = this.#options;
    if (serverName === undefined) return [...baseDomains.flatMap(withWildcard), ...addressesWith(ownAddress)];
    const base = baseDomains.find((domain) => domain === serverName || isLabelBelow(serverName, domain));
    // A wildcard below a single label (*.localhost) is not accepted by visitors.
    if (base !== undefined) return base.includes(".") && isIP(base) === 0 ? withWildcard(base) : [serverName];
    const host = this.#hostOf(serverName);
    if (host === undefined) return undefined;
    // One certificate for all names below a wildcard, where visitors accept that: strangers choose those names.
    const suffix = host.slice("*.".length);
    return host.startsWith("*.") && suffix.includes(".") && isLabelBelow(serverName, suffix) ? [host] : [serverName];
  }
}

/** Other addresses of this machine are nothing that a stranger should learn. */
function addressesWith(address: string | undefined): readonly string[] {
  return address === undefined ? LOOPBACK : [...new Set([...LOOPBACK, address])];
}

/**
 * `undefined` where no certificate can hold the address (no IP address, or one of a single link), and where a visitor from
 * outside came to an address of the inside: it dialled another one, that was translated, and must not learn this one.
 */
function dialledAddress({ localAddress = "", remoteAddress }: Ends): string | undefined {
  const own = ipOf(localAddress);
  if (own === undefined || rangeOf(own) === "linkLocal") return undefined;
  const visitor = ipOf(remoteAddress);
  const isTranslated = visitor !== undefined && isInside(own) && !isInside(visitor);
  return isTranslated ? undefined : own;
}

/** Without the zone, which not every system tells, and which is no part of a range. */
function ipOf(address: string): string | undefined {
  const [host = ""] = (parseHostPort(address)?.host ?? "").split("%");
  return isIP(host) === 0 ? undefined : host;
}

function isInside(address: string): boolean {
  return INSIDE.has(rangeOf(address));
}

function rangeOf(address: string): string {
  return ipaddr.process(address).range();
}

function withWildcard(domain: string): string[] {
  return isIP(domain) === 0 ? [domain, `*.${domain}`] : [domain];
}

function isLabelBelow(name: string, domain: string): boolean {
  return name.endsWith(`.${domain}`) && !name.slice(0, -domain.length - 1).includes(".");
}
