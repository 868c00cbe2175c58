/** Directories of one account: that of an edge's configuration, and that of an edge inside an agent. */
import type { HostPort } from "../base/host-port.ts";
import { hashToken, isSameHash } from "../model/access-token.ts";
import { Acl } from "../model/acl.ts";
import { AddressRules } from "../model/address-rules.ts";
import { NO_LIMITS } from "../model/records/account.ts";
import type { AccountRules, Credential, Directory, DirectoryListener, NameVerdict } from "./directory.ts";

const ACCOUNT_ID = "ac_operator";
/** Of the hash: 128 bits, and nothing that leads to the token. */
const CREDENTIAL_ID_DIGITS = 32;

const NOBODY_KEPT_OUT = new AddressRules([], "others");

/** An account without limits or restrictions. */
export const OPEN_ACCOUNT: AccountRules = {
  isDisabled: false,
  limits: NO_LIMITS,
  agentAddresses: NOBODY_KEPT_OUT,
  visitorAddresses: NOBODY_KEPT_OUT,
  policies: (ids) => (ids.length === 0 ? NOBODY_KEPT_OUT : undefined),
  certificateAuthority: () => undefined,
};

export interface StaticDirectoryOptions {
  /** SHA-256 of each authtoken (see {@link hashToken}). The tokens themselves are not kept. */
  readonly tokenHashes: readonly string[];
  /** Base domains: one label below them is free for anyone with a token. Lower case. */
  readonly baseDomains: readonly string[];
  /** Further names and wildcards that may be bound. Lower case. */
  readonly reserved: readonly string[];
}

/** Authtokens and reserved names come from the edge's configuration. */
export class StaticDirectory implements Directory {
  readonly #options: StaticDirectoryOptions;
  readonly #listeners = new Set<DirectoryListener>();
  #tokenHashes: readonly string[];

  constructor(options: StaticDirectoryOptions) {
    this.#options = options;
    this.#tokenHashes = options.tokenHashes;
  }

  /** From now on these let agents in, and no others. */
  replaceTokens(tokenHashes: readonly string[]): void {
    const gone = this.#tokenHashes.filter((hash) => !tokenHashes.includes(hash)).map(credentialIdOf);
    this.#tokenHashes = tokenHashes;
    for (const { onCredentialGone } of this.#listeners) for (const id of gone) onCredentialGone?.(id);
  }

  authenticate(authtoken: string): Promise<Credential | undefined> {
    const hash = hashToken(authtoken);
    // Every hash is compared, each in constant time, so that the time tells nothing about which one came close.
    const matches = this.#tokenHashes.map((known) => isSameHash(known, hash));
    const match = this.#tokenHashes[matches.indexOf(true)];
    return Promise.resolve(match === undefined ? undefined : unrestricted(credentialIdOf(match)));
  }

  credential(id: string): Credential | undefined {
    return this.#tokenHashes.some((hash) => credentialIdOf(hash) === id) ? unrestricted(id) : undefined;
  }

  account(): AccountRules {
    return OPEN_ACCOUNT;
  }

  nameVerdict(_accountId: string, host: string): NameVerdict {
    const { baseDomains, reserved } = this.#options;
    const free = !host.startsWith("*.") && baseDomains.some((base) => isOneLabelBelow(host, base));
    return free || reserved.some((name) => covers(name, host)) ? "allowed" : "notReserved";
  }

  addressVerdict(_accountId: string, _address: HostPort): NameVerdict {
    return "allowed";
  }

  isPortReserved(): boolean {
    return false;
  }

  /** They come from records alone. */
  cloudEndpoints(): readonly [] {
    return [];
  }

  listen(listener: DirectoryListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The directory of an edge inside an agent's own process: whoever runs the agent may use every name. */
export const openDirectory: Directory = {
  authenticate: () => Promise.resolve(unrestricted("cr_local")),
  credential: unrestricted,
  account: () => OPEN_ACCOUNT,
  nameVerdict: () => "allowed",
  addressVerdict: () => "allowed",
  isPortReserved: () => false,
  cloudEndpoints: () => [],
  listen: () => () => {},
};

/** The same in every list that the token is part of, since names are kept for a credential. */
function credentialIdOf(hash: string): string {
  return `cr_${hash.slice(0, CREDENTIAL_ID_DIGITS)}`;
}

function unrestricted(id: string): Credential {
  return { id, accountId: ACCOUNT_ID, acl: Acl.none };
}

function isOneLabelBelow(host: string, base: string): boolean {
  return host.endsWith(`.${base}`) && !host.slice(0, -base.length - 1).includes(".");
}

/** A reservation covers its own name; a wildcard also every name below it (reference.md 7.3 rule 2). */
function covers(reservation: string, host: string): boolean {
  if (reservation === host) return true;
  return reservation.startsWith("*.") && host.endsWith(reservation.slice(1)) && !host.startsWith("*.");
}
