import { useState } from "hono/jsx/dom";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { NAVIGATION, pageTitle } from "./navigation.ts";
import { RouteLink } from "./route-link.tsx";
import { router } from "./router.ts";

/** All pages. Where there is little room they hide behind a button. */
export function SideNav() {
  const { page: current } = useSubject(router.route);
  const [isOpen, setOpen] = useState(false);
  return (
    <nav class={isOpen ? "side-nav side-nav-open" : "side-nav"} aria-label="Pages">
      <button
        type="button"
        class="button menu-button"
        aria-expanded={isOpen ? "true" : "false"}
        aria-controls="pages"
        onClick={() => setOpen(!isOpen)}
      >
        <span aria-hidden="true">☰</span> {pageTitle(current)}
      </button>
      <div id="pages" class="side-pages">
        {NAVIGATION.map(({ title, pages }) => (
          <div key={title} class="side-group">
            <p class="side-title" aria-hidden="true">
              {title}
            </p>
            <ul aria-label={title}>
              {pages.map(({ page, title: name }) => (
                <li key={page}>
                  <RouteLink class="side-link" page={page} isCurrent={current === page} onGo={() => setOpen(false)}>
                    {name}
                  </RouteLink>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </nav>
  );
}
