/** One call at the address of the management API: its body is held to the limits of those at the public port, and the site is asked. */
import type { Clock } from "../../base/clock.ts";
import { PublicError } from "../../base/errors.ts";
import type { OwnSite } from "../own-site.ts";
import type { SharedRoom } from "../shared-room.ts";
import { type BodyFault, GatheredBody } from "../visitors/gathered-body.ts";
import { siteBodyError } from "../visitors/site-call.ts";

export interface PortCallOptions {
  readonly site: Pick<OwnSite, "fetch" | "maxBodyBytes" | "bodyLimit">;
  /** Of the caller. */
  readonly ip: string;
  /** For bodies. */
  readonly room: SharedRoom;
  readonly clock: Clock;
  /** In the site's place, when the body cannot be taken. */
  readonly refused: (error: PublicError) => Response;
}

/** Rejects when the site does. */
export async function answerAtPort(request: Request, options: PortCallOptions): Promise<Response> {
  const { site, ip, room, clock, refused } = options;
  const { body: stream, headers } = request;
  if (stream === null) return site.fetch(request, { ip });
  const path = new URL(request.url).pathname;
  const limitBytes = Math.min(site.bodyLimit?.({ path, headers }) ?? site.maxBodyBytes, site.maxBodyBytes);
  if (limitBytes === 0) return closing(await site.fetch(withBody(request, null), { ip }));
  const reader = stream.getReader();
  const faults: BodyFault[] = [];
  const body = new GatheredBody({
    // As the runtime hands it over, it has no transfer coding.
    framing: { type: "length", bytes: Number(headers.get("Content-Length") ?? 0) },
    limitBytes,
    visitorIp: ip,
    room,
    clock,
    onFault: (fault) => {
      faults.push(fault);
      void reader.cancel();
    },
  });
  try {
    const isWhole = !body.begin() || (await readAll(reader, body));
    const [fault] = faults;
    if (fault !== undefined) return closing(refused(siteBodyError(fault)));
    if (!isWhole) return closing(refused(new PublicError("ERR_GINNEL_BAD_REQUEST", { reason: "its body has no end" })));
    body.complete();
    return await site.fetch(withBody(request, body.data), { ip });
  } finally {
    body.drop();
  }
}

/** False: the caller has gone in the middle, or has sent what is no body. */
async function readAll(
  reader: Pick<ReadableStreamDefaultReader<Uint8Array>, "read">,
  body: GatheredBody,
): Promise<boolean> {
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) body.receive(part.value);
    return true;
  } catch {
    return false;
  }
}

function withBody({ url, method, headers, signal }: Request, body: Uint8Array<ArrayBuffer> | null): Request {
  return new Request(url, { method, headers, body, signal });
}

/** Some of the body has not come, so nothing behind it could be told from it. */
function closing(answer: Response): Response {
  answer.headers.set("Connection", "close");
  return answer;
}
