import { BadResponse, refuseResponse } from "./faults.ts";
import type { HeadLimits } from "./head-scanner.ts";
import { type Dialect, type MessageHandler, MessageReader } from "./message-reader.ts";
import { ResponseHead } from "./response-head.ts";

const RESPONSES: Dialect<ResponseHead, BadResponse> = {
  readHead: (scanned, method) => new ResponseHead(scanned, method),
  sequelOf: (head) => (head.upgraded ? "no-http" : head.interim ? "another-head" : "body"),
  refusal: refuseResponse,
  isRefusal: (error) => error instanceof BadResponse,
  emptyLineLimit: 0,
  opening: "HTTP/",
  mayEndBeforeHead: false,
  firstState: "whole",
};

export type ResponseHandler = MessageHandler<ResponseHead, BadResponse>;

/**
 * Reads the responses of one connection. Each begins with `next`, since a response can only be understood with its
 * request. Octets that come before are held, and `unreadBytes` counts them: nobody asked for them, so that such a
 * connection must not be used again.
 */
export class ResponseReader extends MessageReader<ResponseHead, BadResponse> {
  constructor(handler: ResponseHandler, limits: HeadLimits = {}) {
    super(handler, RESPONSES, limits);
  }

  /** A request of that method was sent: its response comes next. */
  next(method: string): void {
    this.goOn(method);
  }
}
