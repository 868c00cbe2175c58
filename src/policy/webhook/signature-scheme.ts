/** How the sender of a webhook proves who it is, as data: where a signature stands and what it signs. */

/** A request as far as signatures go. */
export interface SignedRequest {
  readonly method: string;
  /** As the sender wrote it. */
  readonly url: string;
  /** First value of a field, by its name in lower case. */
  readonly get: (name: string) => string | undefined;
  /** Whole, without transfer coding. */
  readonly body: Uint8Array;
}

export type Digest = "sha1" | "sha256" | "sha512";

/** What a field of a signature says. */
export interface GivenSignature {
  /** Any of them may be right: senders that change their secret sign with both. */
  readonly signatures: readonly string[];
  /** As written; part of what is signed where there is one. */
  readonly timestamp?: string | undefined;
}

export interface HmacScheme {
  readonly type: "hmac";
  readonly digest: Digest;
  readonly encoding: "hex" | "base64";
  /** Undefined when the request carries none. */
  readonly read: (request: SignedRequest) => GivenSignature | undefined;
  /** What is signed, piece by piece. Absent: the body. */
  readonly signed?: (request: SignedRequest, timestamp: string) => readonly (string | Uint8Array)[];
  /** Unit of the timestamp, which must be near enough to now; absent where none is signed. */
  readonly timestampUnit?: "seconds" | "milliseconds" | "iso";
  /** Makes the key of the secret. Absent: its octets. */
  readonly key?: (secret: string) => Uint8Array;
}

/** The secret itself is sent along. */
export interface TokenScheme {
  readonly type: "token";
  readonly header: string;
}

export type SignatureScheme = HmacScheme | TokenScheme;

/** A signature alone in a field, behind a fixed prefix. */
export function inHeader(header: string, prefix = "", timestampHeader?: string): HmacScheme["read"] {
  return (request) => {
    const value = request.get(header);
    if (value?.startsWith(prefix) !== true) return undefined;
    const timestamp = timestampHeader === undefined ? undefined : request.get(timestampHeader);
    if (timestampHeader !== undefined && timestamp === undefined) return undefined;
    return { signatures: [value.slice(prefix.length)], timestamp };
  };
}

/** Members `key=value` in one field, such as `t=1,v1=abc`. Keys may come several times. */
export function inMembers(header: string, signatureKey: string, timestampKey?: string): HmacScheme["read"] {
  return (request) => {
    const members = (request.get(header) ?? "").split(",").map((member) => member.trim());
    const signatures = valuesOf(members, signatureKey);
    const [timestamp] = timestampKey === undefined ? [] : valuesOf(members, timestampKey);
    if (signatures.length === 0 || (timestampKey !== undefined && timestamp === undefined)) return undefined;
    return { signatures, timestamp };
  };
}

function valuesOf(members: readonly string[], key: string): readonly string[] {
  return members.filter((member) => member.startsWith(`${key}=`)).map((member) => member.slice(key.length + 1));
}
