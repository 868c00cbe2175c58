import { useState } from "hono/jsx/dom";
import { durationText, sizeText } from "../../../../web-ui/text/amount-text.ts";
import { capturedBytes } from "../data/captured-bytes.ts";
import type { StreamedMessage } from "../data/exchange.ts";
import { BytesView } from "./bytes-view.tsx";
import { LineBox } from "./line-box.tsx";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";

/** A message of a stream; `at` is undefined where nobody knows when it came. */
export type ListedMessage = Omit<StreamedMessage, "at"> & { readonly at: number | undefined };

/** So much of a message stands in its line. */
const PREVIEW_CHARS = 300;
const PREVIEW_BYTES = 64;

/** Messages, a line each, and below them the one that was chosen. Whoever looks at the last line keeps seeing the newest. */
export function MessageList({ messages }: { readonly messages: readonly ListedMessage[] }) {
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const message = chosen === undefined ? undefined : messages.find(({ index }) => index === chosen);
  const walk = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const { target } = event;
    if (step === 0 || !(target instanceof HTMLElement)) return;
    const next = document.getElementById(lineId(Number(target.dataset["index"]) + step));
    if (next === null) return;
    event.preventDefault();
    next.focus();
    next.click();
  };
  return (
    <>
      <div class="message-list" onKeyDown={walk}>
        <LineBox
          label="Messages"
          count={messages.length}
          isFollowing
          line={(position) => {
            const one = messages[position];
            return one === undefined ? null : (
              <MessageLine message={one} isChosen={one.index === chosen} onChoose={() => setChosen(one.index)} />
            );
          }}
        />
      </div>
      {message !== undefined && (
        <section class="side" aria-label={`Message ${message.index}`}>
          <h3>
            <Shown text={titleOf(message)} />
          </h3>
          <BytesView key={message.index} bytes={capturedBytes(message.data)} contentType={undefined} label="Message" />
        </section>
      )}
    </>
  );
}

interface MessageLineProps {
  readonly message: ListedMessage;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function MessageLine({ message, isChosen, onChoose }: MessageLineProps) {
  const isUp = message.from === "visitor";
  return (
    <button
      type="button"
      id={lineId(message.index)}
      data-index={message.index}
      class={isChosen ? "message message-chosen" : "message"}
      aria-pressed={isChosen ? "true" : "false"}
      onClick={onChoose}
    >
      <span class={isUp ? "message-way message-up" : "message-way message-down"}>
        <span aria-hidden="true">{isUp ? "↑" : "↓"}</span>
        <span class="unseen">{isUp ? "from the visitor" : "from the upstream"}</span>
      </span>
      <span class="message-at">{message.at === undefined ? "" : durationText(message.at)}</span>
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

function lineId(index: number): string {
  return `message-${index}`;
}

function titleOf({ from, kind, event, event_id: id, bytes, truncated }: ListedMessage): string {
  const named = id === undefined || id === null || id === "" ? "" : `, id ${id}`;
  return `${event ?? kind} from the ${from}${named}, ${sizeText(bytes)}${truncated ? ", cut" : ""}`;
}

function previewOf({ kind, data }: ListedMessage): string {
  const bytes = capturedBytes(data.slice(0, PREVIEW_CHARS * 4));
  if (kind === "close") return closeText(capturedBytes(data));
  if (kind === "text" || kind === "event") return new TextDecoder().decode(bytes).slice(0, PREVIEW_CHARS);
  return [...bytes.subarray(0, PREVIEW_BYTES)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** RFC 6455 section 5.5.1: two bytes of code, then the reason. */
function closeText(bytes: Uint8Array): string {
  const [high, low] = bytes;
  if (high === undefined || low === undefined) return "without a code";
  return `${high * 256 + low} ${new TextDecoder().decode(bytes.subarray(2))}`.trim();
}
