import type { TlsHandshakeError } from "../../net/tls-handshake-error.ts";

/** What becomes of a connection to a port of TLS that the edge ends. */
export const HANDSHAKE_OUTCOMES = ["done", "failed", "timeout", "unknown_name", "not_tls"] as const;
export type HandshakeOutcome = (typeof HANDSHAKE_OUTCOMES)[number];

/** Counts handshakes by what became of them. */
export class TlsHandshakes {
  readonly #counts: Record<HandshakeOutcome, number> = { done: 0, failed: 0, timeout: 0, unknown_name: 0, not_tls: 0 };

  add(outcome: HandshakeOutcome): void {
    this.#counts[outcome] += 1;
  }

  addFailure({ code }: TlsHandshakeError): void {
    this.add(code === "ETIMEDOUT" ? "timeout" : "failed");
  }

  of(outcome: HandshakeOutcome): number {
    return this.#counts[outcome];
  }
}
