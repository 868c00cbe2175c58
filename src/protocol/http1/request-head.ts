import { type Authority, isSameAuthority, readAuthority } from "./authority.ts";
import { refuseRequest } from "./faults.ts";
import { declaredFraming, NO_BODY, type Version } from "./framing.ts";
import type { ScannedHead } from "./head-scanner.ts";
import { readVersion, VERSION_LENGTH } from "./http-version.ts";
import { isText, readLatin1 } from "./latin1.ts";
import { isKeptAlive, MessageHead } from "./message-head.ts";
import { ABSENT, findNotableFields, type NotableFields, REPEATED } from "./notable-fields.ts";
import { SP, TOKEN_OCTETS } from "./octets.ts";
import { parseTargetAuthority, type TargetForm, targetForm } from "./request-target.ts";

/** Head of a request that every reader behind us understands as we do, as far as framing and routing go. */
export class RequestHead extends MessageHead {
  readonly method: string;
  readonly targetForm: TargetForm;
  /** The target stands in `raw` between these offsets. */
  readonly targetStart: number;
  readonly targetEnd: number;
  /**
   * The one authority for routing and for every decision. A target that names an authority must agree with Host: by
   * RFC 9112 section 3.2.2 the target would win, but an upstream may look at Host alone, so a request in which they
   * differ (no sound client sends it, section 3.2) is refused in place of choosing for everybody.
   */
  readonly host: Authority;
  /** Whether the sender waits for a 100 before it sends the body (RFC 9110 section 10.1.1). */
  readonly expectsContinue: boolean;
  readonly keepAlive: boolean;
  #originForm: string | undefined;

  /** Reads the start line and the fields that matter. Throws {@link BadRequest}. */
  constructor(scanned: ScannedHead) {
    const line = readRequestLine(scanned);
    const { method, targetStart, targetEnd, version } = line;
    const form = targetForm(scanned.raw, targetStart, targetEnd, method);
    const notable = findNotableFields(scanned.fields);
    const framing = declaredFraming(scanned, notable, version, refuseRequest) ?? NO_BODY;
    super(scanned, version, framing, notable);
    this.method = method;
    this.targetStart = targetStart;
    this.targetEnd = targetEnd;
    this.targetForm = form;
    this.host = readHost(scanned, notable);
    this.keepAlive = isKeptAlive(version, notable);
    this.expectsContinue =
      version === 11 && notable.expect !== ABSENT && this.fields.isValued(notable.expect, "100-continue");
    if (form === "absolute" || form === "authority") {
      const named = parseTargetAuthority(this.target, method);
      if (!isSameAuthority(named.authority, this.host, named.defaultPort)) throw refuseRequest("host-mismatch");
      this.#originForm = named.originForm;
    }
  }

  /** The target as an origin server wants it, path and query (section 3.2.1); `*` for OPTIONS, empty for CONNECT. */
  get originForm(): string {
    return this.#originForm ?? this.target;
  }

  /** The target as received. */
  get target(): string {
    return readLatin1(this.raw, this.targetStart, this.targetEnd);
  }
}

interface RequestLine {
  readonly method: string;
  readonly targetStart: number;
  readonly targetEnd: number;
  readonly version: Version;
}

/** RFC 9112 section 3: method, target and version with exactly one space between them. */
function readRequestLine({ raw, startLineLength }: ScannedHead): RequestLine {
  let methodEnd = 0;
  while (TOKEN_OCTETS[raw[methodEnd] ?? 0] === 1) methodEnd++;
  if (raw[methodEnd] !== SP || methodEnd === 0)
    throw refuseRequest(methodEnd === startLineLength ? "start-line" : "method");
  const targetStart = methodEnd + 1;
  const targetEnd = startLineLength - VERSION_LENGTH - 1;
  if (targetEnd < targetStart || raw[targetEnd] !== SP) throw refuseRequest("start-line");
  const version = readVersion(raw, targetEnd + 1, refuseRequest);
  return { method: readMethod(raw, methodEnd), targetStart, targetEnd, version };
}

const COMMON_METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"] as const;

function readMethod(raw: Uint8Array, end: number): string {
  return COMMON_METHODS.find((method) => isText(raw, 0, end, method)) ?? readLatin1(raw, 0, end);
}

/** HTTP/1.0 allows a request without Host, but not one that we could bring anywhere. */
function readHost({ raw, fields }: ScannedHead, { host }: NotableFields): Authority {
  if (host === ABSENT) throw refuseRequest("host-missing");
  if (host === REPEATED) throw refuseRequest("host-repeated");
  const authority = readAuthority(raw, fields.valueStart(host), fields.valueEnd(host));
  if (authority === undefined) throw refuseRequest("host-invalid");
  return authority;
}
