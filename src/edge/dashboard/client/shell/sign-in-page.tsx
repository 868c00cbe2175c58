import { CommandLine } from "../../../../web-ui/client/command-line.tsx";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { focusTitle, useWindowTitle } from "./page-title.tsx";
import { SignInForm } from "./sign-in-form.tsx";

/** For who is not signed in. The address stays, so that signing in leads to the page that was wanted. */
export function SignInPage({ remark }: { readonly remark: string }) {
  useWindowTitle("Sign in");
  return (
    <main id="content" class="sign-in">
      <SignInForm
        class="card form"
        describedBy="key-origin"
        onSignedIn={() => focusTitle()}
        foot={
          <div id="key-origin" class="key-origin">
            <p class="quiet">
              The first start of the edge showed a key. Whoever has one can make more here; the operator makes one on
              the edge's machine:
            </p>
            <CommandLine command="ginnel edge admin api-key create --account=ACCOUNT" />
          </div>
        }
      >
        <h1>Sign in</h1>
        {remark !== "" && (
          <p class="fault fault-mild" role="status">
            {visibleText(remark)}
          </p>
        )}
      </SignInForm>
    </main>
  );
}
