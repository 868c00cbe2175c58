import type { Case } from "../case.ts";
import { echoMicros, eventMicros } from "../loads/push.ts";
import { percentile } from "../percentile.ts";
import { urlOf } from "../scheme.ts";
import { EVENTS_PATH, WEBSOCKET_PATH } from "../upstreams.ts";

function delay(
  name: string,
  title: string,
  measure: (httpUrl: string, seconds: number) => Promise<readonly number[]>,
): Case {
  return {
    name,
    questions: (["p50", "p99"] as const).map((share) => ({
      name: `${name}-${share}`,
      title: `${title}, ${share}`,
      unit: "µs",
      better: "less",
    })),
    async measure({ system, extent: { seconds } }) {
      const micros = await measure(urlOf(system, "http"), seconds);
      return { values: { [`${name}-p50`]: percentile(micros, 0.5), [`${name}-p99`]: percentile(micros, 0.99) } };
    },
  };
}

export const PUSH_DELAY_CASES: readonly Case[] = [
  delay("websocket", "WebSocket message there and back", (url, seconds) =>
    echoMicros(url.replace("http", "ws") + WEBSOCKET_PATH, seconds),
  ),
  delay("events", "server-sent event on its way", (url, seconds) => eventMicros(url + EVENTS_PATH, seconds)),
];
