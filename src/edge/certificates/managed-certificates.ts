/** Certificates that an authority issues for names of this edge: ordered on first demand, kept, and renewed in time. */
import { createPrivateKey } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import { faultFacts } from "../../telemetry/fault-facts.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { type CertificateAuthority, type ChallengeType, type KeyType, OrderFailure } from "./certificate-authority.ts";
import { type CertificateStore, nameSetKey } from "./certificate-store.ts";
import { IssuanceSchedule } from "./issuance-schedule.ts";

/** How often certificates are looked through for those to renew or to throw away. */
const LOOK_MS = 10 * 60_000;
/** Of a certificate's life. */
const RENEW_AFTER = 2 / 3;

export interface ManagedCertificatesOptions {
  readonly authority: CertificateAuthority;
  readonly store: CertificateStore;
  /** Those that can work here, best first; after a failure the next one is tried. */
  readonly challengeTypes: readonly ChallengeType[];
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** Dispose it to stop renewals; what is being ordered is left to itself. */
export class ManagedCertificates implements Disposable {
  readonly #options: ManagedCertificatesOptions;
  readonly #schedule = new IssuanceSchedule();
  readonly #held = new Map<string, CertificateMaterial>();
  #isWanted: (names: readonly string[]) => boolean = () => false;
  #cancelLook: (() => void) | undefined;
  #isDisposed = false;

  private constructor(options: ManagedCertificatesOptions, kept: readonly CertificateMaterial[]) {
    this.#options = options;
    for (const certificate of kept) this.#held.set(nameSetKey(certificate.names), certificate);
    this.#lookLater();
  }

  /** With all that the store keeps. */
  static async open(options: ManagedCertificatesOptions): Promise<ManagedCertificates> {
    return new ManagedCertificates(options, await options.store.issued());
  }

  /** Wildcards are validated by DNS alone (RFC 8555 section 8.4 with section 7.1.3). */
  get canOrderWildcards(): boolean {
    return this.#options.challengeTypes.includes("dns-01");
  }

  /** Certificates are renewed as long as this says so of their names. */
  renewWhile(isWanted: (names: readonly string[]) => boolean): void {
    this.#isWanted = isWanted;
  }

  /**
   * What there is now for exactly these names, which are served. When there is nothing, or it is time for a new one, that is
   * ordered behind the scenes, as far as limits and earlier failures allow: no visitor waits for an authority.
   */
  certificateFor(names: readonly string[], keyType: KeyType = "ecdsa"): CertificateMaterial | undefined {
    const held = this.#held.get(nameSetKey(names));
    const now = this.#options.clock.date();
    if (held === undefined || isDue(held, now)) this.#orderIfAllowed(names, keyType);
    return held !== undefined && held.notAfter > now ? held : undefined;
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#cancelLook?.();
  }

  #orderIfAllowed(names: readonly string[], keyType: KeyType): void {
    const { clock, challengeTypes } = this.#options;
    const usable = names.some(isWildcard) ? challengeTypes.filter((type) => type === "dns-01") : challengeTypes;
    if (usable.length === 0 || this.#isDisposed) return;
    const begun = this.#schedule.begin(nameSetKey(names), clock.nowMs());
    if (begun === undefined) return;
    const challengeType = usable[begun.failuresBefore % usable.length];
    if (challengeType !== undefined) void this.#order(names, challengeType, keyType);
  }

  /** Never rejects. */
  async #order(names: readonly string[], challengeType: ChallengeType, keyType: KeyType): Promise<void> {
    const { authority, clock, random, log } = this.#options;
    const key = nameSetKey(names);
    const facts = { names: names.join(","), challenge: challengeType };
    try {
      const certificate = await authority.order({ names, challengeType, keyType });
      this.#held.set(key, certificate);
      this.#schedule.succeed(key);
      await this.#keep(certificate);
      log.info("certificate issued", { ...facts, expires: certificate.notAfter.toISOString() });
    } catch (error) {
      const retryAfterMs = error instanceof OrderFailure ? error.retryAfterMs : undefined;
      const pauseMs = this.#schedule.fail(key, clock.nowMs(), random(), retryAfterMs);
      const retry = { retry_in: `${Math.ceil(pauseMs / 1000)}s` };
      if (error instanceof OrderFailure) log.warn("certificate not issued", { ...facts, ...retry, err: error });
      else log.error("certificate not issued by a fault of ginnel", { ...facts, ...retry, ...faultFacts(error) });
    }
  }

  /** A certificate that cannot be kept serves until the process ends. */
  async #keep(certificate: CertificateMaterial): Promise<void> {
    try {
      await this.#options.store.keepIssued(certificate);
    } catch (error) {
      this.#options.log.warn("certificate cannot be kept", { names: certificate.names.join(","), err: error });
    }
  }

  #lookLater(): void {
    if (this.#isDisposed) return;
    this.#cancelLook = this.#options.clock.after(LOOK_MS, () => {
      this.#look();
      this.#lookLater();
    });
  }

  #look(): void {
    const now = this.#options.clock.date();
    for (const [key, certificate] of this.#held) {
      const { names, notAfter } = certificate;
      if (notAfter <= now) {
        this.#held.delete(key);
        void this.#forget(names);
      } else if (isDue(certificate, now) && this.#isWanted(names)) this.#orderIfAllowed(names, keyTypeOf(certificate));
    }
  }

  /** Never rejects. */
  async #forget(names: readonly string[]): Promise<void> {
    try {
      await this.#options.store.forgetIssued(names);
    } catch (error) {
      this.#options.log.warn("expired certificate cannot be removed", { names: names.join(","), err: error });
    }
  }
}

function isDue({ notBefore, notAfter }: CertificateMaterial, now: Date): boolean {
  const lifeMs = notAfter.getTime() - notBefore.getTime();
  return now.getTime() >= notBefore.getTime() + lifeMs * RENEW_AFTER;
}

function keyTypeOf({ keyPem }: CertificateMaterial): KeyType {
  return createPrivateKey(keyPem).asymmetricKeyType === "rsa" ? "rsa" : "ecdsa";
}

function isWildcard(name: string): boolean {
  return name.startsWith("*.");
}
