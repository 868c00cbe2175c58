import { useEffect, useRef } from "hono/jsx/dom";
import { Notices } from "../../../../web-ui/client/notices.tsx";
import { SkipLink } from "../../../../web-ui/client/skip-link.tsx";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { session } from "../data/session.ts";
import { Content } from "./content.tsx";
import { focusTitle } from "./page-title.tsx";
import { router } from "./router.ts";
import { SideNav } from "./side-nav.tsx";
import { SignInDialog } from "./sign-in-dialog.tsx";
import { SignInPage } from "./sign-in-page.tsx";
import { TopBar } from "./top-bar.tsx";

/** The whole page. */
export function App() {
  const now = useSubject(session);
  const route = useSubject(router.route);
  const shown = useRef(route);
  useEffect(() => {
    if (shown.current !== route) focusTitle();
    shown.current = route;
  }, [route]);
  if (now.state === "unknown") return <TopBar account={undefined} />;
  if (now.state === "out") {
    return (
      <>
        <TopBar account={undefined} />
        <SignInPage remark={now.remark} />
        <Notices />
      </>
    );
  }
  return (
    <>
      <SkipLink />
      <TopBar account={now.account} />
      <div class="body">
        <SideNav />
        <main id="content" class="content" tabindex={-1}>
          <Content key={`${now.account.id}/${route.page ?? ""}/${route.id ?? ""}`} page={route.page} id={route.id} />
        </main>
      </div>
      {now.state === "ended" && now.isAsked && <SignInDialog account={now.account} />}
      <Notices />
    </>
  );
}
