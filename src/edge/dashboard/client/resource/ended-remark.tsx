import { useSubject } from "../../../../web-ui/client/subject.ts";
import { askToSignIn, session } from "../data/session.ts";

/** In a form, so that nobody is torn away from writing: the session has ended, and nothing is lost by that. */
export function EndedRemark() {
  const now = useSubject(session);
  if (now.state !== "ended" || now.isAsked) return null;
  return (
    <div class="fault fault-mild form-line" role="status">
      <span>Your session has ended. What you filled in stays here.</span>
      <button type="button" class="button button-small" onClick={() => askToSignIn(true)}>
        Sign in
      </button>
    </div>
  );
}
