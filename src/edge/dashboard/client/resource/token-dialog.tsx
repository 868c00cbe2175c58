import { copy } from "../../../../web-ui/client/copy.ts";
import { CommandLine } from "../../../../web-ui/client/command-line.tsx";
import { Dialog } from "../../../../web-ui/client/dialog.tsx";
import { Labelled } from "../../../../web-ui/client/labelled.tsx";
import type { ResourcePage } from "./resource.ts";

export interface TokenDialogProps {
  readonly resource: ResourcePage;
  readonly token: string;
  readonly onClose: () => void;
}

/** A token, this once: the edge keeps no more of it than it needs to know it again. */
export function TokenDialog({ resource: { noun, tokenUse }, token, onClose }: TokenDialogProps) {
  return (
    <Dialog title={`Your new ${noun}`} onClose={onClose} isWide isKept>
      <p class="fault fault-mild">Copy it now: it is shown this once and kept nowhere.</p>
      <div class="form-line">
        <Labelled label="Token">
          <input
            id="token"
            class="input mono"
            readonly
            value={token}
            onFocus={({ target }: FocusEvent) => target instanceof HTMLInputElement && target.select()}
          />
        </Labelled>
        <button type="button" class="button button-main" onClick={() => copy(token, "Token")}>
          Copy
        </button>
      </div>
      {tokenUse !== undefined && (
        <>
          <p class="quiet">{tokenUse.text}</p>
          <CommandLine command={tokenUse.command(token)} />
        </>
      )}
      <div class="form-line form-foot">
        <button type="button" class="button" onClick={onClose}>
          Done
        </button>
      </div>
    </Dialog>
  );
}
