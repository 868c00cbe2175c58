import { Brand } from "../../../../web-ui/client/brand.tsx";
import { tellFailure } from "../../../../web-ui/client/notice.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { failureText } from "../data/call-failure.ts";
import { type SessionAccount, signOut } from "../data/session.ts";

/** Name of the product, who is signed in, and the way out. */
export function TopBar({ account }: { readonly account: SessionAccount | undefined }) {
  return (
    <header class="top-bar">
      <Brand />
      <span class="bar-space" />
      {account !== undefined && (
        <>
          <span class="bar-account">
            <span class="unseen">Account </span>
            {visibleText(account.name)}
          </span>
          <button
            type="button"
            class="button"
            onClick={() => {
              signOut().catch((failure: unknown) => tellFailure(`You are still signed in. ${failureText(failure)}`));
            }}
          >
            Sign out
          </button>
        </>
      )}
    </header>
  );
}
