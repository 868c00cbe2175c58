import { MUX_ERRORS } from "../../protocol/mux/error-codes.ts";
import { RESET_CODES } from "../../protocol/mux/reset-codes.ts";
import type { Visitor } from "./forwarder.ts";

/** No tunnel has the bind id of the stream's header: it was stopped, or never was ours. */
export function refuseUnknownBind({ stream, understandsResetCodes }: Visitor): void {
  stream.reset(understandsResetCodes ? RESET_CODES.unknownBind : MUX_ERRORS.streamRefused);
}
