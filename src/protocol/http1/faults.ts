/** What makes a message unacceptable: one word each for machines, a status for the visitor, a sentence for people. */
import { ProtocolError } from "../../base/errors.ts";

interface Entry {
  /** Answer to a request with this fault. A response with a fault becomes a 502, whatever the fault. */
  readonly status: 400 | 431 | 501 | 505;
  readonly text: string;
}

const FAULTS = {
  "head-too-large": { status: 431, text: "start line and fields are larger than the limit" },
  "too-many-fields": { status: 431, text: "there are more fields than the limit" },
  "bare-cr": { status: 400, text: "a CR is not followed by LF (RFC 9112 section 2.2)" },
  "bare-lf": { status: 400, text: "a line ends in LF without CR" },
  "empty-lines": { status: 400, text: "too many empty lines before the start line (RFC 9112 section 2.2)" },
  "start-line": { status: 400, text: "the start line is not one of HTTP/1 (RFC 9112 sections 3 and 4)" },
  method: { status: 400, text: "the method is not a token (RFC 9112 section 3.1)" },
  target: {
    status: 400,
    text: "the request target has none of the four forms, or an octet that no URI has (RFC 9112 section 3.2)",
  },
  version: { status: 400, text: "the start line names no version of HTTP (RFC 9112 section 2.3)" },
  "unsupported-version": { status: 505, text: "only HTTP/1.1 and HTTP/1.0 are spoken here (RFC 9112 section 2.3)" },
  status: { status: 400, text: "the status code is not three digits from 100 up (RFC 9112 section 4)" },
  "framed-interim": {
    status: 400,
    text: "a response that another one follows claims to have a body (RFC 9110 section 8.6, RFC 9112 section 6.1)",
  },
  "unasked-upgrade": { status: 400, text: "101 answers a request that asked for no upgrade (RFC 9110 section 15.2.2)" },
  "folded-line": { status: 400, text: "a field line begins with white space (RFC 9112 section 5.2)" },
  "space-before-colon": {
    status: 400,
    text: "white space stands between a field name and its colon (RFC 9112 section 5.1)",
  },
  "field-name": { status: 400, text: "a field name is empty or not a token (RFC 9112 section 5.1)" },
  "control-octet": { status: 400, text: "a control octet stands in a line (RFC 9110 section 5.5)" },
  "host-missing": { status: 400, text: "there is no Host field (RFC 9112 section 3.2)" },
  "host-repeated": { status: 400, text: "there is more than one Host field (RFC 9112 section 3.2)" },
  "host-invalid": { status: 400, text: "Host is not a name or address with an optional port (RFC 9112 section 3.2)" },
  "host-mismatch": { status: 400, text: "Host names another authority than the request target (RFC 9112 section 3.2)" },
  "content-length": { status: 400, text: "Content-Length is not one decimal number (RFC 9112 section 6.3)" },
  "content-length-repeated": { status: 400, text: "there is more than one Content-Length (RFC 9112 section 6.3)" },
  "length-and-coding": {
    status: 400,
    text: "Content-Length and Transfer-Encoding stand together (RFC 9112 section 6.3)",
  },
  "coding-in-http10": { status: 400, text: "HTTP/1.0 has no Transfer-Encoding (RFC 9112 section 6.1)" },
  "transfer-coding": {
    status: 400,
    text: "Transfer-Encoding is not just chunked, once, without a TAB (RFC 9112 section 6.3)",
  },
  "unknown-coding": {
    status: 501,
    text: "a transfer coding other than chunked is not known here (RFC 9112 section 6.1)",
  },
  "chunk-size": { status: 400, text: "a chunk size is not a hexadecimal number (RFC 9112 section 7.1)" },
  "chunk-too-large": { status: 400, text: "a chunk size cannot be held without loss (RFC 9112 section 7.1)" },
  "chunk-line-too-long": { status: 400, text: "a chunk size line is longer than the limit (RFC 9112 section 7.1.1)" },
  "chunk-extensions": { status: 400, text: "chunk extensions outweigh the data (RFC 9112 section 7.1.1)" },
  "chunk-end": { status: 400, text: "chunk data does not end in CR LF where its size says (RFC 9112 section 7.1)" },
  "trailer-field": { status: 400, text: "a trailer is one that frames or routes a message (RFC 9110 section 6.5.1)" },
  "trailers-too-large": { status: 431, text: "the trailer section is larger than the limit (RFC 9112 section 7.1.2)" },
} as const satisfies Record<string, Entry>;

/** The word for machines: log fields, metrics, tests. */
export type Fault = keyof typeof FAULTS;

/** Makes the error of the side that is being read. */
export type Refusal = (fault: Fault) => ProtocolError;

/** A request that we do not pass on, because two readers could understand it in two ways or it exceeds a limit. */
export class BadRequest extends ProtocolError {
  readonly fault: Fault;
  /** What is wrong, for people. */
  readonly reason: string;
  /** Status of the answer. The connection cannot be used after it: where the next request begins is unknown. */
  readonly status: 400 | 431 | 501 | 505;

  constructor(fault: Fault) {
    super(`HTTP request refused: ${FAULTS[fault].text}`);
    this.fault = fault;
    this.reason = FAULTS[fault].text;
    this.status = FAULTS[fault].status;
  }
}

export function refuseRequest(fault: Fault): BadRequest {
  return new BadRequest(fault);
}

/** A response that we do not pass on. When nothing of it went out yet the visitor gets a 502, else a reset. */
export class BadResponse extends ProtocolError {
  readonly fault: Fault;
  /** What is wrong, for people. */
  readonly reason: string;

  constructor(fault: Fault) {
    super(`HTTP response refused: ${FAULTS[fault].text}`);
    this.fault = fault;
    this.reason = FAULTS[fault].text;
  }
}

export function refuseResponse(fault: Fault): BadResponse {
  return new BadResponse(fault);
}
