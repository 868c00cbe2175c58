import { tunnels } from "../data/agent.ts";
import type { Field } from "../data/exchange.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { BodyField } from "./body-field.tsx";
import { Labelled } from "../../../../web-ui/client/labelled.tsx";
import { textOf } from "../../../../web-ui/client/text-of.ts";
import { FieldRows } from "./field-rows.tsx";
import type { Draft, Original } from "./replay-draft.ts";

export interface ReplayFormProps {
  readonly original: Original;
  readonly draft: Draft;
  readonly isBusy: boolean;
  readonly onChange: (changes: Partial<Draft>) => void;
  readonly onSend: () => void;
}

/** Everything that a replay may change. */
export function ReplayForm({ original, draft, isBusy, onChange, onSend }: ReplayFormProps) {
  const running = useSubject(tunnels);
  return (
    <form
      class="form"
      onSubmit={(event: Event) => {
        event.preventDefault();
        onSend();
      }}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        onSend();
      }}
    >
      <div class="form-line">
        <Labelled label="Method" isNarrow>
          <input
            class="input mono"
            value={draft.method}
            spellcheck={false}
            aria-label="Method"
            onInput={(event: Event) => onChange({ method: textOf(event) })}
          />
        </Labelled>
        <Labelled label="Path">
          <input
            class="input mono"
            value={draft.path}
            spellcheck={false}
            aria-label="Path"
            onInput={(event: Event) => onChange({ path: textOf(event) })}
          />
        </Labelled>
      </div>
      <FieldRows noun="Header" fields={draft.headers} onFields={(headers) => onChange({ headers })} />
      <BodyField original={original} body={draft.body} onBody={(body) => onChange({ body })} />
      {(draft.trailers.length > 0 || isChunked(draft.headers)) && (
        <FieldRows noun="Trailer" fields={draft.trailers} onFields={(trailers) => onChange({ trailers })} />
      )}
      <div class="form-line form-foot">
        <Labelled label="Tunnel">
          <select
            class="input"
            aria-label="Tunnel"
            value={draft.tunnel}
            onChange={(event: Event) => onChange({ tunnel: textOf(event) })}
          >
            {tunnelNames(running, original.exchange.tunnel_name).map((name) => (
              <option key={name} value={name}>
                {visibleText(name)}
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
            onInput={(event: Event) => onChange({ times: Math.min(100, Math.max(1, Number(textOf(event)) || 1)) })}
          />
        </Labelled>
        <button type="submit" class="button button-main" title="Ctrl+Enter" disabled={isBusy}>
          {isBusy ? "Sending …" : "Send"}
        </button>
      </div>
    </form>
  );
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
