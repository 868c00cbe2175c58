/** Calls of the agent API that the pages make. Each throws an Error whose message can be shown. */
import type {
  DecodedBody,
  ExchangeDetail,
  ExchangeHeads,
  ExchangeSummary,
  Field,
  Side,
  StreamedMessage,
} from "./exchange.ts";
import type { AgentStatus, TunnelState } from "./tunnel.ts";

const EXCHANGES = "/api/requests/http";
const GONE =
  "The agent no longer keeps this, or never did: it may have been cleared, or newer requests took its place.";

/** What a replay changes; what is left out stays as it was captured. */
export interface ReplayChanges {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly Field[];
  /** Base64. */
  readonly body?: string;
  readonly trailers?: readonly Field[];
}

export interface ReplayOrder extends ReplayChanges {
  readonly id: string;
  readonly tunnel_name?: string;
  /** 1 to 100. */
  readonly times?: number;
}

export async function listExchanges(): Promise<readonly ExchangeSummary[]> {
  const { requests } = await getJson<{ requests: readonly ExchangeSummary[] }>(`${EXCHANGES}?view=summary`);
  return requests;
}

/** What the agent lists at once when it is asked for certain exchanges. */
export const LISTED_IDS_LIMIT = 200;

/** With headers: of every exchange in memory, or of these, up to {@link LISTED_IDS_LIMIT}. Those that are gone are left out. */
export async function listHeads(ids?: readonly string[]): Promise<readonly ExchangeHeads[]> {
  const which = ids === undefined ? "" : `&ids=${ids.map(encodeURIComponent).join(",")}`;
  const { requests } = await getJson<{ requests: readonly ExchangeHeads[] }>(`${EXCHANGES}?view=heads${which}`);
  return requests;
}

export async function getExchange(id: string, signal?: AbortSignal): Promise<ExchangeDetail> {
  return await getJson(`${EXCHANGES}/${encodeURIComponent(id)}`, signal);
}

export async function getBody(id: string, side: Side, signal?: AbortSignal): Promise<DecodedBody> {
  return await getJson(`${EXCHANGES}/${encodeURIComponent(id)}/body/${side}`, signal);
}

/** Those after this index. */
export async function getMessages(
  id: string,
  after: number,
  signal?: AbortSignal,
): Promise<readonly StreamedMessage[]> {
  const path = `${EXCHANGES}/${encodeURIComponent(id)}/messages?after=${after}`;
  const { messages } = await getJson<{ messages: readonly StreamedMessage[] }>(path, signal);
  return messages;
}

/** Where the captured bytes of one side can be downloaded. */
export function rawAddress(id: string, side: Side): string {
  return `${EXCHANGES}/${encodeURIComponent(id)}/raw/${side}`;
}

/** Resolves when every replay has been answered, or has failed, and is in the list. */
export async function replay(order: ReplayOrder): Promise<void> {
  await call(EXCHANGES, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(order),
  });
}

export async function clearExchanges(): Promise<void> {
  await call(EXCHANGES, { method: "DELETE" });
}

export async function listTunnels(): Promise<readonly TunnelState[]> {
  const { tunnels } = await getJson<{ tunnels: readonly TunnelState[] }>("/api/tunnels");
  return tunnels;
}

export async function getStatus(): Promise<AgentStatus> {
  return await getJson("/api/status");
}

export async function getConfiguration(): Promise<unknown> {
  return await getJson("/api/config");
}

/** The page and the API come from the same program, so the shape of an answer is taken as promised. */
async function getJson<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  const answer = await call(path, signal === undefined ? {} : { signal });
  return (await answer.json()) as Answer;
}

async function call(path: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(path, { ...init, cache: "no-store" }).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new Error("The agent cannot be reached. Is it still running?", { cause });
  });
  if (answer.status === 404 && init.method === undefined) throw new Error(GONE);
  if (!answer.ok) throw new Error(await complaintOf(answer));
  return answer;
}

/** The error bodies of reference.md 3.7. */
async function complaintOf(answer: Response): Promise<string> {
  const body: unknown = await answer.json().catch(() => undefined);
  if (typeof body === "object" && body !== null) {
    if ("details" in body && typeof body.details === "object" && body.details !== null && "err" in body.details) {
      return String(body.details.err);
    }
    if ("msg" in body) return String(body.msg);
  }
  return `The agent answered with status ${answer.status}.`;
}
