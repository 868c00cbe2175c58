/** The way to the management API: by the same proxies, resolvers and authorities as the way to the edge. */
import { edgeDialler, edgeTlsContext } from "../../agent/edge-connector.ts";
import type { Clock } from "../../base/clock.ts";
import { UsageError } from "../../base/errors.ts";
import type { AgentConfig } from "../../config/agent-config.ts";
import { type ApiUrl, formatApiUrl } from "../../config/api-url.ts";
import type { Environment } from "../../config/environment.ts";
import { DialError } from "../../net/dial-error.ts";
import type { Duplex } from "../../net/duplex.ts";
import { warnOfFault } from "../../net/faults.ts";
import { connectTls } from "../../net/tls-client.ts";
import { isUnknownAuthority } from "../../net/tls-failure-text.ts";
import { TlsHandshakeError } from "../../net/tls-handshake-error.ts";
import { environmentProxy } from "../../protocol/outbound-proxy/environment-proxy.ts";

/** Agents and visitors share a port: without the protocol an edge would still know, other servers might not. */
const ALPN = ["http/1.1"];

export interface ApiDialOptions {
  readonly url: ApiUrl;
  readonly config: AgentConfig;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Connects within `connect_timeout`. The connection is the caller's. @throws UsageError, with a remedy */
export async function connectToApi({ url, config, environment, clock, signal }: ApiDialOptions): Promise<Duplex> {
  const startedMs = clock.nowMs();
  const { connectTimeoutMs, connectInterface, dnsResolverIps, configuredProxy, rootCas } = config;
  const proxy = configuredProxy ?? environmentProxy(environment, url);
  const onFault = warnOfFault;
  const dial = edgeDialler({ serverAddress: url, proxy, connectInterface, dnsResolverIps, clock, onFault });
  const context = url.isSecure ? await edgeTlsContext(rootCas) : undefined;
  try {
    const plain = await dial({ timeoutMs: connectTimeoutMs, signal });
    if (context === undefined) return plain;
    const timeoutMs = Math.max(0, connectTimeoutMs - (clock.nowMs() - startedMs));
    const tls = { context, serverName: url.host, verify: true, alpn: ALPN, timeoutMs, signal, clock, onFault };
    return (await connectTls(plain, tls)).connection;
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    throw new UsageError(
      `cannot reach the management API at ${formatApiUrl(url)}: ${error.message}\n${remedy(error)}`,
      {
        cause: error,
      },
    );
  }
}

function remedy({ cause }: DialError): string {
  if (cause instanceof TlsHandshakeError && isUnknownAuthority(cause)) {
    return "If the edge has an authority of its own, name the PEM file that 'ginnel edge ca' prints with --root-cas.";
  }
  return "If it is somewhere else, say where with --api-url, GINNEL_API_URL or api_url in the configuration file.";
}
