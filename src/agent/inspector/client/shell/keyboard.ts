/** Keys that work anywhere on the page. Who types into a field, or has a dialog open, keeps the keys. */
import { FILTER_INPUT_ID } from "../list/filter-bar.tsx";
import { listed, router, selectExchange } from "./inspector.ts";

export interface KeyActions {
  /** Of the exchange that is shown. */
  replay(): void;
  replayWithChanges(): void;
  help(): void;
}

export interface KeyMeaning {
  readonly keys: readonly string[];
  readonly meaning: string;
}

export const KEY_MEANINGS: readonly KeyMeaning[] = [
  { keys: ["↓", "j"], meaning: "next request" },
  { keys: ["↑", "k"], meaning: "previous request" },
  { keys: ["Home", "End"], meaning: "first, last request" },
  { keys: ["Enter"], meaning: "into the request that is selected" },
  { keys: ["Esc"], meaning: "back to the list; closes what is open" },
  { keys: ["r"], meaning: "replay the request that is shown" },
  { keys: ["e"], meaning: "replay it with changes" },
  { keys: ["←", "→"], meaning: "along the tabs" },
  { keys: ["Ctrl", "Enter"], meaning: "send a replay with changes" },
  { keys: ["/"], meaning: "filter" },
  { keys: ["?"], meaning: "this help" },
];

/** Answers how to stop listening. */
export function listenToKeys(actions: KeyActions): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") !== null || isTypedInto(event.target)) return;
    if (press(event, actions)) event.preventDefault();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

/** True when the key meant something. */
function press({ key, target }: KeyboardEvent, actions: KeyActions): boolean {
  switch (key) {
    case "j":
      return step(1);
    case "k":
      return step(-1);
    case "ArrowDown":
      return isOverList(target) && step(1);
    case "ArrowUp":
      return isOverList(target) && step(-1);
    case "Home":
      return isOverList(target) && step(-Infinity);
    case "End":
      return isOverList(target) && step(Infinity);
    case "PageDown":
      return isOverList(target) && step(10);
    case "PageUp":
      return isOverList(target) && step(-10);
    case "Enter":
      return isOverList(target) && focus("exchange-title");
    case "Escape":
      return back();
    case "/":
      return focus(FILTER_INPUT_ID);
    case "r":
      actions.replay();
      return true;
    case "e":
      actions.replayWithChanges();
      return true;
    case "?":
      actions.help();
      return true;
    default:
      return false;
  }
}

/** Also when nothing has the focus: then the list is what is meant. */
function isOverList(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.closest("#requests") !== null);
}

function step(by: number): boolean {
  const { id, page } = router.route.value;
  if (page !== "traffic" || listed.value.length === 0) return false;
  const now = listed.value.findIndex((exchange) => exchange.id === id);
  const next = now < 0 ? 0 : Math.min(listed.value.length - 1, Math.max(0, now + by));
  const chosen = listed.value[next];
  if (chosen !== undefined) selectExchange(chosen.id);
  return true;
}

function back(): boolean {
  const { id, page } = router.route.value;
  if (page === "status" || (id !== undefined && isListFocused())) router.go({ page: "traffic", id: undefined });
  return focus("requests");
}

function isListFocused(): boolean {
  return document.activeElement?.id === "requests" || document.activeElement === document.body;
}

function focus(elementId: string): boolean {
  const element = document.getElementById(elementId);
  element?.focus();
  return element !== null;
}

function isTypedInto(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}
