/** Directories of one account that never change: that of an edge's configuration, and that of an edge inside an agent. */
import type { HostPort } from "../base/host-port.ts";
import { hashToken, isSameHash } from "../model/access-token.ts";
import { Acl } from "../model/acl.ts";
import { AddressRules } from "../model/address-rules.ts";
import { NO_LIMITS } from "../model/records/account.ts";
import type { AccountRules, Credential, Directory, NameVerdict } from "./directory.ts";

const ACCOUNT_ID = "ac_operator";

const NOBODY_KEPT_OUT = new AddressRules([], "others");

/** An account without limits or restrictions. */
export const OPEN_ACCOUNT: AccountRules = {
  isDisabled: false,
  limits: NO_LIMITS,
  agentAddresses: NOBODY_KEPT_OUT,
  visitorAddresses: NOBODY_KEPT_OUT,
  policies: (ids) => (ids.length === 0 ? NOBODY_KEPT_OUT : undefined),
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

  constructor(options: StaticDirectoryOptions) {
    this.#options = options;
  }

  authenticate(authtoken: string): Promise<Credential | undefined> {
    const hash = hashToken(authtoken);
    // Every hash is compared, each in constant time, so that the time tells nothing about which one came close.
    const matches = this.#options.tokenHashes.map((known) => isSameHash(known, hash));
    const index = matches.indexOf(true);
    return Promise.resolve(index < 0 ? undefined : unrestricted(`cr_${index + 1}`));
  }

  credential(id: string): Credential {
    return unrestricted(id);
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

  listen(): () => void {
    return () => {};
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
  listen: () => () => {},
};

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
