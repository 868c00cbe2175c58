/**
 * Authtokens of the edge's configuration, beside the records: they belong to the operator's account. Nothing of them is written into
 * the store, so that what leaves the configuration is gone. Names of the configuration are known to the records' directory.
 */
import type { HostPort } from "../../base/host-port.ts";
import { hashToken, isSameHash } from "../../model/access-token.ts";
import { Acl } from "../../model/acl.ts";
import type { CloudEndpoint } from "../../model/records/cloud-endpoint.ts";
import type { Store } from "../../store/store.ts";
import type { AccountRules, Credential, Directory, DirectoryListener, NameVerdict } from "../directory.ts";

/** Of the hash: 128 bits, and nothing that leads to the token. */
const CREDENTIAL_ID_DIGITS = 32;

export interface OperatorDirectoryOptions {
  /** What the store has. It follows the store already, so that it knows of a change before this does. */
  readonly records: Directory;
  readonly store: Pick<Store, "listen">;
  /** The operator's, which is in the store. */
  readonly accountId: string;
  /** SHA-256 of each authtoken (see {@link hashToken}). The tokens themselves are not kept. */
  readonly tokenHashes: readonly string[];
}

export class OperatorDirectory implements Directory, Disposable {
  readonly #records: Directory;
  readonly #accountId: string;
  readonly #listeners = new Set<DirectoryListener>();
  readonly #stopListening: () => void;
  /** By id of the credential. The id is the same in every list that the token is part of, since names are kept for a credential. */
  #tokenHashes: ReadonlyMap<string, string>;

  constructor({ records, store, accountId, tokenHashes }: OperatorDirectoryOptions) {
    this.#records = records;
    this.#accountId = accountId;
    this.#tokenHashes = byCredentialId(tokenHashes);
    this.#stopListening = store.listen(
      (changes) => {
        if (changes.some(({ type, record }) => type === "account" && record.id === accountId)) this.#accountChanged();
      },
      // The records were told first, and have what this asks.
      () => Promise.resolve(this.#accountChanged()),
    );
  }

  /** Follows the store no longer. */
  [Symbol.dispose](): void {
    this.#stopListening();
  }

  /** From now on these let agents in, and no others of the configuration. */
  replaceTokens(tokenHashes: readonly string[]): void {
    const former = this.#tokenHashes;
    this.#tokenHashes = byCredentialId(tokenHashes);
    this.#gone([...former.keys()].filter((id) => !this.#tokenHashes.has(id)));
  }

  authenticate(authtoken: string): Promise<Credential | undefined> {
    const hash = hashToken(authtoken);
    // Every hash is compared, each in constant time, so that the time tells nothing about which one came close.
    const credentials = [...this.#tokenHashes];
    const [id] = credentials[credentials.map(([, known]) => isSameHash(known, hash)).indexOf(true)] ?? [];
    return id === undefined ? this.#records.authenticate(authtoken) : Promise.resolve(this.credential(id));
  }

  credential(id: string): Credential | undefined {
    if (!this.#tokenHashes.has(id)) return this.#records.credential(id);
    return this.#isOpen ? { id, accountId: this.#accountId, acl: Acl.none } : undefined;
  }

  account(accountId: string): AccountRules {
    return this.#records.account(accountId);
  }

  nameVerdict(accountId: string, host: string): NameVerdict {
    return this.#records.nameVerdict(accountId, host);
  }

  /** The operator's agents may have any free port that nobody reserved. */
  addressVerdict(accountId: string, address: HostPort): NameVerdict {
    const verdict = this.#records.addressVerdict(accountId, address);
    return verdict === "notReserved" && accountId === this.#accountId ? "allowed" : verdict;
  }

  isPortReserved(port: number): boolean {
    return this.#records.isPortReserved(port);
  }

  cloudEndpoints(): readonly CloudEndpoint[] {
    return this.#records.cloudEndpoints();
  }

  listen(listener: DirectoryListener): () => void {
    const stop = this.#records.listen(listener);
    this.#listeners.add(listener);
    return () => {
      stop();
      this.#listeners.delete(listener);
    };
  }

  get #isOpen(): boolean {
    return !this.#records.account(this.#accountId).isDisabled;
  }

  #accountChanged(): void {
    if (!this.#isOpen) this.#gone([...this.#tokenHashes.keys()]);
  }

  #gone(credentialIds: readonly string[]): void {
    for (const { onCredentialGone } of this.#listeners) for (const id of credentialIds) onCredentialGone?.(id);
  }
}

function byCredentialId(tokenHashes: readonly string[]): ReadonlyMap<string, string> {
  return new Map(tokenHashes.map((hash) => [`cr_${hash.slice(0, CREDENTIAL_ID_DIGITS)}`, hash]));
}
