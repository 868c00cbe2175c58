import { useRef } from "hono/jsx/dom";
import type { Child } from "hono/jsx/dom";
import { Notices } from "./notices.tsx";
import { useOneEffect } from "./one-effect.ts";

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly isWide?: boolean;
  /** A click beside it does not close it: what is inside would be lost. */
  readonly isKept?: boolean;
  /** The keyboard begins in the field that is marked for it (`autofocus`), in place of the title. */
  readonly hasFirstField?: boolean;
  readonly children?: Child;
}

/**
 * A modal dialog of the browser: it keeps the focus inside, closes with Esc, and gives the focus back. What is told meanwhile is told
 * in it, since everything else is out of reach.
 */
export function Dialog({
  title,
  onClose,
  isWide = false,
  isKept = false,
  hasFirstField = false,
  children,
}: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useOneEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // As long as the dialog is there, nothing else takes the focus.
      setTimeout(() => opener instanceof HTMLElement && opener.isConnected && opener.focus(), 0);
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={isWide ? "dialog dialog-wide" : "dialog"}
      aria-label={title}
      onClose={onClose}
      onClick={(event: MouseEvent) => !isKept && event.target === dialog.current && dialog.current?.close()}
    >
      <div class="dialog-inside">
        <header class="dialog-head">
          <h2 tabindex={-1} autofocus={!hasFirstField}>
            {title}
          </h2>
          <button type="button" class="button button-quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
            ×
          </button>
        </header>
        {children}
      </div>
      <Notices />
    </dialog>
  );
}
