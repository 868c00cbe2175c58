import { useEffect, useMemo, useRef, useState } from "hono/jsx/dom";
import { durationText, sizeText } from "../../body/amount-text.ts";
import { getMessages } from "../data/agent-api.ts";
import { capturedBytes } from "../data/captured-bytes.ts";
import type { ExchangeDetail, StreamedMessage } from "../data/exchange.ts";
import { BytesView } from "./bytes-view.tsx";
import { LineBox } from "./line-box.tsx";
import { Shown } from "./shown-text.tsx";

/** So much of a message stands in its line. */
const PREVIEW_CHARS = 300;

/** What a WebSocket or an event stream has carried so far; new messages appear as they come. */
export function MessagesPanel({ exchange }: { readonly exchange: ExchangeDetail }) {
  const { messages, failure } = useMessages(exchange);
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const { stream, outcome } = exchange;
  const message = chosen === undefined ? undefined : messages.find(({ index }) => index === chosen);
  return (
    <div class="messages">
      <p class="quiet" role="status">
        {messages.length.toLocaleString("en")} {stream?.kind === "websocket" ? "messages" : "events"}
        {outcome === "open" ? ", more may come" : ", ended"}
        {(stream?.dropped ?? 0) > 0 && `; ${stream?.dropped} older ones were forgotten to stay within the memory`}
      </p>
      {failure !== "" && <p class="fault">{failure}</p>}
      <LineBox
        label="Messages"
        count={messages.length}
        line={(position) => {
          const one = messages[position];
          return one === undefined ? null : (
            <MessageLine message={one} isChosen={one.index === chosen} onChoose={() => setChosen(one.index)} />
          );
        }}
      />
      {message !== undefined && (
        <section class="side" aria-label={`Message ${message.index}`}>
          <h3>
            <Shown text={titleOf(message)} />, {sizeText(message.bytes)}
            {message.truncated && ", cut"}
          </h3>
          <BytesView key={message.index} bytes={capturedBytes(message.data)} contentType={undefined} label="Message" />
        </section>
      )}
    </div>
  );
}

interface MessageLineProps {
  readonly message: StreamedMessage;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function MessageLine({ message, isChosen, onChoose }: MessageLineProps) {
  const isUp = message.from === "visitor";
  return (
    <button
      type="button"
      class={isChosen ? "message message-chosen" : "message"}
      aria-pressed={isChosen ? "true" : "false"}
      onClick={onChoose}
    >
      <span class={isUp ? "message-way message-up" : "message-way message-down"}>
        <span aria-hidden="true">{isUp ? "↑" : "↓"}</span>
        <span class="unseen">{isUp ? "from the visitor" : "from the upstream"}</span>
      </span>
      <span class="message-at">{durationText(message.at)}</span>
      <span class="message-kind">
        <Shown text={(message.event ?? message.kind).slice(0, PREVIEW_CHARS)} />
      </span>
      <span class="message-text">
        <Shown text={previewOf(message)} />
      </span>
      <span class="message-size">{sizeText(message.bytes)}</span>
    </button>
  );
}

function titleOf({ from, kind, event }: StreamedMessage): string {
  return `${event ?? kind} from the ${from}`;
}

function previewOf({ kind, data }: StreamedMessage): string {
  const bytes = capturedBytes(data.slice(0, PREVIEW_CHARS * 4));
  if (kind === "close") return closeText(capturedBytes(data));
  if (kind === "text" || kind === "event") return new TextDecoder().decode(bytes).slice(0, PREVIEW_CHARS);
  return [...bytes.subarray(0, 64)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** RFC 6455 section 5.5.1: two bytes of code, then the reason. */
function closeText(bytes: Uint8Array): string {
  const [high, low] = bytes;
  if (high === undefined || low === undefined) return "without a code";
  return `${high * 256 + low} ${new TextDecoder().decode(bytes.subarray(2))}`.trim();
}

/** As many as the agent has: whoever watches a stream for days must not keep what the agent has long forgotten. */
function useMessages({ id, stream }: ExchangeDetail) {
  const [messages, setMessages] = useState<readonly StreamedMessage[]>([]);
  const [failure, setFailure] = useState("");
  const known = useRef<readonly StreamedMessage[]>([]);
  const count = stream?.messages ?? 0;
  const wanted = useRef(count);
  const dropped = useRef(0);
  const isFetching = useRef(false);
  const fetchAll = async (): Promise<void> => {
    isFetching.current = true;
    try {
      // More may be announced while some are on their way.
      for (let asked = -1; asked !== wanted.current;) {
        asked = wanted.current ?? 0;
        const more = await getMessages(id, known.current?.at(-1)?.index ?? -1);
        const kept = [...(known.current ?? []), ...more];
        known.current = kept.filter(({ index }) => index >= (dropped.current ?? 0));
        setMessages(known.current);
      }
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      isFetching.current = false;
    }
  };
  useEffect(() => {
    wanted.current = count;
    dropped.current = stream?.dropped ?? 0;
    if (!isFetching.current) void fetchAll();
  }, [id, count]);
  return useMemo(() => ({ messages, failure }), [messages, failure]);
}
