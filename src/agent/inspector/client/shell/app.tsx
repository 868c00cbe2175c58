import { useEffect, useState } from "hono/jsx/dom";
import { Notices } from "../../../../web-ui/client/notices.tsx";
import { traffic } from "../data/agent.ts";
import { countText } from "../../../../web-ui/text/count-text.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { ExchangePage } from "../detail/exchange-page.tsx";
import { ListPane } from "../list/list-pane.tsx";
import { ReplayDialog } from "../replay/replay-dialog.tsx";
import { replayOnce } from "../replay/replay-once.ts";
import { StatusPage } from "../status/status-page.tsx";
import { EmptyPage } from "./empty-page.tsx";
import { router } from "./inspector.ts";
import { KeyHelp } from "./key-help.tsx";
import { listenToKeys } from "./keyboard.ts";
import { LostAgent } from "./lost-agent.tsx";
import { announcement } from "../../../../web-ui/client/notice.ts";
import { TopBar } from "./top-bar.tsx";

type OpenDialog = "help" | { readonly replay: string } | undefined;

/** The whole page. */
export function App() {
  const { page, id } = useSubject(router.route);
  const [dialog, setDialog] = useState<OpenDialog>(undefined);
  useEffect(
    () =>
      listenToKeys({
        replay: () => onShown((shown) => void replayOnce(shown)),
        replayWithChanges: () => onShown((shown) => setDialog({ replay: shown })),
        help: () => setDialog("help"),
      }),
    [],
  );
  const close = (): void => setDialog(undefined);
  return (
    <>
      <TopBar onHelp={() => setDialog("help")} />
      <LostAgent />
      <main id="content" class={page === "status" ? "main-status" : id === undefined ? "main" : "main main-detail"}>
        {page === "status" ? (
          <StatusPage />
        ) : (
          <>
            <ListPane />
            <Beside id={id} onReplayWithChanges={(shown) => setDialog({ replay: shown })} />
          </>
        )}
      </main>
      <Arrivals />
      <Notices />
      {dialog === "help" && <KeyHelp onClose={close} />}
      {typeof dialog === "object" && <ReplayDialog id={dialog.replay} onClose={close} />}
    </>
  );
}

function onShown(act: (id: string) => void): void {
  const { page, id } = router.route.value;
  if (page === "traffic" && id !== undefined) act(id);
}

interface BesideProps {
  readonly id: string | undefined;
  readonly onReplayWithChanges: (id: string) => void;
}

/** What stands beside the list. */
function Beside({ id, onReplayWithChanges }: BesideProps) {
  const { exchanges, isLoaded } = useSubject(traffic.shown);
  if (id !== undefined) return <ExchangePage id={id} onReplayWithChanges={() => onReplayWithChanges(id)} />;
  return <EmptyPage isLoaded={isLoaded} isEmpty={exchanges.length === 0} />;
}

/** Screen readers hear of new requests, at most every few seconds. */
function Arrivals() {
  const text = useSubject(announcement);
  useEffect(() => {
    const heard: { newest?: string } = {};
    const begin = (): void => {
      const { exchanges, isLoaded } = traffic.shown.value;
      if (isLoaded) heard.newest ??= exchanges[0]?.id ?? "";
    };
    begin();
    const stop = traffic.shown.listen(begin);
    const timer = setInterval(() => {
      const { exchanges } = traffic.shown.value;
      const { newest } = heard;
      const count = newest === undefined ? 0 : exchanges.filter(({ id }) => id > newest).length;
      if (newest !== undefined) heard.newest = exchanges[0]?.id ?? newest;
      if (count > 0) announcement.set(`${countText(count, "new request")}, ${exchanges.length} in all`);
    }, ANNOUNCE_EVERY_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, []);
  return (
    <p class="unseen" role="status" aria-live="polite">
      {text}
    </p>
  );
}

const ANNOUNCE_EVERY_MS = 3_000;
