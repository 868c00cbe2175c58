import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { DialError } from "./dial-error.ts";
import type { Duplex } from "./duplex.ts";
import { tlsFailureText } from "./tls-failure-text.ts";
import { TlsHandshakeError } from "./tls-handshake-error.ts";
import { upgradeAny, type UpgradedAny } from "./tls-over-stream.ts";
import type { UpgradeOptions } from "./tls-upgrade.ts";

export interface TlsConnectOptions extends UpgradeOptions {
  /** Host name or IP address of the peer. A name is sent (SNI); the certificate must be for it when `verify` is set. */
  readonly serverName: string;
  /** Whether an authority of the context must have signed the certificate, for this name, and it must not have expired. */
  readonly verify: boolean;
}

export interface TlsDialled {
  readonly connection: Duplex;
  /** The protocol agreed on. */
  readonly alpn: string | undefined;
  /** What the peer showed, while the connection is open. */
  readonly peerCertificate: () => X509Certificate | undefined;
}

/**
 * Starts TLS as a client on an open connection, which it takes over. Nothing of the payload is sent before the peer is
 * verified.
 * @throws DialError `tls`, `timedOut` or `aborted`; the connection is closed then
 */
export async function connectTls(plain: Duplex, options: TlsConnectOptions): Promise<TlsDialled> {
  const { serverName, verify } = options;
  const isAddress = isIP(serverName) !== 0;
  try {
    // An address is never sent as a name (RFC 6066 section 3). Without a name Bun holds the certificate against whatever the
    // socket is connected to, so its verdict must not count there: ours does.
    const role = isAddress
      ? ({ side: "client", serverName: undefined, verify: false } as const)
      : ({ side: "client", serverName: serverName.replace(/\.$/, ""), verify } as const);
    const upgraded = await upgradeAny(plain, options, role);
    if (verify && isAddress) requireAddress(upgraded, serverName);
    return dialled(upgraded);
  } catch (cause) {
    throw cause instanceof TlsHandshakeError ? dialFailure(serverName, cause) : cause;
  }
}

/** On its own, so that the closure keeps nothing of the handshake. */
function dialled({ connection, socket }: UpgradedAny): TlsDialled {
  return {
    connection,
    alpn: socket.alpnProtocol || undefined,
    peerCertificate: () => socket.getPeerX509Certificate(),
  };
}

const WRONG_NAME = "ERR_TLS_CERT_ALTNAME_INVALID";

function requireAddress({ socket, connection, untrusted }: UpgradedAny, address: string): void {
  const failure = untrusted === undefined ? undefined : TlsHandshakeError.of(untrusted);
  const isSigned = failure === undefined || failure.code === WRONG_NAME;
  if (isSigned && socket.getPeerX509Certificate().checkIP(address) !== undefined) return;
  connection.reset();
  throw isSigned || failure === undefined ? new TlsHandshakeError(WRONG_NAME, "not for this address") : failure;
}

function dialFailure(serverName: string, cause: TlsHandshakeError): DialError {
  const where = `dial tls ${serverName}`;
  switch (cause.code) {
    case "ETIMEDOUT":
      return new DialError("timedOut", `${where}: ${cause.message}`, { cause });
    case "ABORT_ERR":
      return new DialError("aborted", `${where}: ${cause.message}`, { cause });
    case WRONG_NAME:
      return new DialError("tls", `${where}: x509: certificate is not valid for ${serverName}`, { cause });
    default:
      return new DialError("tls", `${where}: ${tlsFailureText(cause)}`, { cause });
  }
}
