import type { X509Certificate } from "node:crypto";
import type { Duplex } from "./duplex.ts";
import { upgradeAny } from "./tls-over-stream.ts";
import type { UpgradeOptions } from "./tls-upgrade.ts";

export interface TlsAcceptOptions extends UpgradeOptions {
  /**
   * `ask` lets peers in without a certificate, or with one that nobody signed, and says so; `require` refuses them. The
   * authorities are those of the context. Default: none is asked for.
   */
  readonly clientCertificate?: "ask" | "require" | undefined;
}

export interface TlsConnection {
  readonly connection: Duplex;
  /** The protocol agreed on. */
  readonly alpn: string | undefined;
  /** The peer's certificate, and whether an authority of ours signed it. */
  readonly peerCertificate: X509Certificate | undefined;
  readonly isPeerTrusted: boolean;
}

/**
 * Goes on as the TLS server of a connection of which `read` was read before: the ClientHello, whole or in part. Takes
 * `plain` over, whatever carries it; a kernel socket costs the least.
 * @throws TlsHandshakeError; the connection is closed then
 */
export async function acceptTls(plain: Duplex, read: Uint8Array, options: TlsAcceptOptions): Promise<TlsConnection> {
  const isAsked = options.clientCertificate !== undefined;
  const upgraded = await upgradeAny(plain, options, {
    side: "server",
    read,
    requestCertificate: isAsked,
    requireCertificate: options.clientCertificate === "require",
  });
  const { connection, socket, untrusted } = upgraded;
  const peerCertificate = isAsked ? (socket.getPeerX509Certificate() as X509Certificate | undefined) : undefined;
  return {
    connection,
    alpn: socket.alpnProtocol || undefined,
    peerCertificate,
    isPeerTrusted: peerCertificate !== undefined && untrusted === undefined,
  };
}
