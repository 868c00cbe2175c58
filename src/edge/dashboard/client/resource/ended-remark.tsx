import { useSubject } from "../../../../web-ui/client/subject.ts";
import { askToSignIn, session } from "../data/session.ts";

/** In a form, so that nobody is torn away from writing: the session has ended, and nothing is lost by that. */
export function EndedRemark() {
  const { state } = useSubject(session);
  if (state !== "ended") return null;
  return (
    <div class="fault fault-mild form-line" role="status">
      <span class="ended-text">Your session has ended. What you filled in stays here.</span>
      <button type="button" class="button button-small" onClick={() => askToSignIn(true)}>
        Sign in
      </button>
    </div>
  );
}
