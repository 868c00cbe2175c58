/** Bodies that policies have to see before a request goes on: what is kept of them, and what their senders are told. */
import { PublicError } from "../../base/errors.ts";
import { type Room, SharedRoom } from "../shared-room.ts";
import { Shares } from "../shares.ts";
import type { BodyFault } from "./gathered-body.ts";

/** Of all endpoints together: strangers send them. */
export const MAX_POLICY_BODY_BYTES = 64 * 1024 * 1024;
/** Of one address (IPv6: /64): a few of the longest bodies at a time, or very many of the usual ones. */
export const MAX_POLICY_BODY_BYTES_OF_ADDRESS = 8 * 1024 * 1024;

/** For all endpoints of one account: whoever has both visitors and agents decides how long their bodies lie here. */
export const MAX_POLICY_BODY_BYTES_OF_ACCOUNT = 16 * 1024 * 1024;

/** One for all visitors of an edge. */
export class PolicyBodyRoom {
  readonly #room = new SharedRoom({
    totalBytes: MAX_POLICY_BODY_BYTES,
    addressBytes: MAX_POLICY_BODY_BYTES_OF_ADDRESS,
  });
  readonly #accounts = new Shares(MAX_POLICY_BODY_BYTES_OF_ACCOUNT);

  /** For bodies to endpoints of this account. */
  of(accountId: string): Room {
    return {
      take: (ip, bytes) => {
        if (!this.#accounts.take(accountId, bytes)) return false;
        const isTaken = this.#room.take(ip, bytes);
        if (!isTaken) this.#accounts.give(accountId, bytes);
        return isTaken;
      },
      give: (ip, bytes) => {
        this.#accounts.give(accountId, bytes);
        this.#room.give(ip, bytes);
      },
    };
  }
}

/** What the sender of a body is told that no policy gets to see: limits of the edge, and no rule of an endpoint. */
export function policyBodyError(fault: BodyFault): PublicError {
  switch (fault.type) {
    case "tooLarge":
      return new PublicError("ERR_GINNEL_BODY_LIMIT", { limitBytes: fault.limitBytes });
    case "noRoom":
      return new PublicError("ERR_GINNEL_BODY_ROOM", {});
    case "tooSlow":
      return new PublicError("ERR_GINNEL_SLOW_BODY", { seconds: fault.seconds });
    default:
      return fault satisfies never;
  }
}
