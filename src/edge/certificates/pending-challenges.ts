import type { TlsContext } from "../../net/tls-context.ts";

const HTTP_PREFIX = "/.well-known/acme-challenge/";
/** The protocol of a TLS-ALPN-01 validation (RFC 8737 section 6.2). */
export const ACME_TLS = "acme-tls/1";

/** What an authority finds here while it validates a name, and at no other time. One challenge of each kind per name. */
export class PendingChallenges {
  readonly #http = new Map<string, { readonly path: string; readonly keyAuthorization: string }>();
  readonly #tls = new Map<string, TlsContext>();

  putHttp(name: string, token: string, keyAuthorization: string): void {
    this.#http.set(name, { path: HTTP_PREFIX + token, keyAuthorization });
  }

  putTls(name: string, context: TlsContext): void {
    this.#tls.set(name, context);
  }

  remove(name: string): void {
    this.#http.delete(name);
    this.#tls.delete(name);
  }

  /** The body that a request for this host and target is to get (RFC 8555 section 8.3); other requests are a visitor's. */
  httpAnswer(host: string, target: string): string | undefined {
    const pending = this.#http.get(host);
    return pending?.path === target ? pending.keyAuthorization : undefined;
  }

  /** For a handshake that offers these protocols for this name. */
  tlsContext(serverName: string | undefined, alpn: readonly string[]): TlsContext | undefined {
    const isValidation = serverName !== undefined && alpn.includes(ACME_TLS);
    return isValidation ? this.#tls.get(serverName) : undefined;
  }
}
