import { z } from "zod";
import type { StreamedMessage } from "../../capture/exchange.ts";
import { nanosecondsOf } from "./exchange-view.ts";

/** What a WebSocket or an event stream carried; an addition of ours. `at` in nanoseconds since the start of the exchange. */
export const messageListSchema = z.object({
  messages: z.array(
    z.object({
      index: z.int(),
      from: z.enum(["visitor", "upstream"]),
      kind: z.enum(["text", "binary", "close", "ping", "pong", "event"]),
      at: z.int(),
      bytes: z.int(),
      truncated: z.boolean(),
      event: z.string().nullable(),
      event_id: z.string().nullable(),
      data: z.base64(),
    }),
  ),
});

export function messageListView(messages: readonly StreamedMessage[]): z.infer<typeof messageListSchema> {
  return {
    messages: messages.map((message) => ({
      index: message.index,
      from: message.from,
      kind: message.kind,
      at: nanosecondsOf(message.atMs),
      bytes: message.totalBytes,
      truncated: message.isTruncated,
      event: message.eventName ?? null,
      event_id: message.eventId ?? null,
      data: message.bytes.toBase64(),
    })),
  };
}
