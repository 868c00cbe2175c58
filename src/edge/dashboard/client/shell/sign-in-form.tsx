import { useState } from "hono/jsx/dom";
import type { Child } from "hono/jsx/dom";
import { textOf } from "../../../../web-ui/client/text-of.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { failureText } from "../data/call-failure.ts";
import { signIn } from "../data/session.ts";

export interface SignInFormProps {
  readonly class: string;
  /** The id of an element that tells where a key comes from. */
  readonly describedBy?: string;
  readonly onSignedIn?: () => void;
  /** Above the field. */
  readonly children?: Child;
  /** Below the button. */
  readonly foot?: Child;
}

const KEY_ID = "api-key";

/** Takes an API key, and says at the field why it lets nobody in. */
export function SignInForm({ class: className, describedBy, onSignedIn, children, foot }: SignInFormProps) {
  const [key, setKey] = useState("");
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  const refuse = (text: string): void => {
    setFault(text);
    setBusy(false);
    document.getElementById(KEY_ID)?.focus();
  };
  const send = (): void => {
    if (key.trim() === "") return refuse("Give an API key.");
    setBusy(true);
    setFault("");
    signIn(key.trim()).then(onSignedIn, (failure: unknown) => refuse(failureText(failure)));
  };
  const said = [fault === "" ? "" : "key-fault", describedBy ?? ""].filter((part) => part !== "");
  return (
    <form
      class={className}
      noValidate
      onSubmit={(event: Event) => {
        event.preventDefault();
        if (!isBusy) send();
      }}
    >
      {children}
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
          aria-describedby={said.length === 0 ? undefined : said.join(" ")}
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
      {foot}
    </form>
  );
}
