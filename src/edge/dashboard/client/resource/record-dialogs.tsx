import { useState } from "hono/jsx/dom";
import { tell } from "../../../../web-ui/client/notice.ts";
import { type ApiRecord, isRecord, textAt } from "../data/api-record.ts";
import { useUnfinished } from "../data/unfinished.ts";
import { focusTitle } from "../shell/page-title.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import type { RecordWish } from "./record-buttons.tsx";
import { RecordForm } from "./record-form.tsx";
import type { ResourcePage } from "./resource.ts";
import { TokenDialog } from "./token-dialog.tsx";

export interface RecordDialogsProps {
  readonly resource: ResourcePage;
  readonly wish: RecordWish | undefined;
  readonly onSaved: (record: ApiRecord) => void;
  readonly onEnded: (record: ApiRecord) => void;
  readonly onClose: () => void;
}

/** The dialog for what somebody wants. A token that was just made is shown by one that follows. */
export function RecordDialogs({ resource, wish, onSaved, onEnded, onClose }: RecordDialogsProps) {
  const [token, setToken] = useState("");
  useUnfinished(wish !== undefined || token !== "");
  if (token !== "") {
    return (
      <TokenDialog
        resource={resource}
        token={token}
        onClose={() => {
          setToken("");
          onClose();
          focusTitle();
        }}
      />
    );
  }
  if (wish === undefined) return null;
  if (wish.kind === "act") {
    const { action, record } = wish;
    return (
      <ConfirmDialog
        resource={resource}
        action={action}
        record={record}
        onDone={() => {
          tell(action.done);
          onClose();
          if (action.isEnd === true) onEnded(record);
        }}
        onClose={onClose}
      />
    );
  }
  return (
    <RecordForm
      resource={resource}
      record={wish.kind === "edit" ? wish.record : undefined}
      onSaved={(answer) => {
        const made = wish.kind === "create" && isRecord(answer) ? textAt(answer, "token") : "";
        tell(wish.kind === "create" ? "Created" : "Saved");
        if (isRecord(answer)) onSaved({ ...answer, ...(made === "" ? {} : { token: null }) });
        if (made === "") onClose();
        else setToken(made);
      }}
      onClose={onClose}
    />
  );
}
