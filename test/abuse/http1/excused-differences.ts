import type { OtherParser } from "../../support/other-http-parsers.ts";
import type { OwnMessage, OwnReading } from "../../support/http1-reading.ts";
import { RequestHead } from "../../../src/protocol/http1/request-head.ts";
import { ResponseHead } from "../../../src/protocol/http1/response-head.ts";

/** Where another parser reads otherwise than we do, and that is to stay so. */
export interface Excuse {
  readonly parsers: readonly OtherParser[];
  readonly of: string;
  /** Why we read it so, and what it means for who uses that parser. */
  readonly reason: string;
  /** Shows the difference. */
  readonly example: string;
  holds(message: OwnMessage, reading: OwnReading): boolean;
}

const HOST = "Host: a\r\n";

export const EXCUSES: readonly Excuse[] = [
  {
    parsers: ["llhttp", "http-parser-js"],
    of: "CONNECT with a body",
    reason:
      "Behind CONNECT they see no HTTP. RFC 9110 section 9.3.6 gives its body no meaning. The edge refuses every CONNECT, sends nothing of " +
      "it on, and ends the connection.",
    example: `CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    holds: ({ head }) => head instanceof RequestHead && head.method === "CONNECT" && head.framing.type !== "none",
  },
  {
    parsers: ["http-parser-js"],
    of: "a chunked request that offers an upgrade",
    reason:
      "RFC 9110 section 7.8 lets such a request have a body, and clients that offer h2c send them. The parser takes the offer for the " +
      "upgrade and stops to look for a body, whether anybody accepts it or not. llhttp reads as we do.",
    example: `POST / HTTP/1.1\r\n${HOST}Connection: upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    // It looks for the word anywhere in the options, also in HTTP/1.0.
    holds: ({ head }) =>
      head instanceof RequestHead &&
      head.framing.type === "chunked" &&
      head.get("upgrade") !== undefined &&
      head.values("connection").join("").toLowerCase().includes("upgrade"),
  },
  {
    parsers: ["http-parser-js"],
    of: "a 304 that tells the length or coding of what a GET would have got",
    reason:
      "RFC 9110 section 15.4.5 and RFC 9112 section 6.1 allow both and section 6.3 says that no body follows. Servers send it all the " +
      "time, and programs that use the parser know of it. llhttp reads as we do.",
    example: "HTTP/1.1 304 Not Modified\r\nContent-Length: 1\r\n\r\n",
    holds: ({ head }) => head instanceof ResponseHead && head.status === 304 && claimsBody(head),
  },
  {
    parsers: ["http-parser-js"],
    of: "a 204 or 101 that claims a body",
    reason:
      "RFC 9112 section 6.3 gives the status precedence, and llhttp does. For those who believe the fields no further response comes: behind " +
      "a 204 we end the connection, and behind a 101 it is no longer HTTP. Some servers of WebSockets send such a 101.",
    example: "HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n",
    holds: (message, { messages, readsOn }) =>
      message.head instanceof ResponseHead &&
      (message.head.status === 204 || message.head.status === 101) &&
      claimsBody(message.head) &&
      message === messages.at(-1) &&
      !readsOn,
  },
];

function claimsBody(head: ResponseHead): boolean {
  return head.get("content-length") !== undefined || head.get("transfer-encoding") !== undefined;
}
