import { sizeText } from "../../../../web-ui/text/amount-text.ts";
import { textOf } from "../../../../web-ui/client/text-of.ts";
import type { Original } from "./replay-draft.ts";

export interface BodyFieldProps {
  readonly original: Original;
  readonly body: string | undefined;
  readonly onBody: (body: string | undefined) => void;
}

/** The captured bytes, or a text in their place. */
export function BodyField({ original, body, onBody }: BodyFieldProps) {
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
