/** What the caller of the management API is told when an agent did not do what it was told. */
import { ProtocolError, PublicError } from "../../base/errors.ts";
import { SessionError } from "../../net/session-error.ts";
import { RemoteError } from "../../protocol/rpc/rpc-error.ts";

/** Of what an agent says. */
const MAX_WORDS_CHARS = 500;

/** Codes by which an agent of ours says that its user has not allowed it. */
const FORBIDDING: ReadonlySet<string | undefined> = new Set(["ERR_GINNEL_REMOTE_COMMAND", "ERR_GINNEL_REMOTE_REACH"]);

export interface CommandMade {
  /** As it stands behind "to": `stop`, `start a tunnel`. */
  readonly command: string;
  readonly limitMs: number;
}

/** Faults of ours stay what they are. */
export function commandFailure(error: unknown, { command, limitMs }: CommandMade): unknown {
  const options = { cause: error };
  if (error instanceof RemoteError) {
    const words = agentWords(error.message);
    if (FORBIDDING.has(error.code)) return new PublicError("ERR_GINNEL_AGENT_FORBIDS", { command, words }, options);
    const isPublished = error.code?.startsWith("ERR_NGROK_") === true;
    return refusedByAgent(command, isPublished ? `${words} (${error.code})` : words, options);
  }
  if (error instanceof SessionError && error.reason === "timed out") {
    return new PublicError("ERR_GINNEL_AGENT_SILENT", { command, limitMs }, options);
  }
  if (error instanceof SessionError || error instanceof ProtocolError) {
    return new PublicError("ERR_GINNEL_AGENT_LOST", { command, reason: agentWords(error.message) }, options);
  }
  return error;
}

/** `words`: as the agent gave them. */
export function refusedByAgent(command: string, words: string, options?: ErrorOptions): PublicError {
  return new PublicError("ERR_GINNEL_AGENT_REFUSES", { command, words: agentWords(words) }, options);
}

/** One line of a length that can be shown, without anything that steers a terminal or turns the direction of text. */
export function agentWords(text: string): string {
  const line = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  return line.length <= MAX_WORDS_CHARS ? line : `${line.slice(0, MAX_WORDS_CHARS).toWellFormed()}…`;
}
