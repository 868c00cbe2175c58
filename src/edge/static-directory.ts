/** A directory of one account: authtokens and reserved names come from the edge's configuration and never change. */
import { hashToken, isSameHash } from "../model/access-token.ts";
import type { Credential, Directory, NameVerdict } from "./directory.ts";

const ACCOUNT_ID = "ac_operator";

export interface StaticDirectoryOptions {
  /** SHA-256 of each authtoken (see {@link hashToken}). The tokens themselves are not kept. */
  readonly tokenHashes: readonly string[];
  /** Base domains: one label below them is free for anyone with a token. Lower case. */
  readonly baseDomains: readonly string[];
  /** Further names and wildcards that may be bound. Lower case. */
  readonly reserved: readonly string[];
}

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
    return Promise.resolve(index < 0 ? undefined : { id: `cr_${index + 1}`, accountId: ACCOUNT_ID });
  }

  nameVerdict(_accountId: string, host: string): Promise<NameVerdict> {
    const { baseDomains, reserved } = this.#options;
    const free = !host.startsWith("*.") && baseDomains.some((base) => isOneLabelBelow(host, base));
    return Promise.resolve(free || reserved.some((name) => covers(name, host)) ? "allowed" : "notReserved");
  }

  portVerdict(): Promise<NameVerdict> {
    return Promise.resolve("allowed");
  }
}

/** The directory of an edge inside an agent's own process: whoever runs the agent may use every name. */
export const openDirectory: Directory = {
  authenticate: () => Promise.resolve({ id: "cr_local", accountId: ACCOUNT_ID }),
  nameVerdict: () => Promise.resolve("allowed"),
  portVerdict: () => Promise.resolve("allowed"),
};

function isOneLabelBelow(host: string, base: string): boolean {
  return host.endsWith(`.${base}`) && !host.slice(0, -base.length - 1).includes(".");
}

/** A reservation covers its own name; a wildcard also every name below it (reference.md 7.3 rule 2). */
function covers(reservation: string, host: string): boolean {
  if (reservation === host) return true;
  return reservation.startsWith("*.") && host.endsWith(reservation.slice(1)) && !host.startsWith("*.");
}
