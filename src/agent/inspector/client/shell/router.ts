import { Subject } from "../data/subject.ts";
import { formatRoute, parseRoute, type Route } from "./route.ts";

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
