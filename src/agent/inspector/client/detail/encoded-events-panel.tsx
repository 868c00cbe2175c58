import { useMemo } from "hono/jsx/dom";
import { base64Text } from "../../body/base64-bytes.ts";
import { readEvents, type StreamEvent } from "../../body/event-stream.ts";
import { isEventStream } from "../../body/filter-subject.ts";
import { capturedBytes } from "../data/captured-bytes.ts";
import { countText } from "../../../../web-ui/text/count-text.ts";
import type { DecodedBody, ExchangeDetail } from "../data/exchange.ts";
import { type ListedMessage, MessageList } from "./message-list.tsx";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { useBody } from "./use-exchange.ts";

/** Whether the response is an event stream of which the agent tells no events, as when it is compressed: so the body has to. */
export function hasEncodedEvents(exchange: ExchangeDetail): boolean {
  return exchange.stream === null && isEventStream(exchange);
}

/** The events of such a stream, as far as its body was captured; fetched again while it grows. */
export function EncodedEventsPanel({ exchange }: { readonly exchange: ExchangeDetail }) {
  const { value: body, failure } = useBody(exchange, "response");
  const { messages, omitted } = useMemo(() => eventsOf(body), [body?.data]);
  if (failure !== "") return <p class="fault">{failure}</p>;
  if (body === undefined) return <p class="quiet">…</p>;
  return (
    <div class="messages">
      <p class="quiet" role="status">
        {countText(messages.length, "event")}
        {exchange.outcome === "open" ? ", more may come" : ", ended"}.{" "}
        {body.content_encoding.length > 0 && (
          <>
            The stream is compressed (<Shown text={body.content_encoding.join(", ")} />
            ).{" "}
          </>
        )}
        They are read from the body, so nobody knows when each came.
      </p>
      {body.error !== null && (
        <p class="fault">
          Cannot be decoded: <Shown text={body.error} />
        </p>
      )}
      {body.truncated && (
        <p class="fault fault-mild">Only a first part of this body was kept: later events are lost.</p>
      )}
      {omitted > 0 && <p class="fault fault-mild">{countText(omitted, "later event")} not listed.</p>}
      <MessageList messages={messages} />
    </div>
  );
}

interface ListedEvents {
  readonly messages: readonly ListedMessage[];
  readonly omitted: number;
}

function eventsOf(body: DecodedBody | undefined): ListedEvents {
  if (body === undefined || body.error !== null) return { messages: [], omitted: 0 };
  const { events, omitted } = readEvents(new TextDecoder().decode(capturedBytes(body.data)));
  return { messages: events.map(messageOf), omitted };
}

function messageOf({ name, id, data }: StreamEvent, index: number): ListedMessage {
  const bytes = new TextEncoder().encode(data);
  return {
    index,
    from: "upstream",
    kind: "event",
    at: undefined,
    bytes: bytes.length,
    truncated: false,
    event: name ?? null,
    event_id: id ?? null,
    data: base64Text(bytes),
  };
}
