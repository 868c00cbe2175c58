import type { Clock } from "../base/clock.ts";
import type { CertificateMaterial } from "./certificate-material.ts";
import { nameFit } from "./certificate-names.ts";

/** Issued certificates that are kept; the least recently used goes first. About 3 KB each. */
const ISSUED_LIMIT = 1000;
/** An issued certificate is replaced when asked for with less than this part of its life left. */
const RENEW_WITH_LEFT = 1 / 3;

export type Issue = (names: readonly string[]) => Promise<CertificateMaterial>;

export interface CertificateSources {
  /** Certificates of the operator, in order of preference; asked anew each time, because files are reloaded. */
  readonly configured: readonly (() => CertificateMaterial)[];
  /**
   * What a certificate of our own shall be valid for when a visitor asks for this name, or for none; `undefined` for a
   * name that is not served. Names that share a certificate (`*.example.com`) get the same list. `ownAddress`: where the
   * visitor arrived, if that is known.
   */
  namesFor(serverName: string | undefined, ownAddress: string | undefined): readonly string[] | undefined;
  /** Absent: there is no certificate but those of the operator. */
  readonly issue: Issue | undefined;
}

/** Finds the certificate to show to a visitor, and keeps those that were issued for it. */
export class CertificateChooser {
  readonly #sources: CertificateSources;
  readonly #clock: Clock;
  /** By the list of names; least recently used first. A promise while being issued, so that one name is issued once. */
  readonly #issued = new Map<string, CertificateMaterial | Promise<CertificateMaterial>>();

  constructor(sources: CertificateSources, clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
  }

  /**
   * A configured certificate that names the host, else one with a fitting wildcard, else one of our own. A visitor that
   * asks for no name gets the first configured one. `undefined`: nothing is served under this name, or not with a certificate. The same
   * object is handed out as long as it is good, so TLS contexts can be kept by it.
   */
  async choose(serverName: string | undefined, ownAddress?: string): Promise<CertificateMaterial | undefined> {
    const configured = this.#configuredFor(serverName);
    if (configured !== undefined) return configured;
    const { issue } = this.#sources;
    if (issue === undefined) return undefined;
    const names = this.#sources.namesFor(serverName, ownAddress);
    return names === undefined || names.length === 0 ? undefined : this.#issuedFor(names, issue);
  }

  /** Whether a certificate of the operator covers the name. */
  isConfigured(serverName: string): boolean {
    return this.#configuredFor(serverName) !== undefined;
  }

  #configuredFor(serverName: string | undefined): CertificateMaterial | undefined {
    const certificates = this.#sources.configured.map((current) => current());
    if (serverName === undefined) return certificates[0];
    return (["exact", "wildcard"] as const)
      .map((fit) => certificates.find(({ names }) => nameFit(names, serverName) === fit))
      .find((certificate) => certificate !== undefined);
  }

  #issuedFor(names: readonly string[], issue: Issue): CertificateMaterial | Promise<CertificateMaterial> {
    const key = names.join(" ");
    const known = this.#issued.get(key);
    const certificate = known !== undefined && this.#isGood(known) ? known : this.#keep(key, issue(names));
    this.#issued.delete(key);
    this.#issued.set(key, certificate);
    for (const oldest of this.#issued.keys()) {
      if (this.#issued.size <= ISSUED_LIMIT) break;
      this.#issued.delete(oldest);
    }
    return certificate;
  }

  #isGood(certificate: CertificateMaterial | Promise<CertificateMaterial>): boolean {
    if (certificate instanceof Promise) return true;
    const { notBefore, notAfter } = certificate;
    // a part of its own life, since one that was cut short by the end of the authority must not be replaced every time
    const renewBeforeMs = (notAfter.getTime() - notBefore.getTime()) * RENEW_WITH_LEFT;
    return notAfter.getTime() - this.#clock.date().getTime() > renewBeforeMs;
  }

  #keep(key: string, issuing: Promise<CertificateMaterial>): Promise<CertificateMaterial> {
    issuing.then(
      (certificate) => {
        if (this.#issued.get(key) === issuing) this.#issued.set(key, certificate);
      },
      () => {
        if (this.#issued.get(key) === issuing) this.#issued.delete(key); // the next visitor may have more luck
      },
    );
    return issuing;
  }
}
