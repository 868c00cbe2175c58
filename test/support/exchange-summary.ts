import type { ExchangeSummary } from "../../src/agent/inspector/client/data/exchange.ts";

/** As the agent API lists it; answered with 200 unless it is open. */
export function exchangeSummary(id: string, outcome: ExchangeSummary["outcome"] = "complete"): ExchangeSummary {
  const answered = {
    status: "200 OK",
    status_code: 200,
    proto: "HTTP/1.1",
    bytes: 1,
    truncated: false,
    generated: false,
  };
  return {
    id,
    tunnel_name: "web",
    remote_addr: "192.0.2.7",
    start: "2026-11-23T12:00:00Z",
    duration: 1,
    outcome,
    replay_of: null,
    request: { method: "GET", proto: "HTTP/1.1", uri: "/", bytes: 1, truncated: false },
    response: outcome === "open" ? null : answered,
    timing: { request_end: null, first_byte: null, end: null },
    stream: null,
  };
}
