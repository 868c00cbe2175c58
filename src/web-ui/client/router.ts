import { Subject } from "./subject.ts";

export type Navigation = "push" | "replace";

/** How the addresses of some pages are read and written. */
export interface Addresses<Route> {
  parse(location: { readonly pathname: string; readonly search: string }): Route;
  format(route: Route): string;
}

/** The route of this page, and how to change it: `push` where going back should lead here again. */
export class Router<Route extends object> {
  readonly route: Subject<Route>;
  readonly #addresses: Addresses<Route>;

  constructor(addresses: Addresses<Route>) {
    this.#addresses = addresses;
    this.route = new Subject(addresses.parse(location));
    addEventListener("popstate", () => {
      const next = addresses.parse(location);
      // Also told of steps within a page, such as past the navigation.
      if (addresses.format(next) !== addresses.format(this.route.value)) this.route.set(next);
    });
  }

  go(change: Partial<Route>, navigation: Navigation = "push"): void {
    const next = { ...this.route.value, ...change };
    const address = this.#addresses.format(next);
    if (address !== location.pathname + location.search) {
      if (navigation === "push") window.history.pushState(null, "", address);
      else window.history.replaceState(null, "", address);
    }
    this.route.set(next);
  }
}
