import { Subject } from "./subject.ts";

/** A line at the foot of the page that goes away by itself. */
export interface Notice {
  readonly text: string;
  readonly isFailure: boolean;
}

export const notice = new Subject<Notice | undefined>(undefined);
/** For screen readers alone. */
export const announcement = new Subject("");

const NOTICE_MS = 5_000;

export function tell(text: string): void {
  show({ text, isFailure: false });
}

export function tellFailure(failure: unknown): void {
  show({ text: failure instanceof Error ? failure.message : String(failure), isFailure: true });
}

function show(next: Notice): void {
  notice.set(next);
  setTimeout(() => {
    if (notice.value === next) notice.set(undefined);
  }, NOTICE_MS);
}
