import { agentStatus, feedState } from "../data/agent.ts";
import { useSubject } from "../data/subject.ts";
import { router } from "./inspector.ts";
import { formatRoute, type Route } from "./route.ts";

/** Name of the product, the two pages, and how the agent is. */
export function TopBar({ onHelp }: { readonly onHelp: () => void }) {
  const route = useSubject(router.route);
  return (
    <header class="top-bar">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <span class="brand">
        <Logo />
        ginnel
      </span>
      <nav class="pages" aria-label="Pages">
        <PageLink route={route} to={{ ...route, page: "traffic" }} text="Requests" />
        <PageLink route={route} to={{ ...route, page: "status" }} text="Status" />
      </nav>
      <AgentState />
      <button type="button" class="button button-quiet" aria-label="Keys" title="Keys (?)" onClick={onHelp}>
        ?
      </button>
    </header>
  );
}

function PageLink({ route, to, text }: { readonly route: Route; readonly to: Route; readonly text: string }) {
  return (
    <a
      class="page-link"
      href={formatRoute(to)}
      aria-current={route.page === to.page ? "page" : undefined}
      onClick={(event: MouseEvent) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        router.go({ page: to.page });
      }}
    >
      {text}
    </a>
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

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <path d="M7 27V14a9 9 0 0 1 18 0v13" />
      <path d="M16 27v-7" />
    </svg>
  );
}
