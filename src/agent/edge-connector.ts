import { networkInterfaces } from "node:os";
import { isIP } from "node:net";
import type { Clock } from "../base/clock.ts";
import { UsageError } from "../base/errors.ts";
import type { HostPort } from "../base/host-port.ts";
import type { RootCas } from "../config/agent-settings.ts";
import { DialError } from "../net/dial-error.ts";
import type { Duplex } from "../net/duplex.ts";
import type { OnFault } from "../net/faults.ts";
import { dialThroughProxy } from "../net/dial-through-proxy.ts";
import { dialTcp } from "../net/tcp-dial.ts";
import { connectTls } from "../net/tls-client.ts";
import { clientTlsContext, type TlsContext } from "../net/tls-context.ts";
import { isUnknownAuthority, isUnrecognizedName } from "../net/tls-failure-text.ts";
import { TlsHandshakeError } from "../net/tls-handshake-error.ts";
import { loadCaBundle } from "../pki/certificate-files.ts";
import type { OutboundProxy } from "../protocol/outbound-proxy/proxy-url.ts";

/** A new connection to the edge, ready for a session, which becomes the caller's. Rejects when there is none this time. */
export type ConnectToEdge = (signal: AbortSignal) => Promise<Duplex>;

/** Fields of `AgentConfig`, with the same meaning. */
export interface EdgeConnectorOptions {
  readonly serverAddress: HostPort;
  readonly proxy: OutboundProxy | undefined;
  readonly rootCas: RootCas;
  readonly connectTimeoutMs: number;
  readonly connectInterface: string | undefined;
  readonly dnsResolverIps: readonly string[];
  readonly clock: Clock;
  readonly onFault: OnFault;
}

/**
 * Connects to an edge over the network: TCP, by way of a proxy where one is configured, then TLS. Names are resolved anew each
 * time.
 * @throws UsageError when the authorities or the interface cannot be used
 */
export async function networkEdgeConnector(options: EdgeConnectorOptions): Promise<ConnectToEdge> {
  const { serverAddress, connectTimeoutMs, clock, onFault } = options;
  const context = await edgeTlsContext(options.rootCas);
  const dial = edgeDialler(options);
  return async (signal) => {
    const startedMs = clock.nowMs();
    const plain = await dial({ timeoutMs: connectTimeoutMs, signal });
    const timeoutMs = Math.max(0, connectTimeoutMs - (clock.nowMs() - startedMs));
    const { host: serverName } = serverAddress;
    try {
      const tls = { context, serverName, verify: true, timeoutMs, signal, clock, onFault };
      return (await connectTls(plain, tls)).connection;
    } catch (error) {
      throw withHint(error);
    }
  };
}

/** The two failures that whoever sets up an agent meets first say what to do. */
function withHint(error: unknown): unknown {
  if (!(error instanceof DialError && error.cause instanceof TlsHandshakeError)) return error;
  const remedy = tlsRemedy(error.cause);
  return remedy === undefined ? error : new DialError(error.reason, `${error.message}; ${remedy}`, { cause: error });
}

/** What to do about an edge with which TLS failed; undefined when nothing better is known than what the failure says. */
export function tlsRemedy(failure: TlsHandshakeError): string | undefined {
  if (isUnknownAuthority(failure)) {
    return "if the edge has its own, name the PEM file that 'ginnel edge ca' prints with --root-cas";
  }
  if (isUnrecognizedName(failure)) {
    return "an edge answers to the names of its --domain only: give --server-addr one of them, or its IP address where it has no --crt";
  }
  return undefined;
}

export interface OneDial {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The way to the edge without TLS: directly, or through the proxy. */
export function edgeDialler(
  options: Omit<EdgeConnectorOptions, "rootCas" | "connectTimeoutMs">,
): (dial: OneDial) => Promise<Duplex> {
  const { serverAddress, proxy, connectInterface, dnsResolverIps, clock, onFault } = options;
  const from = connectInterface === undefined ? {} : { localAddress: localAddressOf(connectInterface) };
  const always = { ...from, clock, onFault };
  if (proxy === undefined) {
    return (dial) => dialTcp(serverAddress, { ...dial, ...always, resolvers: dnsResolverIps });
  }
  return (dial) => dialThroughProxy(serverAddress, proxy, { ...dial, ...always });
}

/**
 * Ginnel has no authority of its own that an agent could be built with, so `trusted` is what the host trusts.
 * @throws UsageError when the file of authorities cannot be used
 */
export async function edgeTlsContext(rootCas: RootCas): Promise<TlsContext> {
  return clientTlsContext(rootCas.kind === "file" ? await loadCaBundle(rootCas.path) : "host");
}

/** The first address of a network interface; an address stands for itself. Throws UsageError when there is no such interface. */
export function localAddressOf(nameOrAddress: string): string {
  if (isIP(nameOrAddress) !== 0) return nameOrAddress;
  const [first] = networkInterfaces()[nameOrAddress] ?? [];
  if (first !== undefined) return first.address;
  const known = Object.keys(networkInterfaces()).join(", ");
  throw new UsageError(
    `cannot connect from ${JSON.stringify(nameOrAddress)}: this machine has no such network interface; it has ${known}`,
  );
}
