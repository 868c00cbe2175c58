/** How a command that failed says so on stderr (reference.md 1.5, clients.md K-102): the only thing ever written there. */
import { ProtocolError, PublicError, UsageError } from "../base/errors.ts";
import { escapeUnprintable } from "../base/unprintable.ts";
import { SessionError } from "../net/session-error.ts";
import { RemoteError } from "../protocol/rpc/rpc-error.ts";
import { ConflictError, StoreError } from "../store/store-error.ts";

const PREFIX = "ERROR:  ";

/** The text and, where there is one, the published code of a failure. */
export interface Failure {
  readonly text: string;
  readonly code?: string | undefined;
}

/**
 * Lines with the prefix that wrappers search for; code and help link on lines of their own; an empty one at the end. A code
 * that already stands in the text, as in what an edge answers, is not repeated there. Nothing in a text steers the terminal:
 * some come from an edge.
 */
export function renderFailure({ text, code }: Failure): string {
  const lines = text
    .trimEnd()
    .split(/\r?\n/)
    .filter((line) => line.trim() !== (code ?? " "));
  const told = trimmed(lines);
  return [...told, ...codeLines(code), ""].map((line) => `${PREFIX}${escapeUnprintable(line)}\n`).join("");
}

/** What people are told about anything thrown. Our own faults come with their stack: nobody can report them otherwise. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof PublicError) return { text: `${error.message}\n${error.hint}`, code: error.code };
  if (error instanceof RemoteError) return { text: error.message, code: error.code };
  // A bad name in a flag or a file is told with its place, and keeps its code.
  if (error instanceof UsageError && error.cause instanceof PublicError) {
    return { text: `${error.message}\n${error.cause.hint}`, code: error.cause.code };
  }
  if (error instanceof UsageError) return { text: error.message };
  // They name what failed, the reason and the remedy.
  if (error instanceof StoreError || error instanceof ConflictError) return { text: error.message };
  // An edge that answers with nonsense, or not at all, is no fault of ours.
  if (error instanceof ProtocolError || error instanceof SessionError) return { text: error.message };
  if (error instanceof Error) return { text: `Internal error: ${error.stack ?? error.message}` };
  return { text: `Internal error: ${String(error)}` };
}

/** Codes of our own have no published page. */
function codeLines(code: string | undefined): readonly string[] {
  if (code === undefined) return [];
  return code.startsWith("ERR_NGROK_") ? ["", code, `https://ngrok.com/docs/errors/${code.toLowerCase()}`] : ["", code];
}

function trimmed(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line !== "");
  return lines.slice(0, last + 1);
}
