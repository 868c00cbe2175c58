import { Subject } from "../data/subject.ts";

/** Which page the address names (reference.md 5.1). Filter and tab are in it, so that a link shows what one sees. */
export interface Route {
  readonly page: "traffic" | "status";
  /** The exchange that is shown. */
  readonly id: string | undefined;
  readonly filter: string;
  readonly tab: string | undefined;
}

export const LIST_PATH = "/inspect/http";

export function parseRoute({ pathname, search }: { readonly pathname: string; readonly search: string }): Route {
  const query = new URLSearchParams(search);
  const [, id] = /^\/inspect\/http\/([^/]+)$/.exec(pathname) ?? [];
  return {
    page: pathname === "/status" ? "status" : "traffic",
    id: id === undefined ? undefined : decodedPart(id),
    filter: query.get("q") ?? "",
    tab: query.get("tab") ?? undefined,
  };
}

export function formatRoute({ page, id, filter, tab }: Route): string {
  if (page === "status") return "/status";
  const query = new URLSearchParams();
  if (filter !== "") query.set("q", filter);
  if (id !== undefined && tab !== undefined) query.set("tab", tab);
  const path = id === undefined ? LIST_PATH : `${LIST_PATH}/${encodeURIComponent(id)}`;
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export type Navigation = "push" | "replace";

/** The route of this page, and how to change it: `push` where going back should lead here again. */
export class Router {
  readonly route: Subject<Route>;

  constructor() {
    this.route = new Subject(parseRoute(location));
    addEventListener("popstate", () => this.route.set(parseRoute(location)));
  }

  go(change: Partial<Route>, navigation: Navigation = "push"): void {
    const next = { ...this.route.value, ...change };
    const address = formatRoute(next);
    if (address !== location.pathname + location.search) {
      if (navigation === "push") window.history.pushState(null, "", address);
      else window.history.replaceState(null, "", address);
    }
    this.route.set(next);
  }
}
