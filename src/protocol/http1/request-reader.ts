import { BadRequest, refuseRequest } from "./faults.ts";
import { EMPTY_LINE_LIMIT, type HeadLimits } from "./head-scanner.ts";
import { type Dialect, type MessageHandler, MessageReader } from "./message-reader.ts";
import { RequestHead } from "./request-head.ts";

const REQUESTS: Dialect<RequestHead, BadRequest> = {
  readHead: (scanned) => new RequestHead(scanned),
  /** An upgrade or tunnel begins when the response says so; until then the request is like any other. */
  sequelOf: () => "body",
  refusal: refuseRequest,
  isRefusal: (error) => error instanceof BadRequest,
  emptyLineLimit: EMPTY_LINE_LIMIT,
  opening: "",
  mayEndBeforeHead: true,
  firstState: "head",
};

export type RequestHandler = MessageHandler<RequestHead, BadRequest>;

/** Reads the requests of one connection: the first at once, each further one after `next`. */
export class RequestReader extends MessageReader<RequestHead, BadRequest> {
  constructor(handler: RequestHandler, limits: HeadLimits = {}) {
    super(handler, REQUESTS, limits);
  }

  /** The exchange is over: on to the next request, which may be here already. */
  next(): void {
    this.goOn("");
  }
}
