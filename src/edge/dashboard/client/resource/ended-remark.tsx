import { useSubject } from "../../../../web-ui/client/subject.ts";
import { askToSignIn, session } from "../data/session.ts";

export interface EndedRemarkProps {
  /** What is not lost, as a sentence begins: `What you filled in`. */
  readonly stays: string;
}

/** In a dialog, so that nobody is torn away from writing: the session has ended, and nothing is lost by that. */
export function EndedRemark({ stays }: EndedRemarkProps) {
  const now = useSubject(session);
  if (now.state !== "ended" || now.isAsked) return null;
  return (
    <div class="fault fault-mild form-line" role="status">
      <span>Your session has ended. {stays} stays here.</span>
      <button type="button" class="button button-small" onClick={() => askToSignIn(true)}>
        Sign in
      </button>
    </div>
  );
}
