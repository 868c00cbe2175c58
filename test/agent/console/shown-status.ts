import type { ScreenStatus, ShownExchange } from "../../../src/agent/console/screen-status.ts";

/** An agent with one pair of tunnels, before its first visitor. */
export const USUAL_STATUS: ScreenStatus = {
  program: "ginnel",
  messages: [],
  session: { state: "online", reason: undefined, region: "eu", latencyMs: 77.6 },
  expiresInMs: undefined,
  account: { name: "", plan: "" },
  version: "1.2.3",
  webUrl: "http://127.0.0.1:4040",
  forwardings: [
    { url: "https://app.example.org", address: "http://localhost:80" },
    { url: "http://app.example.org", address: "http://localhost:80" },
  ],
  connections: { count: 0, gauge: 0, rate1: 0, rate5: 0, p50: 0, p90: 0 },
  exchanges: [],
};

/** Texts as they were sent, in UTF-8. `status` as `200 OK`; empty for an exchange without a response. */
export function shownExchange(
  method: string,
  target: string,
  status: string,
  { startedAt = new Date("2026-11-23T09:43:38.708Z"), outcome = "complete" }: Partial<ShownExchange> = {},
): ShownExchange {
  const statusCode = Number.parseInt(status, 10);
  return {
    startedAt,
    outcome,
    request: { method: captured(method), target: captured(target) },
    response: status === "" ? undefined : { statusCode, status: captured(status) },
  };
}

/** A character for each octet. */
function captured(text: string): string {
  return Buffer.from(text).toString("latin1");
}
