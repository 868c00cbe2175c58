import { useEffect, useRef, useState } from "hono/jsx/dom";
import type { ExchangeDetail } from "../data/exchange.ts";
import { copy } from "../../../../web-ui/client/copy.ts";
import { copyAsCurl } from "./copy-as-curl.ts";

export interface MoreActionsProps {
  readonly exchange: ExchangeDetail;
  readonly onReplayWithChanges: () => void;
}

/** The menu beside the button that replays; the arrow keys walk through it. */
export function MoreActions({ exchange, onReplayWithChanges }: MoreActionsProps) {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isOpen) menu.current?.querySelector("button")?.focus();
  }, [isOpen]);
  const act = (action: () => void) => (): void => {
    setOpen(false);
    opener.current?.focus();
    action();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setOpen(false);
      opener.current?.focus();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const items = [...(menu.current?.querySelectorAll("button") ?? [])];
    const now = items.findIndex((item) => item === document.activeElement);
    items.at((now + (event.key === "ArrowDown" ? 1 : -1)) % items.length)?.focus();
  };
  const onFocusOut = ({ currentTarget, relatedTarget }: FocusEvent): void => {
    const isInside =
      currentTarget instanceof Node && relatedTarget instanceof Node && currentTarget.contains(relatedTarget);
    if (!isInside) setOpen(false);
  };
  return (
    <div class="menu-place" onKeyDown={onKey} onFocusOut={onFocusOut}>
      <button
        ref={opener}
        type="button"
        class="button"
        aria-label="More actions"
        aria-haspopup="menu"
        aria-expanded={isOpen ? "true" : "false"}
        onClick={() => setOpen(!isOpen)}
      >
        ▾
      </button>
      {isOpen && (
        <div ref={menu} class="menu" role="menu" aria-label="More actions">
          <button type="button" role="menuitem" class="menu-item" onClick={act(onReplayWithChanges)}>
            Replay with changes … <kbd>e</kbd>
          </button>
          <button type="button" role="menuitem" class="menu-item" onClick={act(() => copyAsCurl(exchange))}>
            Copy as curl
          </button>
          <button
            type="button"
            role="menuitem"
            class="menu-item"
            onClick={act(() => copy(`${location.origin}${location.pathname}`, "Link"))}
          >
            Copy link to this request
          </button>
        </div>
      )}
    </div>
  );
}
