import type { Clock } from "../../base/clock.ts";
import { formatHostPort } from "../../base/host-port.ts";
import type { TunnelDefinition, UpstreamTlsRule } from "../../model/tunnel-definition.ts";
import { clientTlsContext } from "../../net/tls-context.ts";
import { loadCaCertificates } from "../../pki/certificate-files.ts";
import { connectionFaultsTo } from "../../telemetry/fault-facts.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { DialledUpstream, type DialLimit, type UpstreamTls } from "./dialled-upstream.ts";
import { FolderUpstream } from "./folder-upstream.ts";
import { Http2Upstream } from "./http2-upstream.ts";
import type { Upstream } from "./upstream.ts";

/** A tunnel without a rule of its own: nothing is verified (reference.md 1.6). */
const UNVERIFIED: UpstreamTlsRule = { verify: false, cas: undefined };

export interface UpstreamServices {
  /** Which addresses the tunnel may connect to; undefined: all. */
  readonly reach?: ((tunnel: TunnelDefinition) => ((address: string) => boolean) | undefined) | undefined;
  /** Whether one more connection to an upstream may be made; undefined: always. */
  readonly hasRoom?: (() => boolean) | undefined;
  /** Undefined: no limit. */
  readonly dials?: DialLimit | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The upstream of a tunnel, made ready once for all its visitors. Nothing is dialled yet.
 * @throws UsageError when its folder, or the file with its authorities, cannot be used
 */
export async function openUpstream(
  tunnel: TunnelDefinition,
  { reach, hasRoom, dials, clock, log }: UpstreamServices,
): Promise<Upstream> {
  const { upstream } = tunnel;
  const onFault = connectionFaultsTo(log);
  switch (upstream.kind) {
    case "folder":
      // Which version of HTTP is spoken to a folder nobody sees.
      return FolderUpstream.open(upstream.path, log);
    case "unix":
      return speaking(
        tunnel,
        new DialledUpstream({
          label: `unix:${upstream.path}`,
          target: { unix: upstream.path },
          tls: undefined,
          hasRoom,
          dials,
          clock,
          onFault,
        }),
      );
    case "network": {
      const { host, port } = upstream;
      const tls = speaksTls(tunnel) ? await upstreamTls(host, tunnel) : undefined;
      const label = formatHostPort(upstream);
      const mayDial = reach?.(tunnel);
      return speaking(
        tunnel,
        new DialledUpstream({ label, target: { host, port }, tls, hasRoom, dials, mayDial, clock, onFault }),
      );
    }
    default:
      return upstream satisfies never;
  }
}

function speaking(tunnel: TunnelDefinition, dialled: DialledUpstream): Upstream {
  return speaksHttp2(tunnel) ? new Http2Upstream(dialled, speaksTls(tunnel) ? "https" : "http") : dialled;
}

function speaksHttp2(tunnel: TunnelDefinition): boolean {
  return tunnel.proto === "http" && tunnel.upstreamProtocol === "http2";
}

/** TLS is for plain text that we hold: what a tls tunnel passes through is the visitor's own already. */
function speaksTls(tunnel: TunnelDefinition): boolean {
  const { upstream } = tunnel;
  if (upstream.kind !== "network" || (upstream.scheme !== "https" && upstream.scheme !== "tls")) return false;
  return tunnel.proto !== "tls" || (tunnel.termination ?? tunnel.edgeTermination) !== undefined;
}

async function upstreamTls(serverName: string, tunnel: TunnelDefinition): Promise<UpstreamTls> {
  const { verify, cas } = tunnel.proto === "tcp" ? UNVERIFIED : tunnel.upstreamTls;
  const trust = cas === undefined ? "host" : await loadCaCertificates(cas);
  const alpn = speaksHttp2(tunnel) ? { alpn: "h2" } : {};
  return { context: clientTlsContext(verify ? trust : []), serverName, verify, ...alpn };
}
