/** Certificates that an authority issues for names of this edge: ordered on first demand, kept, and renewed in time. */
import type { Clock } from "../../base/clock.ts";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import { faultFacts } from "../../telemetry/fault-facts.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { type CertificateAuthority, type ChallengeType, type KeyType, OrderFailure } from "./certificate-authority.ts";
import { type CertificateStore, nameSetKey } from "./certificate-store.ts";
import type { DnsZones } from "./dns-zones.ts";
import { IssuanceSchedule, type OrderShare } from "./issuance-schedule.ts";
import { keyTypeOf, renewsAt } from "./renewal.ts";
import type { SharedOrders } from "./shared-orders.ts";

/** How often certificates are looked through for those to order, to renew or to throw away. */
const LOOK_MS = 60_000;

export interface ManagedCertificatesOptions {
  readonly authority: CertificateAuthority;
  readonly store: CertificateStore;
  /** Absent: no other node orders with this account. */
  readonly shared?: SharedOrders | undefined;
  /** Those that can work here, best first; after a failure the next one is tried. */
  readonly challengeTypes: readonly ChallengeType[];
  /** Where alone the challenge dns-01 is tried. */
  readonly dnsZones: Pick<DnsZones, "holds">;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** What is to be had without waiting for a visitor. */
export interface WantedCertificate {
  readonly names: readonly string[];
  readonly keyType: KeyType;
  /** Whose share of the orders it comes from. */
  readonly accountId: string;
}

/** What a certificate is to be like. */
export interface CertificateWish {
  readonly keyType?: KeyType | undefined;
  /** Whose share of the orders it comes from; absent: that of the edge itself. */
  readonly accountId?: string | undefined;
}

/** What became of an order of this node. */
export type OrderNews =
  | { readonly type: "begun" }
  | { readonly type: "failed"; readonly message: string; readonly retriesAt: Date }
  | { readonly type: "issued"; readonly certificate: CertificateMaterial };

export type OnOrderNews = (names: readonly string[], news: OrderNews) => void;

/** Dispose it to stop renewals; what is being ordered is left to itself. */
export class ManagedCertificates implements Disposable {
  readonly #options: ManagedCertificatesOptions;
  readonly #schedule = new IssuanceSchedule();
  readonly #held = new Map<string, Held>();
  readonly #stopListening: () => void;
  #isWanted: (names: readonly string[]) => boolean = () => false;
  #wanted: () => Iterable<WantedCertificate> = () => [];
  #onNews: OnOrderNews = () => {};
  #cancelLook: (() => void) | undefined;
  #isDisposed = false;

  private constructor(options: ManagedCertificatesOptions) {
    this.#options = options;
    this.#stopListening = options.store.listen((certificate) => this.#take(certificate));
    this.#lookLater();
  }

  /** With all that the store keeps. */
  static async open(options: ManagedCertificatesOptions): Promise<ManagedCertificates> {
    const certificates = new ManagedCertificates(options);
    try {
      for (const kept of await options.store.issued()) certificates.#take(kept);
    } catch (error) {
      certificates[Symbol.dispose]();
      throw error;
    }
    return certificates;
  }

  /** Whether there is a way to prove these names. */
  canOrder(names: readonly string[]): boolean {
    return this.#challengesFor(names).length > 0;
  }

  /** Whether there is a certificate for exactly these names now. Nothing is ordered. */
  holds(names: readonly string[]): boolean {
    const held = this.#held.get(nameSetKey(names));
    return held !== undefined && held.certificate.notAfter > this.#options.clock.date();
  }

  /** Certificates are renewed as long as this says so of their names. */
  renewWhile(isWanted: (names: readonly string[]) => boolean): void {
    this.#isWanted = isWanted;
  }

  /** These are ordered now and whenever they are missing, without a visitor; `onNews` hears of every order. */
  provide(wanted: () => Iterable<WantedCertificate>, onNews: OnOrderNews): void {
    this.#wanted = wanted;
    this.#onNews = onNews;
    this.#orderWanted();
  }

  /**
   * What there is now for exactly these names, which are served. When there is nothing, or a key of another kind than asked for,
   * or it is time for a new one, that is ordered behind the scenes, as far as limits and earlier failures allow: no visitor waits
   * for an authority.
   */
  certificateFor(
    names: readonly string[],
    { keyType, accountId }: CertificateWish = {},
  ): CertificateMaterial | undefined {
    const held = this.#held.get(nameSetKey(names));
    const now = this.#options.clock.date();
    const isDue = held === undefined || renewsAt(held.certificate) <= now;
    if (isDue || held.keyType !== (keyType ?? held.keyType)) {
      // The edge's own share is wider than that of renewals.
      const isRenewal = held !== undefined && isDue && accountId !== undefined;
      this.#orderIfAllowed(names, keyType ?? held?.keyType, { accountId, isRenewal });
    }
    return held !== undefined && held.certificate.notAfter > now ? held.certificate : undefined;
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#cancelLook?.();
    this.#stopListening();
  }

  /** Of two for the same names the one that lasts longer. */
  #take(certificate: CertificateMaterial): void {
    const key = nameSetKey(certificate.names);
    const held = this.#held.get(key)?.certificate;
    if (held !== undefined && certificate.notAfter < held.notAfter) return;
    this.#held.set(key, { certificate, keyType: keyTypeOf(certificate) });
  }

  /** Wildcards are validated by DNS alone (RFC 8555 section 8.4 with section 7.1.3). */
  #challengesFor(names: readonly string[]): readonly ChallengeType[] {
    const { challengeTypes, dnsZones } = this.#options;
    const hasDns = names.every((name) => dnsZones.holds(name));
    const hasOthers = !names.some(isWildcard);
    return challengeTypes.filter((type) => (type === "dns-01" ? hasDns : hasOthers));
  }

  #orderIfAllowed(names: readonly string[], keyType: KeyType | undefined, share: OrderShare): void {
    const usable = this.#challengesFor(names);
    if (usable.length === 0 || this.#isDisposed) return;
    const begun = this.#schedule.begin(nameSetKey(names), this.#options.clock.nowMs(), share);
    if (begun === undefined) return;
    const challengeType = usable[begun.failuresBefore % usable.length];
    if (challengeType !== undefined) void this.#order(names, challengeType, keyType ?? "ecdsa");
  }

  /** Never rejects. */
  async #order(names: readonly string[], challengeType: ChallengeType, keyType: KeyType): Promise<void> {
    const { authority, shared, clock, log } = this.#options;
    const key = nameSetKey(names);
    const facts = { names: names.join(","), challenge: challengeType };
    try {
      const claim = shared === undefined ? "claimed" : await shared.claim(names);
      if (claim !== "claimed") {
        this.#schedule.leave(key, clock.nowMs() + claim.getTime() - clock.date().getTime());
        return;
      }
      this.#onNews(names, { type: "begun" });
      const certificate = await authority.order({ names, challengeType, keyType });
      this.#held.set(key, { certificate, keyType });
      this.#schedule.succeed(key);
      await this.#keep(certificate);
      log.info("certificate issued", { ...facts, expires: certificate.notAfter.toISOString() });
      this.#onNews(names, { type: "issued", certificate });
    } catch (error) {
      await this.#onFailure(names, facts, error);
    }
  }

  /** Never rejects. */
  async #onFailure(names: readonly string[], facts: OrderFacts, error: unknown): Promise<void> {
    const { shared, clock, random, log } = this.#options;
    const retryAfterMs = error instanceof OrderFailure ? error.retryAfterMs : undefined;
    const pauseMs = this.#schedule.fail(nameSetKey(names), clock.nowMs(), random(), retryAfterMs);
    const retry = { retry_in: `${Math.ceil(pauseMs / 1000)}s` };
    if (error instanceof OrderFailure) log.warn("certificate not issued", { ...facts, ...retry, err: error });
    else log.error("certificate not issued by a fault of ginnel", { ...facts, ...retry, ...faultFacts(error) });
    const retriesAt = new Date(clock.date().getTime() + pauseMs);
    const message = error instanceof OrderFailure ? error.message : "the edge failed; its log says why";
    this.#onNews(names, { type: "failed", message, retriesAt });
    try {
      await shared?.putOff(names, retriesAt);
    } catch (cause) {
      log.warn("other nodes cannot be told of a failed order", { ...facts, err: cause });
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
    for (const [key, { certificate, keyType }] of this.#held) {
      const { names, notAfter } = certificate;
      if (notAfter <= now) {
        this.#held.delete(key);
        void this.#forget(names);
      } else if (renewsAt(certificate) <= now && this.#isWanted(names)) {
        this.#orderIfAllowed(names, keyType, { accountId: undefined, isRenewal: true });
      }
    }
    this.#orderWanted();
  }

  #orderWanted(): void {
    for (const { names, ...wish } of this.#wanted()) this.certificateFor(names, wish);
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

interface Held {
  readonly certificate: CertificateMaterial;
  readonly keyType: KeyType;
}

interface OrderFacts {
  readonly names: string;
  readonly challenge: ChallengeType;
}

function isWildcard(name: string): boolean {
  return name.startsWith("*.");
}
