import { Dialog } from "../../../../web-ui/client/dialog.tsx";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { askToSignIn, type SessionAccount } from "../data/session.ts";
import { SignInForm } from "./sign-in-form.tsx";

/** For who has something unfinished on the page when the session ends: the page stays, and goes on when somebody is signed in again. */
export function SignInDialog({ account }: { readonly account: SessionAccount }) {
  return (
    <Dialog title="Sign in again" onClose={() => askToSignIn(false)} isKept hasFirstField>
      <SignInForm class="form">
        <p class="fault fault-mild">
          Your session has ended. Nothing on the page is lost: you go on where you were once you are signed in with a
          key of the account <strong>{visibleText(account.name)}</strong>.
        </p>
      </SignInForm>
    </Dialog>
  );
}
