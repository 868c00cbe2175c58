/** Keys, certificates and trust, made ready once and used for many connections; it is what makes resumption work. */
import { constants, X509Certificate } from "node:crypto";
import { createSecureContext, getCACertificates, type SecureContext, type SecureContextOptions } from "node:tls";

/** PEM texts. A chain has the leaf first. */
export interface TlsIdentity {
  readonly certPem: string;
  readonly keyPem: string;
  /** Whoever trusts it has the certificate of its issuer: none is sent with it. */
  readonly isSentAlone?: boolean;
}

/** Whom to trust: these PEM certificates only, those of the host's operating system, or the runtime's own list. */
export type Trust = readonly string[] | "host" | "default";

/**
 * For TLS 1.2: forward secrecy and authenticated encryption only (RFC 9325 section 4.2), the first that both sides know. TLS 1.3
 * has no other suites.
 */
const SERVER_SUITES = ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"]
  .flatMap((cipher) => [`ECDHE-ECDSA-${cipher}`, `ECDHE-RSA-${cipher}`])
  .join(":");

/** One certificate with its session cache; TLS 1.2 and up. */
export class TlsContext {
  readonly secure: SecureContext;

  constructor(secure: SecureContext) {
    this.secure = secure;
  }
}

export interface ServerTlsOptions {
  /**
   * Visitors are to be asked for certificates. PEM of the authorities that may have signed them, roots or not; none: no verdict
   * on what is shown counts. Then there is no resumption either: each visitor shows its certificate, with today's dates.
   */
  readonly clientCa?: readonly string[];
  /** Default: all that are allowed at all. */
  readonly minVersion?: "1.2" | "1.3";
  readonly maxVersion?: "1.2" | "1.3";
}

/**
 * For the accepting side.
 * @throws Error when a PEM text cannot be read or the key does not belong to the certificate
 */
export function serverTlsContext(identity: TlsIdentity, options: ServerTlsOptions = {}): TlsContext {
  const { clientCa, minVersion = "1.2", maxVersion = "1.3" } = options;
  const { SSL_OP_CIPHER_SERVER_PREFERENCE, SSL_OP_NO_TICKET } = constants;
  return new TlsContext(
    createSecureContext({
      ...keyPair(identity),
      ...trustOf(identity, clientCa),
      minVersion: `TLSv${minVersion}`,
      maxVersion: `TLSv${maxVersion}`,
      ciphers: SERVER_SUITES,
      secureOptions: SSL_OP_CIPHER_SERVER_PREFERENCE | (clientCa === undefined ? 0 : SSL_OP_NO_TICKET),
    }),
  );
}

/**
 * BoringSSL looks for whoever signed a leaf that comes without a chain, in each handshake, and with the list of the host that means four
 * files and a quarter of the time. So it is given that list only for a leaf which it may complete.
 */
function trustOf(identity: TlsIdentity, clientCa: ServerTlsOptions["clientCa"]): SecureContextOptions {
  if (clientCa === undefined) return mayLackChain(identity) ? {} : { ca: [identity.certPem] };
  return clientCa.length === 0 ? {} : { ca: [...clientCa], allowPartialTrustChain: true };
}

function mayLackChain({ certPem, isSentAlone = false }: TlsIdentity): boolean {
  if (isSentAlone || certPem.split("-----BEGIN").length > 2) return false;
  const leaf = new X509Certificate(certPem);
  return leaf.issuer !== leaf.subject;
}

/**
 * For the dialling side, with a certificate of its own when the peer asks for one.
 * @throws Error when a PEM text cannot be read or the key does not belong to the certificate
 */
export function clientTlsContext(trust: Trust, identity?: TlsIdentity): TlsContext {
  const own = identity === undefined ? {} : keyPair(identity);
  return new TlsContext(createSecureContext({ ca: authorities(trust), ...own, minVersion: "TLSv1.2" }));
}

function keyPair({ certPem, keyPem }: TlsIdentity): { cert: string; key: string } {
  return { cert: certPem, key: keyPem };
}

function authorities(trust: Trust): string[] {
  if (trust === "host") return getCACertificates("system");
  if (trust === "default") return getCACertificates("default");
  return [...trust];
}
