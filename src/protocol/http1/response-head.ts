import { refuseResponse } from "./faults.ts";
import { declaredFraming, type Framing, NO_BODY, UNTIL_CLOSE, type Version } from "./framing.ts";
import type { ScannedHead } from "./head-scanner.ts";
import { readVersion, VERSION_LENGTH } from "./http-version.ts";
import { readLatin1 } from "./latin1.ts";
import { isKeptAlive, MessageHead } from "./message-head.ts";
import { findNotableFields } from "./notable-fields.ts";
import { digitValue, SP } from "./octets.ts";

const REASON_START = VERSION_LENGTH + 5;

/** Head of a response, understood in the light of the request that it answers. */
export class ResponseHead extends MessageHead {
  readonly status: number;
  /** 1xx other than 101: another head follows for the same request (RFC 9110 section 15.2). */
  readonly interim: boolean;
  /** 101, or 2xx to CONNECT: what follows is no longer HTTP (RFC 9110 sections 7.8 and 9.3.6). */
  readonly upgraded: boolean;
  /**
   * False also when only the end of the connection ends the body, and when a 204 claims to have one: a reader that believes the
   * fields would take the next response for it (RFC 9112 section 6.3 rule 1 gives the status precedence).
   */
  readonly keepAlive: boolean;
  readonly #startLineLength: number;

  /** `method` is that of the request. Throws {@link BadResponse}. */
  constructor(scanned: ScannedHead, method: string) {
    const { version, status } = readStatusLine(scanned);
    const notable = findNotableFields(scanned.fields);
    const declared = declaredFraming(scanned, notable, version, refuseResponse);
    const claimsBody = declared !== undefined && !(declared.type === "length" && declared.bytes === 0);
    const interim = status < 200 && status !== 101;
    if (interim && claimsBody) throw refuseResponse("framed-interim");
    const upgraded = status === 101 || (method === "CONNECT" && status >= 200 && status < 300);
    super(scanned, version, bodyFraming(declared, status, method === "HEAD" || upgraded), notable);
    this.status = status;
    this.interim = interim;
    this.upgraded = upgraded;
    const isClear = this.framing !== UNTIL_CLOSE && !(status === 204 && claimsBody);
    this.keepAlive = isClear && isKeptAlive(version, notable);
    this.#startLineLength = scanned.startLineLength;
  }

  /** May be empty. */
  get reason(): string {
    return this.#startLineLength > REASON_START ? readLatin1(this.raw, REASON_START, this.#startLineLength) : "";
  }
}

/** RFC 9112 section 6.3, rules 1, 2 and 8. Fields of a message without a body must make sense all the same. */
function bodyFraming(declared: Framing | undefined, status: number, isBodiless: boolean): Framing {
  if (isBodiless || status < 200 || status === 204 || status === 304) return NO_BODY;
  return declared ?? UNTIL_CLOSE;
}

/** RFC 9112 section 4, but for the space before an empty reason, which many servers leave out. */
function readStatusLine({ raw, startLineLength }: ScannedHead): { version: Version; status: number } {
  if (startLineLength < REASON_START - 1) throw refuseResponse("start-line");
  const version = readVersion(raw, 0, refuseResponse);
  if (raw[VERSION_LENGTH] !== SP) throw refuseResponse("start-line");
  const hundreds = digitValue(raw[VERSION_LENGTH + 1]);
  const tens = digitValue(raw[VERSION_LENGTH + 2]);
  const ones = digitValue(raw[VERSION_LENGTH + 3]);
  if (hundreds < 1 || tens < 0 || ones < 0) throw refuseResponse("status");
  if (startLineLength >= REASON_START && raw[REASON_START - 1] !== SP) throw refuseResponse("status");
  return { version, status: hundreds * 100 + tens * 10 + ones };
}
