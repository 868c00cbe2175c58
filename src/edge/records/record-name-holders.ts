/**
 * Reserved domains as the TLS port asks for them: what is reserved, which certificates were brought, which are to be ordered. Kept
 * in memory and in step with the store, so a change holds for the next handshake.
 */
import type { ReservedDomain } from "../../model/records/reserved-domain.ts";
import type { TlsCertificate } from "../../model/records/tls-certificate.ts";
import { type OwnNames, reservationsOver } from "../../model/reservations.ts";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import { nameFit } from "../../pki/certificate-names.ts";
import type { Change, Store } from "../../store/store.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { KeyType } from "../certificates/certificate-authority.ts";
import type { NameHolders } from "../certificates/name-holders.ts";
import { followRecords } from "./follow-records.ts";
import { openCertificate } from "./kept-certificate.ts";
import { RecordIndex } from "./record-index.ts";

/** What is asked of a store. */
export type NameHolderSource = Pick<Store, "all" | "listen" | "secrets">;

interface Opened {
  readonly record: TlsCertificate;
  /** `undefined`: it is of no use. */
  readonly certificate: CertificateMaterial | undefined;
}

export class RecordNameHolders implements NameHolders, Disposable {
  readonly #source: NameHolderSource;
  readonly #own: OwnNames;
  readonly #log: Logger;
  readonly #domains = new RecordIndex("reservedDomain", { domain: ({ domain }) => domain });
  readonly #certificates = new RecordIndex("tlsCertificate", {});
  /** Those that visitors asked for, by id. */
  readonly #opened = new Map<string, Opened>();
  #following: Disposable | undefined;

  private constructor(source: NameHolderSource, own: OwnNames, log: Logger) {
    this.#source = source;
    this.#own = own;
    this.#log = log;
  }

  /** Has loaded everything when it resolves. Rejects with a StoreError when the store fails. */
  static async open(source: NameHolderSource, own: OwnNames, log: Logger): Promise<RecordNameHolders> {
    const holders = new RecordNameHolders(source, own, log);
    const follow = (change: Change): void => holders.#follow(change);
    holders.#following = await followRecords(source, ["reservedDomain", "tlsCertificate"], follow);
    return holders;
  }

  /** Follows the store no longer. */
  [Symbol.dispose](): void {
    this.#following?.[Symbol.dispose]();
  }

  reservedHost(name: string): string | undefined {
    return this.#reservationsOf(name).next().value?.domain;
  }

  accountOf(name: string): string | undefined {
    return this.#reservationsOf(name).next().value?.accountId;
  }

  /**
   * That of the reservation itself, whatever names it is for; of a wildcard above it only where it fits, and not past a
   * reservation that has its certificates ordered.
   */
  uploadedFor(name: string): CertificateMaterial | undefined {
    for (const { domain, certificateId, certificatePolicy } of this.#reservationsOf(name)) {
      const certificate = certificateId === undefined ? undefined : this.#certificate(certificateId);
      const isItsOwn = domain === name;
      if (certificate !== undefined && (isItsOwn || nameFit(certificate.names, name) !== "none")) return certificate;
      if (isItsOwn && certificatePolicy !== undefined) return undefined;
    }
    return undefined;
  }

  managedKeyType(name: string): KeyType | undefined {
    return this.#reservationsOf(name).next().value?.certificatePolicy?.privateKeyType;
  }

  /**
   * The name's own, then wildcards with the longest first: those of the account that has the name, since a wildcard above another
   * account's name says nothing about it.
   */
  *#reservationsOf(name: string): Generator<ReservedDomain, undefined> {
    const known = { find: (domain: string) => this.#domains.by("domain", domain)[0], own: this.#own };
    const covering = reservationsOver(name, known);
    const accountId = covering[0]?.accountId;
    for (const { domain } of covering) {
      for (const record of this.#domains.by("domain", domain)) if (record.accountId === accountId) yield record;
    }
    return undefined;
  }

  #certificate(id: string): CertificateMaterial | undefined {
    const known = this.#opened.get(id);
    if (known !== undefined) return known.certificate;
    const record = this.#certificates.get(id);
    if (record === undefined) return undefined;
    const opened = openCertificate(record, this.#source.secrets);
    if (typeof opened === "string") {
      this.#log.warn("uploaded certificate cannot be used", { certificate: id, reason: opened });
    }
    const certificate = typeof opened === "string" ? undefined : opened;
    this.#opened.set(id, { record, certificate });
    return certificate;
  }

  #follow(change: Change): void {
    if (change.type === "reservedDomain") this.#domains.follow(change);
    if (change.type !== "tlsCertificate") return;
    this.#certificates.follow(change);
    const opened = this.#opened.get(change.record.id);
    // A new description is no new certificate: sessions of visitors hang on the object.
    if (opened !== undefined && (change.action === "deleted" || !isSame(opened.record, change.record)))
      this.#opened.delete(change.record.id);
  }
}

function isSame(one: TlsCertificate, other: TlsCertificate): boolean {
  return one.certificatePem === other.certificatePem && Buffer.compare(one.sealedKey, other.sealedKey) === 0;
}
