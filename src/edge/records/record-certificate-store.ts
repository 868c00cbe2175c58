import type { Clock } from "../../base/clock.ts";
import { newId } from "../../base/record-id.ts";
import type { Actor } from "../../model/records/audit-entry.ts";
import type { CertificateOrder } from "../../model/records/certificate-order.ts";
import type { IssuedCertificate } from "../../model/records/issued-certificate.ts";
import { ID_PREFIXES } from "../../model/records/records.ts";
import type { CertificateMaterial } from "../../pki/certificate-material.ts";
import { type Store, type Transaction } from "../../store/store.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { type CertificateStore, nameSetKey } from "../certificates/certificate-store.ts";
import type { SharedOrders } from "../certificates/shared-orders.ts";
import { openCertificate } from "./kept-certificate.ts";

/** Longer than any order takes; after it, the node that claimed these names has gone. */
const CLAIM_MS = 10 * 60_000;

export interface RecordCertificateStoreOptions {
  readonly store: Pick<Store, "all" | "change" | "listen" | "secrets">;
  /** For the audit log. */
  readonly nodeId: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Issued certificates and keys of accounts as records, for all nodes that share the store. */
export class RecordCertificateStore implements CertificateStore, SharedOrders {
  readonly #options: RecordCertificateStoreOptions;
  readonly #actor: Actor;

  constructor(options: RecordCertificateStoreOptions) {
    this.#options = options;
    this.#actor = { kind: "system", id: options.nodeId };
  }

  async issued(): Promise<readonly CertificateMaterial[]> {
    const records = await this.#options.store.all("issuedCertificate");
    return records.map((record) => this.#opened(record)).filter((certificate) => certificate !== undefined);
  }

  async keepIssued({ names, certPem, keyPem }: CertificateMaterial): Promise<void> {
    const { store, clock } = this.#options;
    await store.change(this.#actor, async (transaction) => {
      const [kept] = await transaction.all("issuedCertificate", { names: nameSetKey(names) });
      const createdAt = clock.date();
      const id = newId(ID_PREFIXES.issuedCertificate, createdAt);
      if (kept !== undefined) await transaction.remove("issuedCertificate", kept.id);
      const sealedKey = store.secrets.seal(keyPem, id);
      const record = { id, createdAt, names: nameSetKey(names), certificatePem: certPem, sealedKey };
      await transaction.insert("issuedCertificate", record);
      const order = await orderOf(transaction, names);
      if (order !== undefined) await transaction.remove("certificateOrder", order.id);
    });
  }

  async forgetIssued(names: readonly string[]): Promise<void> {
    await this.#options.store.change(this.#actor, async (transaction) => {
      const [kept] = await transaction.all("issuedCertificate", { names: nameSetKey(names) });
      if (kept !== undefined) await transaction.remove("issuedCertificate", kept.id);
    });
  }

  async accountKey(directoryUrl: string, make: () => Promise<string>): Promise<string> {
    const { store, clock } = this.#options;
    const [kept] = await store.all("acmeAccount", { directoryUrl });
    if (kept !== undefined) return this.#openedKey(kept);
    const made = await make();
    return store.change(this.#actor, async (transaction) => {
      const [first] = await transaction.all("acmeAccount", { directoryUrl });
      if (first !== undefined) return this.#openedKey(first);
      const createdAt = clock.date();
      const id = newId(ID_PREFIXES.acmeAccount, createdAt);
      const sealedKey = store.secrets.seal(made, id);
      await transaction.insert("acmeAccount", { id, createdAt, directoryUrl, accountUrl: "", sealedKey });
      return made;
    });
  }

  /** Also with what this node keeps itself. */
  listen(onKept: (certificate: CertificateMaterial) => void): () => void {
    return this.#options.store.listen((changes) => {
      for (const change of changes) {
        if (change.type !== "issuedCertificate" || change.action === "deleted") continue;
        const certificate = this.#opened(change.record);
        if (certificate !== undefined) onKept(certificate);
      }
    });
  }

  claim(names: readonly string[]): Promise<"claimed" | Date> {
    const { store, clock } = this.#options;
    return store.change(this.#actor, async (transaction) => {
      const createdAt = clock.date();
      const notBefore = new Date(createdAt.getTime() + CLAIM_MS);
      const order = await orderOf(transaction, names);
      if (order !== undefined && order.notBefore > createdAt) return order.notBefore;
      if (order !== undefined) await transaction.remove("certificateOrder", order.id);
      const id = newId(ID_PREFIXES.certificateOrder, createdAt);
      await transaction.insert("certificateOrder", {
        id,
        createdAt,
        names: nameSetKey(names),
        notBefore,
        challenges: [],
      });
      return "claimed";
    });
  }

  async putOff(names: readonly string[], notBefore: Date): Promise<void> {
    await this.#options.store.change(this.#actor, async (transaction) => {
      const order = await orderOf(transaction, names);
      if (order !== undefined) await transaction.update("certificateOrder", order.id, { notBefore, challenges: [] });
    });
  }

  #opened(record: IssuedCertificate): CertificateMaterial | undefined {
    const opened = openCertificate(record, this.#options.store.secrets);
    if (typeof opened !== "string") return opened;
    this.#options.log.warn("kept certificate cannot be used", { certificate: record.id, reason: opened });
    return undefined;
  }

  #openedKey({ id, sealedKey }: { readonly id: string; readonly sealedKey: Uint8Array }): string {
    const key = this.#options.store.secrets.open(sealedKey, id);
    if (key === undefined) throw new Error(`the account key ${id} was sealed with another key, or changed since`);
    return key;
  }
}

/** The order for exactly these names. */
export async function orderOf(
  transaction: Transaction,
  names: readonly string[],
): Promise<CertificateOrder | undefined> {
  const [order] = await transaction.all("certificateOrder", { names: nameSetKey(names) });
  return order;
}
