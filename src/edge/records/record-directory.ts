/**
 * The directory of an edge with a store: everything that the edge asks is kept in memory and follows the changes of the store, so
 * no agent or visitor waits for a database. Knows records and who may what by them; knows no session and no endpoint.
 */
import { isDeepStrictEqual } from "node:util";
import type { HostPort } from "../../base/host-port.ts";
import { hashToken } from "../../model/access-token.ts";
import { Acl } from "../../model/acl.ts";
import type { CloudEndpoint } from "../../model/records/cloud-endpoint.ts";
import type { Credential as CredentialRecord } from "../../model/records/credential.ts";
import type { ReservedDomain } from "../../model/records/reserved-domain.ts";
import { bindRight, type OwnNames } from "../../model/reservations.ts";
import type { Change, Store } from "../../store/store.ts";
import type { AccountRules, Credential, Directory, DirectoryListener, NameVerdict } from "../directory.ts";
import { AccountSnapshot } from "./account-snapshot.ts";
import { faultOf } from "./fault-of.ts";
import { followRecords } from "./follow-records.ts";
import { RecordIndex } from "./record-index.ts";

/** What a directory needs of a store. */
export type DirectorySource = Pick<Store, "all" | "listen">;

/** By these it decides. */
const FOLLOWED = [
  "account",
  "credential",
  "reservedDomain",
  "reservedAddr",
  "ipPolicy",
  "ipPolicyRule",
  "ipRestriction",
  "certificateAuthority",
  "cloudEndpoint",
] as const;

export class RecordDirectory implements Directory, Disposable {
  readonly #own: OwnNames;
  readonly #accounts = new RecordIndex("account", {});
  readonly #credentials = new RecordIndex("credential", {
    tokenHash: ({ tokenHash }) => tokenHash,
    account: ({ accountId }) => accountId,
  });
  readonly #domains = new RecordIndex("reservedDomain", { domain: ({ domain }) => domain });
  readonly #addresses = new RecordIndex("reservedAddr", { port: ({ port }) => String(port) });
  readonly #policies = new RecordIndex("ipPolicy", { account: ({ accountId }) => accountId });
  readonly #policyRules = new RecordIndex("ipPolicyRule", { policy: ({ policyId }) => policyId });
  readonly #restrictions = new RecordIndex("ipRestriction", { account: ({ accountId }) => accountId });
  readonly #authorities = new RecordIndex("certificateAuthority", { account: ({ accountId }) => accountId });
  readonly #cloudEndpoints = new RecordIndex("cloudEndpoint", { account: ({ accountId }) => accountId });
  /** Made when they are asked for, and forgotten when a record behind them changes. */
  readonly #rules = new Map<string, AccountRules>();
  readonly #acls = new WeakMap<CredentialRecord, Acl>();
  readonly #listeners = new Set<DirectoryListener>();
  #following: Disposable | undefined;

  private constructor(own: OwnNames) {
    this.#own = own;
  }

  /** Has loaded everything when it resolves. Rejects with a StoreError when the store fails. */
  static async open(source: DirectorySource, own: OwnNames): Promise<RecordDirectory> {
    const directory = new RecordDirectory(own);
    directory.#following = await followRecords(source, FOLLOWED, (change) => directory.#follow(change));
    return directory;
  }

  /** Follows the store no longer. */
  [Symbol.dispose](): void {
    this.#following?.[Symbol.dispose]();
  }

  /** Found by its hash: how long that takes tells something of the hash, and nothing of the token. */
  authenticate(authtoken: string): Promise<Credential | undefined> {
    const [record] = authtoken === "" ? [] : this.#credentials.by("tokenHash", hashToken(authtoken));
    return Promise.resolve(record && this.credential(record.id));
  }

  credential(id: string): Credential | undefined {
    const record = this.#credentials.get(id);
    if (record === undefined || this.#accounts.get(record.accountId)?.isDisabled !== false) return undefined;
    const acl = this.#acls.get(record) ?? new Acl(record.acl);
    this.#acls.set(record, acl);
    return { id, accountId: record.accountId, acl };
  }

  account(accountId: string): AccountRules {
    const known = this.#rules.get(accountId);
    if (known !== undefined) return known;
    const rules = new AccountSnapshot({
      account: this.#accounts.get(accountId),
      restrictions: this.#restrictions.by("account", accountId),
      policies: new Map(
        this.#policies.by("account", accountId).map(({ id }) => [id, this.#policyRules.by("policy", id)]),
      ),
      authorities: this.#authorities.by("account", accountId),
    });
    // Ids that nobody has must not add up.
    if (this.#accounts.get(accountId) !== undefined) this.#rules.set(accountId, rules);
    return rules;
  }

  nameVerdict(accountId: string, host: string): NameVerdict {
    const right = bindRight(accountId, host, { find: (domain) => this.#domain(domain), own: this.#own });
    if (right.may) {
      const record = right.reservation && this.#domain(right.reservation.domain);
      // Else it is a name of the configuration, whatever the records say of it.
      return record?.accountId === accountId ? record : "allowed";
    }
    return right.because;
  }

  addressVerdict(accountId: string, { host, port }: HostPort): NameVerdict {
    // All hosts lead to one set of ports, so a reservation of another host on that port counts as well.
    const onPort = this.#addresses.by("port", String(port));
    const nearest = onPort.find((address) => address.host === host) ?? onPort[0];
    if (nearest === undefined) return "notReserved";
    return nearest.accountId === accountId ? nearest : "ofAnotherAccount";
  }

  isPortReserved(port: number): boolean {
    return this.#addresses.by("port", String(port)).length > 0;
  }

  cloudEndpoints(): readonly CloudEndpoint[] {
    return this.#cloudEndpoints.all().filter((record) => this.#isServed(record));
  }

  listen(listener: DirectoryListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #isServed({ accountId }: CloudEndpoint): boolean {
    return this.#accounts.get(accountId)?.isDisabled === false;
  }

  #domain(domain: string): ReservedDomain | undefined {
    return this.#domains.by("domain", domain)[0];
  }

  #follow(change: Change): void {
    switch (change.type) {
      case "account":
        this.#accounts.follow(change);
        this.#rules.delete(change.record.id);
        if (this.account(change.record.id).isDisabled) this.#credentialsGone(change.record.id);
        for (const record of this.#cloudEndpoints.by("account", change.record.id)) this.#cloudEndpointChanged(record);
        return;
      case "cloudEndpoint":
        this.#cloudEndpoints.follow(change);
        return this.#cloudEndpointChanged(change.record);
      case "credential": {
        const former = this.#credentials.follow(change);
        if (change.action === "deleted") this.#tell(({ onCredentialGone }) => onCredentialGone?.(change.record.id));
        // Nobody has bound anything by one that was not here before.
        else if (former !== undefined && !isDeepStrictEqual(former.acl, change.record.acl))
          this.#tell(({ onNames }) => onNames?.());
        return;
      }
      case "reservedDomain": {
        const former = this.#domains.follow(change);
        if (change.action === "deleted" || former?.region !== change.record.region)
          this.#tell(({ onNames }) => onNames?.());
        return;
      }
      case "reservedAddr":
        this.#addresses.follow(change);
        return this.#tell(({ onNames }) => onNames?.());
      case "ipPolicy":
        this.#policies.follow(change);
        return this.#addressRulesChanged(change.record.accountId);
      case "ipPolicyRule":
        this.#policyRules.follow(change);
        return this.#addressRulesChanged(change.record.accountId);
      case "ipRestriction":
        this.#restrictions.follow(change);
        return this.#addressRulesChanged(change.record.accountId);
      case "certificateAuthority":
        this.#authorities.follow(change);
        this.#rules.delete(change.record.accountId);
        return;
      case "apiKey":
      case "tlsCertificate":
      case "acmeAccount":
      case "issuedCertificate":
      case "certificateOrder":
        // Nothing is decided here by these.
        return;
    }
  }

  #credentialsGone(accountId: string): void {
    for (const { id } of this.#credentials.by("account", accountId)) {
      this.#tell(({ onCredentialGone }) => onCredentialGone?.(id));
    }
  }

  #cloudEndpointChanged({ id }: CloudEndpoint): void {
    const record = this.#cloudEndpoints.get(id);
    const now = record !== undefined && this.#isServed(record) ? record : undefined;
    this.#tell(({ onCloudEndpoint }) => onCloudEndpoint?.(id, now));
  }

  #addressRulesChanged(accountId: string): void {
    this.#rules.delete(accountId);
    this.#tell(({ onAddressRules }) => onAddressRules?.(accountId));
  }

  /** All of them hear it, whichever fails. */
  #tell(about: (listener: DirectoryListener) => void): void {
    const faults = [...this.#listeners].flatMap((listener) => faultOf(() => about(listener)));
    if (faults.length > 0) throw new AggregateError(faults, "listeners of the directory failed");
  }
}
