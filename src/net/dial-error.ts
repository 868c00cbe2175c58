/** Why a connection could not be made, for decisions; the message is for people. */
export type DialFailure = "refused" | "timedOut" | "unresolved" | "unreachable" | "tls" | "aborted";

/** Nothing was sent that the upstream could have acted on. `message` reads like `dial tcp [::1]:80: connect: …`. */
export class DialError extends Error {
  override readonly name = "DialError";
  readonly reason: DialFailure;

  constructor(reason: DialFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

interface ConnectFailure {
  readonly reason: DialFailure;
  readonly text: string;
}

/** By the system's names. Bun 1.4.5 reports most failures to connect over IP as ECONNREFUSED, whatever the kernel said. */
const CONNECT_FAILURES: Readonly<Record<string, ConnectFailure>> = {
  ECONNREFUSED: { reason: "refused", text: "connection refused" },
  ECONNRESET: { reason: "refused", text: "connection reset by peer" },
  ENOENT: { reason: "refused", text: "no such file or directory" },
  ETIMEDOUT: { reason: "timedOut", text: "connection timed out" },
  EHOSTUNREACH: { reason: "unreachable", text: "no route to host" },
  ENETUNREACH: { reason: "unreachable", text: "network is unreachable" },
  EADDRNOTAVAIL: { reason: "unreachable", text: "cannot assign requested address" },
  EACCES: { reason: "unreachable", text: "permission denied" },
};

/** The failure of one attempt; `where` is `tcp HOST:PORT` or `unix PATH`. */
export function connectFailure(where: string, cause: unknown): DialError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const { reason, text } = CONNECT_FAILURES[code] ?? { reason: "unreachable", text: code || String(cause) };
  return new DialError(reason, `dial ${where}: connect: ${text}`, { cause });
}
