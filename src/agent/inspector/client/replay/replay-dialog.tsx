import { type Child, useEffect, useState } from "hono/jsx/dom";
import { sizeText } from "../../body/amount-text.ts";
import { base64Text } from "../../body/base64-bytes.ts";
import { getBody, getExchange, type ReplayOrder } from "../data/agent-api.ts";
import { tunnels } from "../data/agent.ts";
import { capturedBytes } from "../data/captured-bytes.ts";
import type { DecodedBody, ExchangeDetail, Field } from "../data/exchange.ts";
import { fieldsOf } from "../data/exchange.ts";
import { useSubject } from "../data/subject.ts";
import { shownHead } from "../detail/use-head.ts";
import { Dialog } from "../shell/dialog.tsx";
import { tell } from "../shell/notice.ts";
import { FieldRows, textOf } from "./field-rows.tsx";
import { replayAndShow } from "./replay-once.ts";

/** What stands in the form. */
interface Draft {
  readonly tunnel: string;
  readonly times: number;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Field[];
  readonly trailers: readonly Field[];
  /** Undefined: the bytes go out as they were captured. */
  readonly body: string | undefined;
}

interface Original {
  readonly exchange: ExchangeDetail;
  readonly draft: Draft;
  /** Of the body; undefined when it is not text that could be edited. */
  readonly text: string | undefined;
  readonly body: DecodedBody;
}

export interface ReplayDialogProps {
  readonly id: string;
  readonly onClose: () => void;
}

/** Replay with changes: method, path, headers, body, another tunnel, several times (reference.md 5.4). */
export function ReplayDialog({ id, onClose }: ReplayDialogProps) {
  const running = useSubject(tunnels);
  const [original, setOriginal] = useState<Original | undefined>(undefined);
  const [draft, setDraft] = useState<Draft | undefined>(undefined);
  const [failure, setFailure] = useState("");
  const [isBusy, setBusy] = useState(false);
  const fail = (error: unknown): void => setFailure(error instanceof Error ? error.message : String(error));
  useEffect(() => {
    Promise.all([getExchange(id), getBody(id, "request")]).then(([exchange, body]) => {
      const found = originalOf(exchange, body);
      setOriginal(found);
      setDraft(found.draft);
    }, fail);
  }, [id]);
  const change = (changes: Partial<Draft>): void =>
    setDraft((old) => (old === undefined ? old : { ...old, ...changes }));
  const send = (): void => {
    if (original === undefined || draft === undefined || isBusy) return;
    setBusy(true);
    setFailure("");
    replayAndShow(orderOf(original, draft))
      .then(() => {
        tell(draft.times === 1 ? "Replayed with changes" : `Replayed ${draft.times} times`);
        onClose();
      }, fail)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title="Replay with changes" onClose={onClose} isWide>
      {failure !== "" && (
        <p class="fault" role="alert">
          {failure}
        </p>
      )}
      {draft !== undefined && original !== undefined && (
        <form
          class="form"
          onSubmit={(event: Event) => {
            event.preventDefault();
            send();
          }}
        >
          <div class="form-line">
            <Labelled label="Method" isNarrow>
              <input
                class="input mono"
                value={draft.method}
                spellcheck={false}
                aria-label="Method"
                onInput={(event: Event) => change({ method: textOf(event) })}
              />
            </Labelled>
            <Labelled label="Path">
              <input
                class="input mono"
                value={draft.path}
                spellcheck={false}
                aria-label="Path"
                onInput={(event: Event) => change({ path: textOf(event) })}
              />
            </Labelled>
          </div>
          <FieldRows noun="Header" fields={draft.headers} onFields={(headers) => change({ headers })} />
          <BodyField original={original} body={draft.body} onBody={(body) => change({ body })} />
          {(draft.trailers.length > 0 || isChunked(draft.headers)) && (
            <FieldRows noun="Trailer" fields={draft.trailers} onFields={(trailers) => change({ trailers })} />
          )}
          <div class="form-line form-foot">
            <Labelled label="Tunnel">
              <select
                class="input"
                aria-label="Tunnel"
                value={draft.tunnel}
                onChange={(event: Event) => change({ tunnel: textOf(event) })}
              >
                {tunnelNames(running, original.exchange.tunnel_name).map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </Labelled>
            <Labelled label="Times" isNarrow>
              <input
                class="input"
                type="number"
                min="1"
                max="100"
                aria-label="Times"
                value={String(draft.times)}
                onInput={(event: Event) => change({ times: Math.min(100, Math.max(1, Number(textOf(event)) || 1)) })}
              />
            </Labelled>
            <button type="submit" class="button button-main" disabled={isBusy}>
              {isBusy ? "Sending …" : "Send"}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

interface LabelledProps {
  readonly label: string;
  readonly isNarrow?: boolean;
  readonly children?: Child;
}

function Labelled({ label, isNarrow = false, children }: LabelledProps) {
  return (
    <label class={isNarrow ? "labelled labelled-narrow" : "labelled"}>
      <span>{label}</span>
      {children}
    </label>
  );
}

interface BodyFieldProps {
  readonly original: Original;
  readonly body: string | undefined;
  readonly onBody: (body: string | undefined) => void;
}

function BodyField({ original, body, onBody }: BodyFieldProps) {
  const isEdited = body !== undefined;
  const { bytes, content_encoding: encodings } = original.body;
  return (
    <fieldset class="field-rows">
      <legend>Body</legend>
      <label class="check">
        <input
          type="checkbox"
          checked={!isEdited}
          onChange={() => onBody(isEdited ? undefined : (original.text ?? ""))}
        />
        Send the captured bytes ({sizeText(bytes)}
        {encodings.length > 0 ? `, ${encodings.join(", ")}` : ""}
        {original.text === undefined ? ", not text" : ""})
      </label>
      {isEdited && (
        <textarea
          class="input mono body-input"
          aria-label="Body"
          rows={10}
          spellcheck={false}
          value={body}
          onInput={(event: Event) => onBody(textOf(event))}
        />
      )}
      {isEdited && encodings.length > 0 && (
        <p class="quiet">It is sent as it stands here: Content-Encoding is left out.</p>
      )}
    </fieldset>
  );
}

function originalOf(exchange: ExchangeDetail, body: DecodedBody): Original {
  const { fields } = shownHead(exchange.request.raw);
  const text = textOfBytes(capturedBytes(body.data));
  const draft: Draft = {
    tunnel: exchange.tunnel_name,
    times: 1,
    method: exchange.request.method,
    path: exchange.request.uri,
    // It is counted anew whatever stands here.
    headers: fields.filter(([name]) => name.toLowerCase() !== "content-length"),
    trailers: fieldsOf(exchange.request.trailers),
    body: text === undefined || body.truncated || body.error !== null || text === "" ? undefined : text,
  };
  return { exchange, draft, text, body };
}

/** Only what was changed, so that everything else goes out to the byte as it was captured. */
function orderOf({ exchange, draft: before, body }: Original, draft: Draft): ReplayOrder {
  const isBodyChanged = draft.body !== undefined && draft.body !== before.body;
  const dropsCoding = isBodyChanged && body.content_encoding.length > 0;
  const named = draft.headers.filter(([name]) => name.trim() !== "");
  const headers = dropsCoding ? named.filter(([name]) => name.toLowerCase() !== "content-encoding") : named;
  return {
    id: exchange.id,
    tunnel_name: draft.tunnel,
    times: draft.times,
    ...(draft.method === before.method ? {} : { method: draft.method }),
    ...(draft.path === before.path ? {} : { path: draft.path }),
    ...(isSame(headers, before.headers) ? {} : { headers }),
    ...(isBodyChanged ? { body: base64Text(new TextEncoder().encode(draft.body)) } : {}),
    ...(isSame(draft.trailers, before.trailers)
      ? {}
      : { trailers: draft.trailers.filter(([name]) => name.trim() !== "") }),
  };
}

function isSame(a: readonly Field[], b: readonly Field[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isChunked(fields: readonly Field[]): boolean {
  return fields.some(([name, value]) => name.toLowerCase() === "transfer-encoding" && /chunked/i.test(value));
}

/** The one it was captured on comes first, even when it has been stopped. */
function tunnelNames(
  running: readonly { readonly name: string; readonly proto: string }[],
  own: string,
): readonly string[] {
  const http = running.filter(({ proto }) => proto === "http" || proto === "https").map(({ name }) => name);
  return [own, ...http.filter((name) => name !== own)];
}

function textOfBytes(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
