import type { ExchangeDetail } from "../data/exchange.ts";
import { MessageList } from "./message-list.tsx";
import { useMessages } from "./use-messages.ts";

/** What a WebSocket or an event stream has carried so far; new messages appear as they come. */
export function MessagesPanel({ exchange }: { readonly exchange: ExchangeDetail }) {
  const { messages, failure } = useMessages(exchange);
  const { stream, outcome } = exchange;
  return (
    <div class="messages">
      <p class="quiet" role="status">
        {messages.length.toLocaleString("en")} {stream?.kind === "websocket" ? "messages" : "events"}
        {outcome === "open" ? ", more may come" : ", ended"}
        {(stream?.dropped ?? 0) > 0 && `; ${stream?.dropped} older ones were forgotten to stay within the memory`}
      </p>
      {failure !== "" && <p class="fault">{failure}</p>}
      <MessageList messages={messages} />
    </div>
  );
}
