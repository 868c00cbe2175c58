/** How the edge ends TLS for the visitors of one endpoint: versions, certificate, and the certificates that visitors show. */
import { X509Certificate } from "node:crypto";
import { PublicError } from "../base/errors.ts";
import { serverTlsContext, type TlsContext, type TlsIdentity } from "../net/tls-context.ts";
import { pemBlocks } from "../pki/pem.ts";
import type { TlsTerms } from "../policy/tls-terms.ts";

/** Of one endpoint; each is a name in every handshake. */
const MAX_AUTHORITIES = 100;

interface MadeContext {
  /** The authorities that it trusts. */
  readonly trusted: string;
  readonly context: TlsContext;
}

export class EndpointTls {
  readonly #terms: TlsTerms;
  /** By certificate: what resumes sessions is never shared with another endpoint. */
  readonly #contexts = new WeakMap<TlsIdentity, MadeContext>();

  /** @throws PublicError when the certificate with its key, or an authority, is of no use */
  constructor(terms: TlsTerms) {
    this.#terms = terms;
    const { identity, clients } = terms;
    checkAuthorities(clients?.authorities() ?? []);
    if (identity === undefined) return;
    try {
      this.contextFor(identity);
    } catch (cause) {
      throw new PublicError("ERR_GINNEL_BAD_CERTIFICATE", {}, { cause });
    }
  }

  /** Its own certificate, where it has one. */
  get identity(): TlsIdentity | undefined {
    return this.#terms.identity;
  }

  /** Equal only when a handshake for one is as good for the other. As of now: authorities may be taken away. */
  get mark(): string {
    const { minVersion, maxVersion, clients } = this.#terms;
    return `${minVersion}-${maxVersion} ${clients?.strategy ?? "none"} ${this.#trusted()}`;
  }

  /** For the handshake; see {@link isEnough}. */
  get clientCertificate(): "ask" | "require" | undefined {
    const { clients } = this.#terms;
    if (clients === undefined) return undefined;
    return clients.strategy === "require-and-verify" ? "require" : "ask";
  }

  /** Whether a visitor that came through the handshake may go on. */
  isEnough(peerCertificate: X509Certificate | undefined): boolean {
    return this.#terms.clients?.strategy !== "require-any" || peerCertificate !== undefined;
  }

  /** `undefined` when nobody can come in, because every authority was taken away. */
  contextFor(identity: TlsIdentity): TlsContext | undefined {
    const { minVersion, maxVersion, clients } = this.#terms;
    const trusted = this.#trusted();
    // Without any the runtime would trust its own list.
    if (clients?.strategy === "require-and-verify" && trusted === "") return undefined;
    const made = this.#contexts.get(identity);
    if (made?.trusted === trusted) return made.context;
    const authorities = trusted === "" ? [] : [trusted];
    const context = serverTlsContext(identity, {
      minVersion,
      maxVersion,
      ...(clients !== undefined && { clientCa: authorities }),
    });
    this.#contexts.set(identity, { trusted, context });
    return context;
  }

  #trusted(): string {
    const authorities = this.#terms.clients?.authorities() ?? [];
    return authorities.flatMap(certificatesIn).join("");
  }
}

/** What a bind brings as authorities: PEM in base64. @throws PublicError when there is no certificate in it */
export function authoritiesIn(base64: string): readonly string[] {
  const pem = Buffer.from(base64, "base64").toString("utf8");
  checkAuthorities([pem]);
  return [pem];
}

function checkAuthorities(texts: readonly string[]): void {
  const certificates = texts.map(certificatesIn);
  if (certificates.flat().length > MAX_AUTHORITIES) throw new PublicError("ERR_GINNEL_BAD_AUTHORITY", {});
  for (const found of certificates) {
    if (found.length === 0) throw new PublicError("ERR_GINNEL_BAD_AUTHORITY", {});
    for (const text of found) {
      try {
        void new X509Certificate(text).raw;
      } catch (cause) {
        throw new PublicError("ERR_GINNEL_BAD_AUTHORITY", {}, { cause });
      }
    }
  }
}

function certificatesIn(pem: string): readonly string[] {
  return pemBlocks(pem)
    .filter(({ label }) => label === "CERTIFICATE")
    .map(({ text }) => text);
}
