import { useEffect, useState } from "hono/jsx/dom";
import { getBody, getExchange } from "../data/agent-api.ts";
import { Dialog } from "../../../../web-ui/client/dialog.tsx";
import { tell } from "../../../../web-ui/client/notice.ts";
import { type Draft, type Original, orderOf, originalOf } from "./replay-draft.ts";
import { ReplayForm } from "./replay-form.tsx";
import { replayAndShow } from "./replay-once.ts";

export interface ReplayDialogProps {
  readonly id: string;
  readonly onClose: () => void;
}

/** Replay with changes: method, path, headers, body, another tunnel, several times (reference.md 5.4). */
export function ReplayDialog({ id, onClose }: ReplayDialogProps) {
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
    <Dialog title="Replay with changes" onClose={onClose} isWide isKept>
      {failure !== "" && (
        <p class="fault" role="alert">
          {failure}
        </p>
      )}
      {draft !== undefined && original !== undefined && (
        <ReplayForm original={original} draft={draft} isBusy={isBusy} onChange={change} onSend={send} />
      )}
    </Dialog>
  );
}
