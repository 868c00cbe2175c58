/**
 * The edge's own site for visitors of a worker: the first process answers, to which their requests are brought. What a visitor said is packed
 * into a body, so that nothing in it means anything on the way.
 */
import type { OwnSite } from "../../edge/own-site.ts";
import { faultFacts } from "../../telemetry/fault-facts.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** Of the head, in front of a message. */
const LENGTH_BYTES = 4;
/** Whoever asks holds the limits for bodies, and has a deadline: the runtime has none at such a socket. */
const NO_BODY_LIMIT = Number.MAX_SAFE_INTEGER;

interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly fields: readonly [string, string][];
  readonly ip: string;
}

interface ResponseHead {
  readonly status: number;
  readonly fields: readonly [string, string][];
}

/** `site`: as the first process serves it, of which only the limits count here. */
export function relayedSite(site: OwnSite, socket: string): OwnSite {
  return {
    ...site,
    fetch: async (request, { ip }) => {
      const { method, url, headers, signal } = request;
      const head: RequestHead = { method, url, fields: [...headers], ip };
      const body = packed(head, await request.bytes());
      const relayed = await fetch("http://localhost/", { method: "POST", body, signal, unix: socket });
      if (!relayed.ok) throw new Error(`the first process answers with the status ${relayed.status}`);
      const answer = unpacked(await relayed.bytes());
      const { status, fields } = answer.head as ResponseHead; // of our own kind
      return new Response(answer.body, { status, headers: [...fields] });
    },
  };
}

/** Answers at the socket until disposed of. Whoever can open it is trusted. */
export function serveRelayedSite(site: OwnSite, socket: string, log: Logger): AsyncDisposable {
  const server = Bun.serve({
    unix: socket,
    maxRequestBodySize: NO_BODY_LIMIT,
    development: false,
    fetch: async (relayed) => {
      const { head, body } = unpacked(await relayed.bytes());
      const { method, url, fields, ip } = head as RequestHead; // of our own kind
      const asked = new Request(url, { method, headers: [...fields], body, signal: relayed.signal });
      const answer = await site.fetch(asked, { ip });
      const { status, headers } = answer;
      return new Response(packed({ status, fields: [...headers] } satisfies ResponseHead, await answer.bytes()));
    },
    error: (fault) => {
      log.error("a site of the edge failed", { host: site.host, ...faultFacts(fault) });
      return new Response(null, { status: 500 });
    },
  });
  return { [Symbol.asyncDispose]: () => server.stop(true) };
}

function packed(head: RequestHead | ResponseHead, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text, body]);
}

/** `body` is null when it has no bytes, as a message must have it that may have none. */
function unpacked(bytes: Uint8Array): { readonly head: unknown; readonly body: Uint8Array<ArrayBuffer> | null } {
  const from = LENGTH_BYTES + Buffer.from(bytes.subarray(0, LENGTH_BYTES)).readUInt32BE();
  const head: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, from)));
  return { head, body: bytes.length === from ? null : bytes.slice(from) };
}
