/** How the edge ends TLS for the visitors of one endpoint: versions, certificate, and the certificates that visitors show. */
import { createHash, X509Certificate } from "node:crypto";
import { PublicError } from "../base/errors.ts";
import { serverTlsContext, type TlsContext, type TlsIdentity } from "../net/tls-context.ts";
import { pemBlocks } from "../pki/pem.ts";
import type { TlsTerms } from "../policy/tls-terms.ts";

/** Of one endpoint; each is a name in every handshake. */
const MAX_AUTHORITIES = 100;

/** The authorities of some moment. */
interface Trusted {
  /** As they were given. */
  readonly authorities: readonly string[];
  /** Their certificates as one PEM text. */
  readonly pem: string;
  readonly mark: string;
}

interface MadeContext {
  /** Of the authorities that it trusts. */
  readonly mark: string;
  readonly context: TlsContext;
}

export class EndpointTls {
  readonly #terms: TlsTerms;
  /** By certificate: what resumes sessions is never shared with another endpoint. */
  readonly #contexts = new WeakMap<TlsIdentity, MadeContext>();
  /** Of the last time that somebody asked: every request does, and authorities seldom change. */
  #trusted: Trusted | undefined;

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
    return this.#trustedNow().mark;
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
    const trusted = this.#trustedNow();
    // Without any the runtime would trust its own list.
    if (clients?.strategy === "require-and-verify" && trusted.pem === "") return undefined;
    const made = this.#contexts.get(identity);
    if (made?.mark === trusted.mark) return made.context;
    const authorities = trusted.pem === "" ? [] : [trusted.pem];
    const context = serverTlsContext(identity, {
      minVersion,
      maxVersion,
      ...(clients !== undefined && { clientCa: authorities }),
    });
    this.#contexts.set(identity, { mark: trusted.mark, context });
    return context;
  }

  #trustedNow(): Trusted {
    const { minVersion, maxVersion, clients } = this.#terms;
    const authorities = clients?.authorities() ?? [];
    if (this.#trusted !== undefined && areSame(this.#trusted.authorities, authorities)) return this.#trusted;
    const pem = authorities.flatMap(certificatesIn).join("");
    const hash = createHash("sha256").update(pem).digest("base64");
    this.#trusted = {
      authorities: [...authorities],
      pem,
      mark: `${minVersion}-${maxVersion} ${clients?.strategy ?? "none"} ${hash}`,
    };
    return this.#trusted;
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

function areSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}

function certificatesIn(pem: string): readonly string[] {
  return pemBlocks(pem)
    .filter(({ label }) => label === "CERTIFICATE")
    .map(({ text }) => text);
}
