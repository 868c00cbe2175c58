/**
 * What the edge asks of its records: who holds an authtoken, who may use a name, and what holds for an account. Stores fit this
 * interface; the edge knows nothing of how they keep things. Answers are as of now: ask again rather than keep one.
 */
import type { HostPort } from "../base/host-port.ts";
import type { Acl } from "../model/acl.ts";
import type { AddressRules } from "../model/address-rules.ts";
import type { AccountLimits } from "../model/records/account.ts";
import type { CloudEndpoint } from "../model/records/cloud-endpoint.ts";
import type { NoRight } from "../model/reservations.ts";

/** The record of an authtoken, without the token. */
export interface Credential {
  readonly id: string;
  readonly accountId: string;
  /** What its agents may bind. */
  readonly acl: Acl;
}

/** The record that makes a name or TCP address an account's own. */
export interface NameReservation {
  /** `rd_…` or `ra_…` */
  readonly id: string;
  /** Where alone it may be bound; empty: everywhere. */
  readonly region: string;
}

/** A reservation is that of the account itself. */
export type NameVerdict =
  | NameReservation
  /** The account may bind it, and it needs no reservation. */
  | "allowed"
  | NoRight;

/** What holds for an account. Never changes: ask the directory again. */
export interface AccountRules {
  /** Nobody comes in with its credentials. */
  readonly isDisabled: boolean;
  readonly limits: AccountLimits;
  /** Where agents may come from, and visitors of all endpoints: restrictions that are enforced (reference.md 7.10). */
  readonly agentAddresses: AddressRules;
  readonly visitorAddresses: AddressRules;
  /** The same of restrictions that are not enforced: whom they name is let in, and told of (see {@link AddressWarnings}). */
  readonly warnedAgentAddresses: AddressRules;
  readonly warnedVisitorAddresses: AddressRules;
  /** The rules of some of its IP policies together; `undefined` when one of them is not there. */
  policies(ids: readonly string[]): AddressRules | undefined;
  /** PEM of one of its certificate authorities; `undefined` when there is none of this id. */
  certificateAuthority(id: string): string | undefined;
}

/** Called after the change; what is asked then takes it into account. */
export interface DirectoryListener {
  /** It was deleted, or its account was closed: nobody may go on with it. */
  readonly onCredentialGone?: (credentialId: string) => void;
  /** Networks that agents or visitors of the account may come from have changed. */
  readonly onAddressRules?: (accountId: string) => void;
  /** Who may bind what has changed: a reservation, or the ACL of a credential. */
  readonly onNames?: () => void;
  /** A cloud endpoint is to be online as it is now, or (`undefined`) not at all. */
  readonly onCloudEndpoint?: (id: string, now: CloudEndpoint | undefined) => void;
}

export interface Directory {
  /** The credential of an authtoken, which may be empty; `undefined` when no such token is known or it was revoked. */
  authenticate(authtoken: string): Promise<Credential | undefined>;
  /** By its id; `undefined` when nobody may go on with it. */
  credential(id: string): Credential | undefined;
  /** One that is not there is disabled. */
  account(accountId: string): AccountRules;
  /** Whether an account may bind a host name or wildcard (lower case, valid) as a public endpoint. */
  nameVerdict(accountId: string, host: string): NameVerdict;
  /** Whether an account may bind this TCP address when it asks for it by name; the host in lower case. */
  addressVerdict(accountId: string, address: HostPort): NameVerdict;
  /** Whether a port is somebody's, so that nobody else gets it by chance. */
  isPortReserved(port: number): boolean;
  /** Those that are to be online: of accounts that are not disabled. */
  cloudEndpoints(): readonly CloudEndpoint[];
  /** The answer ends it. */
  listen(listener: DirectoryListener): () => void;
}
