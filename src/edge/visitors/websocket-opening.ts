import type { Clock } from "../../base/clock.ts";
import type { Duplex } from "../../net/duplex.ts";
import type { Watched } from "../../net/idle-watch.ts";
import { acceptingHead } from "../../protocol/websocket/handshake.ts";
import type { AcceptedWebSocket, Exchange } from "./exchange.ts";
import type { VisitorLine } from "./visitor-line.ts";
import { WebSocketDuplex } from "./websocket-duplex.ts";
import { lostUpstreamReason } from "./websocket-refusal.ts";

/** The connection becomes the WebSocket's, unless there is none. */
export interface WebSocketOpening {
  readonly connection: Duplex;
  readonly line: VisitorLine;
  readonly idle: Watched;
  readonly clock: Clock;
}

/** The two sides that are to be joined. */
export interface OpenedWebSocket {
  readonly webSocket: WebSocketDuplex;
  readonly agentSide: Duplex;
}

/** Says yes to the WebSocket that a request asked for. `undefined`: its endpoint has no stream to give, and nothing was said. */
export function openWebSocket(
  exchange: Exchange,
  { endpoint, key }: AcceptedWebSocket,
  { connection, line, idle, clock }: WebSocketOpening,
): OpenedWebSocket | undefined {
  const proxied = endpoint.openProxy(connection);
  if (proxied === undefined) return undefined;
  exchange.isAnswered = true;
  exchange.status = 101;
  exchange.passage?.onOutcome(101, clock.nowMs());
  line.add(acceptingHead(exchange.request, key));
  line.flush();
  const reasonOf = (resetCode: number | undefined): string => lostUpstreamReason(resetCode, endpoint);
  return { webSocket: new WebSocketDuplex(connection, { clock, activity: idle, reasonOf }), agentSide: proxied.stream };
}
