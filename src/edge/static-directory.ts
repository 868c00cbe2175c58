/** The directory of an edge that keeps no records: everybody is let in, and has one account without limits. */
import { Acl } from "../model/acl.ts";
import { AddressRules } from "../model/address-rules.ts";
import { NO_LIMITS } from "../model/records/account.ts";
import type { AccountRules, Credential, Directory } from "./directory.ts";

const ACCOUNT_ID = "ac_operator";

const NOBODY_KEPT_OUT = new AddressRules([], "others");

/** An account without limits or restrictions. */
export const OPEN_ACCOUNT: AccountRules = {
  isDisabled: false,
  limits: NO_LIMITS,
  agentAddresses: NOBODY_KEPT_OUT,
  visitorAddresses: NOBODY_KEPT_OUT,
  warnedAgentAddresses: NOBODY_KEPT_OUT,
  warnedVisitorAddresses: NOBODY_KEPT_OUT,
  callerAddresses: () => NOBODY_KEPT_OUT,
  warnedCallerAddresses: () => NOBODY_KEPT_OUT,
  policies: (ids) => (ids.length === 0 ? NOBODY_KEPT_OUT : undefined),
  certificateAuthority: () => undefined,
};

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

function unrestricted(id: string): Credential {
  return { id, accountId: ACCOUNT_ID, acl: Acl.none };
}
