import { useState } from "hono/jsx/dom";
import { Dialog } from "../../../../web-ui/client/dialog.tsx";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import type { ApiRecord } from "../data/api-record.ts";
import { callApi } from "../data/call.ts";
import { failureText } from "../data/call-failure.ts";
import { EndedRemark } from "./ended-remark.tsx";
import type { Action, ResourcePage } from "./resource.ts";

export interface ConfirmDialogProps {
  readonly resource: ResourcePage;
  readonly action: Action;
  readonly record: ApiRecord;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Asks before something is done that cannot be undone. */
export function ConfirmDialog({ resource, action, record, onDone, onClose }: ConfirmDialogProps) {
  const [failure, setFailure] = useState("");
  const [isBusy, setBusy] = useState(false);
  const act = (): void => {
    setBusy(true);
    setFailure("");
    callApi(
      action.method,
      `/${resource.path}/${record.id}${action.path}`,
      action.method === "POST" ? {} : undefined,
    ).then(onDone, (error: unknown) => {
      setFailure(failureText(error));
      setBusy(false);
    });
  };
  return (
    <Dialog
      title={`${action.label} ${resource.noun} ${visibleText(resource.nameOf(record))}?`}
      onClose={onClose}
      isKept={isBusy}
    >
      <p class="warning">{visibleText(action.warning(record))}</p>
      {failure === "" && <EndedRemark stays="This question" />}
      {failure !== "" && (
        <p class="fault" role="alert">
          {visibleText(failure)}
        </p>
      )}
      <div class="form-line form-foot">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="button button-danger"
          aria-disabled={isBusy ? "true" : undefined}
          onClick={() => !isBusy && act()}
        >
          {action.label}
        </button>
      </div>
    </Dialog>
  );
}
