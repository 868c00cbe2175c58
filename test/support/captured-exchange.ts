/** Exchanges as a capture holds them, from the octets of both sides. */
import type { CapturedFields, CapturedMessage, Exchange } from "../../src/capture/exchange.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

/** Ids for a ring whose exchanges tests name. */
export const SHORT_IDS = {
  idOf: (serial: number): string => `airt_${serial}`,
  serialOf: (id: string): number => Number(id.slice("airt_".length)),
};

/** Everything that a test does not say. `request` and `response` are octets in Latin-1; no response: there is none yet. */
export function capturedExchange(
  changes: Partial<Omit<Exchange, "request" | "response">> & {
    readonly request?: string | Uint8Array;
    readonly response?: string | Uint8Array;
    readonly requestSide?: Partial<CapturedMessage>;
    readonly responseSide?: Partial<CapturedMessage>;
  } = {},
): Exchange {
  const {
    id = SHORT_IDS.idOf(1),
    request = "GET / HTTP/1.1\r\nHost: web.test\r\n\r\n",
    response,
    requestSide,
    responseSide,
    ...rest
  } = changes;
  const asked = message(request, requestSide);
  const answered = response === undefined ? undefined : message(response, responseSide);
  const [method = "", target = "", version = ""] = asked.startLine.split(" ");
  const status = answered?.startLine.split(" ").slice(1).join(" ") ?? "";
  return {
    id,
    serial: SHORT_IDS.serialOf(id),
    tunnelName: "web",
    visitorAddress: "192.0.2.7:5000",
    startedAt: new Date(1_700_000_000_000),
    replayOf: undefined,
    request: { ...asked, method, target, version },
    response:
      answered === undefined
        ? undefined
        : { ...answered, status, statusCode: Number.parseInt(status, 10), version: "HTTP/1.1", isGenerated: false },
    outcome: answered === undefined ? "open" : "complete",
    requestEndMs: 0.5,
    firstByteMs: answered === undefined ? undefined : 2,
    endMs: answered === undefined ? undefined : 3.893202,
    stream: undefined,
    messages: [],
    droppedMessages: 0,
    memoryBytes: asked.raw.length + (answered?.raw.length ?? 0),
    ...rest,
  };
}

function message(octets: string | Uint8Array, changes: Partial<CapturedMessage> = {}): CapturedMessage {
  const raw = typeof octets === "string" ? latin1(octets) : octets;
  const text = Buffer.from(raw).toString("latin1");
  const headBytes = text.indexOf("\r\n\r\n") + 4;
  const [startLine = "", ...lines] = text.slice(0, headBytes - 4).split("\r\n");
  const head: CapturedFields = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  return {
    startLine,
    head,
    raw,
    headBytes,
    wireBytes: raw.length,
    isTruncated: false,
    isWhole: true,
    trailers: [],
    ...changes,
  };
}
