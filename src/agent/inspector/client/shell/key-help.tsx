import { Dialog } from "../../../../web-ui/client/dialog.tsx";
import { KEY_MEANINGS } from "./keyboard.ts";

/** The keys, one a line. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {KEY_MEANINGS.map(({ keys, meaning }) => (
          <div key={meaning} class="key-line">
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
