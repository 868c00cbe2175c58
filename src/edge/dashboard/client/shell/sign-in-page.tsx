import { useState } from "hono/jsx/dom";
import { CommandLine } from "../../../../web-ui/client/command-line.tsx";
import { textOf } from "../../../../web-ui/client/text-of.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { failureText } from "../data/call-failure.ts";
import { signIn } from "../data/session.ts";
import { focusTitle, useWindowTitle } from "./page-title.tsx";

const KEY_ID = "api-key";

/** For who is not signed in. The address stays, so that signing in leads to the page that was wanted. */
export function SignInPage({ remark }: { readonly remark: string }) {
  const [key, setKey] = useState("");
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  useWindowTitle("Sign in");
  const refuse = (text: string): void => {
    setFault(text);
    setBusy(false);
    document.getElementById(KEY_ID)?.focus();
  };
  const send = (): void => {
    if (key.trim() === "") return refuse("Give an API key.");
    setBusy(true);
    setFault("");
    signIn(key.trim()).then(
      () => focusTitle(),
      (failure: unknown) => refuse(failureText(failure)),
    );
  };
  return (
    <main id="content" class="sign-in">
      <form
        class="card form"
        noValidate
        onSubmit={(event: Event) => {
          event.preventDefault();
          if (!isBusy) send();
        }}
      >
        <h1>Sign in</h1>
        {remark !== "" && (
          <p class="fault fault-mild" role="status">
            {visibleText(remark)}
          </p>
        )}
        <div class="form-field">
          <label class="form-label" for={KEY_ID}>
            API key
          </label>
          <input
            id={KEY_ID}
            class="input mono"
            type="password"
            autocomplete="off"
            spellcheck={false}
            autofocus
            value={key}
            aria-describedby={fault === "" ? "key-origin" : "key-fault key-origin"}
            aria-invalid={fault === "" ? undefined : "true"}
            onInput={(event: Event) => setKey(textOf(event))}
          />
          {fault !== "" && (
            <p id="key-fault" class="form-fault" role="alert">
              {visibleText(fault)}
            </p>
          )}
        </div>
        <button type="submit" class="button button-main" disabled={isBusy}>
          {isBusy ? "Signing in …" : "Sign in"}
        </button>
        <div id="key-origin" class="key-origin">
          <p class="quiet">
            The first start of the edge showed a key. Whoever has one can make more here; the operator makes one on the
            edge's machine:
          </p>
          <CommandLine command="ginnel edge admin api-key create --account=ACCOUNT" />
        </div>
      </form>
    </main>
  );
}
