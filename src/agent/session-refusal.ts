/** Which refusals of an edge no waiting can mend, so that the agent ends (reference.md 7.15, clients.md K-101). */
import { RemoteError } from "../protocol/rpc/rpc-error.ts";

/** `first`: only while no session was up yet; later the edge may still be counting the session that was lost. */
const FATAL: Readonly<Record<string, "always" | "first">> = {
  ERR_NGROK_105: "always", // no authtoken at all
  ERR_NGROK_106: "always", // account not active
  ERR_NGROK_107: "always", // authtoken unknown or revoked
  ERR_NGROK_108: "first", // too many sessions
  ERR_NGROK_115: "first", // address of this machine not allowed
  ERR_NGROK_116: "first",
  ERR_NGROK_120: "always", // agent too old
  ERR_NGROK_121: "always",
  ERR_NGROK_123: "always", // account not verified
  ERR_NGROK_4018: "always", // no authtoken
  ERR_GINNEL_FAILED_AGENTS: "always", // authtoken unknown, as others from the same address
};

/** Whether the refused Auth is the last. Without a code it may pass. */
export function isFatalRefusal(refusal: RemoteError, isFirst: boolean): boolean {
  const when = FATAL[refusal.code ?? ""];
  return when === "always" || (when === "first" && isFirst);
}

/** The refusal in the words that readers of the log and of stderr search for. */
export function authenticationFailed(refusal: RemoteError): RemoteError {
  return new RemoteError(`authentication failed: ${refusal.message}`, refusal.code);
}

/** Text and code as an edge writes them: for the log. */
export function refusalText({ message, code }: RemoteError): string {
  return code === undefined ? message : `${message}\r\n\r\n${code}\r\n`;
}
