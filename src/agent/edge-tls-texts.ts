import type { Clock } from "../base/clock.ts";
import type { PemSource, TunnelDefinition } from "../model/tunnel-definition.ts";
import { loadCaCertificates, loadCertificate } from "../pki/certificate-files.ts";

/** What the edge needs to end the TLS of visitors as a tunnel wants it; PEM. */
export interface EdgeTlsTexts {
  /** Authorities of visitors' certificates; absent: none is asked for. */
  readonly clientCas?: string;
  /** Present when the edge is to end TLS of a tls tunnel; both are empty where it has a certificate of its own. */
  readonly pair?: { readonly certPem: string; readonly keyPem: string };
}

/** @throws UsageError when a file cannot be used */
export async function edgeTlsTexts(tunnel: TunnelDefinition, clock: Clock): Promise<EdgeTlsTexts> {
  if (tunnel.proto === "http") return tunnel.clientCas === undefined ? {} : clientCasText(tunnel.clientCas);
  if (tunnel.proto === "tcp" || tunnel.edgeTermination === undefined) return {};
  const { pair, clientCas } = tunnel.edgeTermination;
  const authorities = clientCas.length === 0 ? {} : await clientCasText(clientCas);
  if (pair === undefined) return { ...authorities, pair: { certPem: "", keyPem: "" } };
  const { material } = await loadCertificate(pair.certificate, pair.key, clock.date());
  return { ...authorities, pair: { certPem: material.certPem, keyPem: material.keyPem } };
}

async function clientCasText(sources: readonly PemSource[]): Promise<{ readonly clientCas: string }> {
  const authorities = await Array.fromAsync(sources, (source) => loadCaCertificates(source));
  return { clientCas: authorities.flat().join("") };
}
