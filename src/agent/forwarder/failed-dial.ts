/** What the edge, and through it the visitor, learns of an upstream that could not be reached. */
import type { Clock } from "../../base/clock.ts";
import type { DialError, DialFailure } from "../../net/dial-error.ts";
import type { Duplex } from "../../net/duplex.ts";
import { lingeringEnd } from "../../net/linger.ts";
import { writeResponse } from "../../protocol/http1/response-writer.ts";
import { MUX_ERRORS } from "../../protocol/mux/error-codes.ts";
import { RESET_CODES } from "../../protocol/mux/reset-codes.ts";

const CODES: Readonly<Record<DialFailure, number>> = {
  refused: RESET_CODES.upstreamRefused,
  timedOut: RESET_CODES.upstreamTimedOut,
  unresolved: RESET_CODES.upstreamNameUnresolved,
  unreachable: RESET_CODES.upstreamUnreachable,
  tls: RESET_CODES.upstreamTlsFailed,
  aborted: MUX_ERRORS.streamCancelled,
};

export interface FailedDialContext {
  /** The edge turns codes of ours into an answer of its own. */
  readonly understandsResetCodes: boolean;
  /** The visitor speaks HTTP in plain text on this connection. */
  readonly isHttp: boolean;
  readonly clock: Clock;
}

/** Ends the visitor's connection. An edge of someone else gets what it gets from other agents (protocol.md section 12). */
export function answerFailedDial(connection: Duplex, failure: DialError, context: FailedDialContext): void {
  if (context.understandsResetCodes) return connection.reset(CODES[failure.reason]);
  if (!context.isHttp) return connection.reset(MUX_ERRORS.streamRefused);
  connection.write(failedDialResponse(failure));
  lingeringEnd(connection, context.clock);
}

/** What visitors behind an edge of someone else see; the same is shown to the developer. */
export function failedDialResponse(failure: DialError): Uint8Array {
  return writeResponse({
    status: 502,
    reason: "Bad Gateway",
    fields: [
      ["Content-Type", "text/plain; charset=utf-8"],
      ["Connection", "close"],
    ],
    body: new TextEncoder().encode(`failed to dial backend: ${failure.message}\n`),
  });
}
