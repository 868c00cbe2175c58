/** Bodies that policies have to see before a request goes on: what is kept of them, and what their senders are told. */
import { PublicError } from "../../base/errors.ts";
import type { PolicyEnd } from "../../policy/policy-verdict.ts";
import { SharedRoom } from "../shared-room.ts";
import type { BodyFault } from "./gathered-body.ts";

/** Of all endpoints together: strangers send them. */
export const MAX_POLICY_BODY_BYTES = 64 * 1024 * 1024;
/** Of one address (IPv6: /64): a few of the longest bodies at a time, or very many of the usual ones. */
export const MAX_POLICY_BODY_BYTES_OF_ADDRESS = 8 * 1024 * 1024;

/** One for all visitors of an edge. */
export function roomForPolicyBodies(): SharedRoom {
  return new SharedRoom({ totalBytes: MAX_POLICY_BODY_BYTES, addressBytes: MAX_POLICY_BODY_BYTES_OF_ADDRESS });
}

export function policyBodyEnd(fault: BodyFault): PolicyEnd {
  return { type: "refuse", error: errorOf(fault) };
}

function errorOf(fault: BodyFault): PublicError {
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
