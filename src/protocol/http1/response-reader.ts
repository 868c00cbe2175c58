import { BadResponse, refuseResponse } from "./faults.ts";
import type { HeadLimits } from "./head-scanner.ts";
import { type Dialect, type MessageHandler, MessageReader } from "./message-reader.ts";
import { ResponseHead } from "./response-head.ts";

/**
 * Reads the responses of one connection. Each begins with `next`, since a response can only be understood with its
 * request. Octets that come before are held, and `unreadBytes` counts them: nobody asked for them, so that such a
 * connection must not be used again.
 */
export class ResponseReader extends MessageReader<ResponseHead, BadResponse> {
  /** Shared with the dialect, which reads each head in the light of the latest request. */
  readonly #request: { method: string };

  constructor(handler: MessageHandler<ResponseHead, BadResponse>, limits: HeadLimits = {}) {
    const request = { method: "" };
    super(handler, responsesTo(request), limits);
    this.#request = request;
  }

  /** A request of that method was sent: its response comes next. */
  next(method: string): void {
    this.#request.method = method;
    this.goOn();
  }
}

function responsesTo(request: { readonly method: string }): Dialect<ResponseHead, BadResponse> {
  return {
    readHead: (scanned) => new ResponseHead(scanned, request.method),
    sequelOf: (head) => (head.upgraded ? "no-http" : head.interim ? "another-head" : "body"),
    refusal: refuseResponse,
    isRefusal: (error) => error instanceof BadResponse,
    emptyLineLimit: 0,
    opening: "HTTP/",
    mayEndBeforeHead: false,
    firstState: "whole",
  };
}
