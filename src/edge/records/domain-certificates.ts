/**
 * Reserved domains whose holders want certificates of an authority: has them ordered without a visitor, and writes down in the
 * records how that goes, for the API to show.
 */
import type { Clock } from "../../base/clock.ts";
import { PublicError } from "../../base/errors.ts";
import type { Actor } from "../../model/records/audit-entry.ts";
import type { CertificateJob, ReservedDomain } from "../../model/records/reserved-domain.ts";
import type { Change, Store } from "../../store/store.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { ManagedCertificates, OrderNews, WantedCertificate } from "../certificates/managed-certificates.ts";
import { renewsAt } from "../certificates/renewal.ts";
import { followRecords } from "./follow-records.ts";
import { RecordIndex } from "./record-index.ts";

const UNDER_WAY = "The certificate is being ordered.";

export interface DomainCertificatesOptions {
  readonly store: Pick<Store, "all" | "change" | "listen">;
  readonly managed: Pick<ManagedCertificates, "provide" | "certificateFor" | "canOrder">;
  /** For the audit log. */
  readonly nodeId: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the record of a domain says about its certificate. */
type CertificateState = Pick<ReservedDomain, "certificateJob" | "renewsAt">;

export class DomainCertificates implements Disposable {
  readonly #options: DomainCertificatesOptions;
  readonly #actor: Actor;
  /** All domains; only those with a policy count. */
  readonly #domains = new RecordIndex("reservedDomain", { domain: ({ domain }) => domain });
  readonly #wanted = new Map<string, WantedCertificate>();
  #following: Disposable | undefined;

  private constructor(options: DomainCertificatesOptions) {
    this.#options = options;
    this.#actor = { kind: "system", id: options.nodeId };
  }

  /** Rejects with a StoreError when the store fails. */
  static async open(options: DomainCertificatesOptions): Promise<DomainCertificates> {
    const certificates = new DomainCertificates(options);
    options.managed.provide(
      () => certificates.#wanted.values(),
      (names, news) => certificates.#onNews(names, news),
    );
    const follow = (change: Change): void => certificates.#follow(change);
    certificates.#following = await followRecords(options.store, ["reservedDomain"], follow);
    return certificates;
  }

  /** Follows the store no longer, and wants nothing any more. */
  [Symbol.dispose](): void {
    this.#following?.[Symbol.dispose]();
    this.#wanted.clear();
  }

  #follow(change: Change): void {
    if (change.type !== "reservedDomain") return;
    const { record } = change;
    const former = this.#domains.follow(change);
    const keyType = change.action === "deleted" ? undefined : record.certificatePolicy?.privateKeyType;
    if (keyType === undefined) this.#wanted.delete(record.id);
    else if (former?.certificatePolicy?.privateKeyType !== keyType) this.#want(record, keyType);
  }

  #want(record: ReservedDomain, keyType: WantedCertificate["keyType"]): void {
    const { managed, clock } = this.#options;
    const { id, domain, accountId } = record;
    if (!managed.canOrder([domain])) {
      const { code, message } = new PublicError("ERR_GINNEL_WILDCARD_ORDER", { domain });
      const job = { errorCode: code, message, startedAt: clock.date(), retriesAt: undefined };
      // As it was before: each node that starts finds the same.
      if (record.certificateJob?.errorCode !== code) void this.#write(id, { certificateJob: job, renewsAt: undefined });
      return;
    }
    this.#wanted.set(id, { names: [domain], keyType, accountId });
    const held = managed.certificateFor([domain], { keyType, accountId });
    if (held !== undefined) void this.#write(id, { certificateJob: undefined, renewsAt: renewsAt(held) });
  }

  #onNews([name = "", ...more]: readonly string[], news: OrderNews): void {
    if (more.length > 0) return;
    for (const record of this.#domains.by("domain", name)) {
      if (record.certificatePolicy !== undefined) void this.#write(record.id, this.#stateAfter(news, record));
    }
  }

  #stateAfter(news: OrderNews, { certificateJob, renewsAt: before }: ReservedDomain): CertificateState {
    const startedAt = this.#options.clock.date();
    switch (news.type) {
      case "begun": {
        const job: CertificateJob = { errorCode: "", message: UNDER_WAY, startedAt, retriesAt: undefined };
        return { certificateJob: job, renewsAt: before };
      }
      case "failed": {
        const { code, message } = new PublicError("ERR_GINNEL_CERTIFICATE_ORDER", { reason: news.message });
        const job: CertificateJob = {
          errorCode: code,
          message,
          startedAt: certificateJob?.startedAt ?? startedAt,
          retriesAt: news.retriesAt,
        };
        return { certificateJob: job, renewsAt: before };
      }
      case "issued":
        return { certificateJob: undefined, renewsAt: renewsAt(news.certificate) };
      default:
        return news satisfies never;
    }
  }

  /** Never rejects. */
  async #write(id: string, state: CertificateState): Promise<void> {
    const { store, log } = this.#options;
    try {
      await store.change(this.#actor, async (transaction) => {
        // Its holder may have changed its mind.
        const record = await transaction.get("reservedDomain", id);
        if (record?.certificatePolicy !== undefined) await transaction.update("reservedDomain", id, state);
      });
    } catch (error) {
      log.warn("the state of a certificate cannot be kept", { domain: id, err: error });
    }
  }
}
