import { useState } from "hono/jsx/dom";
import { Dialog } from "../../../../web-ui/client/dialog.tsx";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import type { ApiRecord } from "../data/api-record.ts";
import { callApi } from "../data/call.ts";
import { CallFailure, failureText } from "../data/call-failure.ts";
import { EndedRemark } from "./ended-remark.tsx";
import type { DraftValue } from "./field.ts";
import { faultyField } from "./field-fault.ts";
import { FieldInput, inputIdOf } from "./field-input.tsx";
import { createBody, draftOf, fieldsFor, updateCalls } from "./record-draft.ts";
import type { ResourcePage } from "./resource.ts";

export interface RecordFormProps {
  readonly resource: ResourcePage;
  /** The one to change; without, a new one is made. */
  readonly record: ApiRecord | undefined;
  /** With what the edge answered last. */
  readonly onSaved: (answer: unknown) => void;
  readonly onClose: () => void;
}

interface Fault {
  /** Empty: it is about the whole. */
  readonly field: string;
  readonly text: string;
}

/** Makes a record or changes one. What the edge refuses is said at the field that it is about. */
export function RecordForm({ resource, record, onSaved, onClose }: RecordFormProps) {
  const { fields = [], createWord = "Create", noun } = resource;
  const [draft, setDraft] = useState(() => draftOf(fields, record));
  const [fault, setFault] = useState<Fault | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const shown = fieldsFor(fields, record).filter(({ isHidden }) => isHidden !== true);
  const verb = record === undefined ? createWord : "Save";
  const change = (name: string, value: DraftValue): void => setDraft((old) => ({ ...old, [name]: value }));
  const refuse = (next: Fault): void => {
    setFault(next);
    setBusy(false);
    if (next.field !== "") document.getElementById(inputIdOf(next.field))?.focus();
  };
  const send = async (): Promise<void> => {
    const missing = shown.find(({ name, isRequired }) => isRequired === true && isBlank(draft[name]));
    if (missing !== undefined) return refuse({ field: missing.name, text: `${missing.label} is needed.` });
    setBusy(true);
    setFault(undefined);
    try {
      onSaved(await saved());
    } catch (failure) {
      refuse({ field: faultyField(shown, failure)?.name ?? "", text: wordsFor(failure, record === undefined) });
    }
  };
  const saved = async (): Promise<unknown> => {
    if (record === undefined) return await callApi("POST", `/${resource.path}`, createBody(fields, draft));
    const place = `/${resource.path}/${record.id}`;
    const calls = updateCalls(fields, draft, record);
    for (const { method, path, body } of calls) await callApi(method, `${place}${path}`, body);
    return calls.length === 0 ? record : await callApi("GET", place);
  };
  return (
    <Dialog
      title={
        record === undefined
          ? `${createWord} ${articleOf(noun)} ${noun}`
          : `Edit ${noun} ${visibleText(resource.nameOf(record))}`
      }
      onClose={onClose}
      isWide={fields.some(({ kind }) => kind === "policy" || kind === "pem")}
      isKept
    >
      <form
        class="form"
        noValidate
        onSubmit={(event: Event) => {
          event.preventDefault();
          if (!isBusy) void send();
        }}
      >
        {fault?.field !== "" && <EndedRemark stays="What you filled in" />}
        {fault?.field === "" && (
          <p class="fault" role="alert">
            {visibleText(fault.text)}
          </p>
        )}
        {shown.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={draft[field.name] ?? ""}
            fault={fault?.field === field.name ? fault.text : ""}
            onValue={(value) => change(field.name, value)}
          />
        ))}
        <div class="form-line form-foot">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button button-main" aria-disabled={isBusy ? "true" : undefined}>
            {isBusy ? "Sending …" : verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function isBlank(value: DraftValue | undefined): boolean {
  if (value === undefined) return true;
  return typeof value === "string" ? value.trim() === "" : typeof value === "object" && value.length === 0;
}

/** Whether a call arrived that was never answered, nobody here knows. */
function wordsFor(failure: unknown, isNew: boolean): string {
  const isUnanswered = failure instanceof CallFailure && failure.status === 0;
  if (!isUnanswered) return failureText(failure);
  const doubt = isNew ? " Should it have arrived all the same, it stands in the list once the edge is back." : "";
  return `${failure.message} What you filled in stays here: send it again when the edge is back.${doubt}`;
}

function articleOf(noun: string): string {
  return /^[aeiou]/i.test(noun) ? "an" : "a";
}
