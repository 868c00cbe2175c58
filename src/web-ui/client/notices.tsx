import { notice } from "./notice.ts";
import { useSubject } from "./subject.ts";

/** Where the lines of notice.ts stand. */
export function Notices() {
  const shown = useSubject(notice);
  return (
    <div class="notices" role="status" aria-live="polite">
      {shown !== undefined && <p class={shown.isFailure ? "notice notice-failure" : "notice"}>{shown.text}</p>}
    </div>
  );
}
