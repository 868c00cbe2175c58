import { Brand } from "../../../../web-ui/client/brand.tsx";
import { PageLink } from "../../../../web-ui/client/page-link.tsx";
import { SkipLink } from "../../../../web-ui/client/skip-link.tsx";
import { agentStatus, feedState } from "../data/agent.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { router } from "./inspector.ts";
import { formatRoute } from "./route.ts";

const PAGES = [
  { page: "traffic", text: "Requests" },
  { page: "status", text: "Status" },
] as const;

/** Name of the product, the two pages, and how the agent is. */
export function TopBar({ onHelp }: { readonly onHelp: () => void }) {
  const route = useSubject(router.route);
  return (
    <header class="top-bar">
      <SkipLink />
      <Brand />
      <nav class="pages" aria-label="Pages">
        {PAGES.map(({ page, text }) => (
          <PageLink
            key={page}
            class="page-link"
            href={formatRoute({ ...route, page })}
            isCurrent={route.page === page}
            onGo={() => router.go({ page })}
          >
            {text}
          </PageLink>
        ))}
      </nav>
      <AgentState />
      <button type="button" class="button button-quiet" aria-label="Keys" title="Keys (?)" onClick={onHelp}>
        ?
      </button>
    </header>
  );
}

function AgentState() {
  const feed = useSubject(feedState);
  const status = useSubject(agentStatus);
  const isOnline = feed === "live" && status?.status === "online";
  const text = feed === "live" ? (status?.status ?? "…") : feed === "lost" ? "agent not reachable" : "connecting";
  return (
    <span class={isOnline ? "agent-state agent-online" : "agent-state"} role="status">
      <span class="agent-dot" aria-hidden="true" />
      {text}
    </span>
  );
}
