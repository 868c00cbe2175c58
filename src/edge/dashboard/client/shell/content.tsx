import { AccountPage } from "../account/account-page.tsx";
import { AuditPage } from "../audit/audit-page.tsx";
import { OverviewPage } from "../overview/overview-page.tsx";
import { RecordPage } from "../resource/record-page.tsx";
import { ResourcePage } from "../resource/resource-page.tsx";
import { RESOURCE_PAGES } from "../resources/all-resources.ts";
import { IpPolicyPage } from "../resources/ip-policy-page.tsx";
import { pageTitle } from "./navigation.ts";
import { useWindowTitle } from "./page-title.tsx";
import type { Route } from "./route.ts";
import { RouteLink } from "./route-link.tsx";

/** What the address names. */
export function Content({ page, id }: Route) {
  useWindowTitle(pageTitle(page));
  const resource = RESOURCE_PAGES.find((one) => one.page === page);
  if (resource !== undefined && id !== undefined) {
    return page === "ip-policies" ? <IpPolicyPage id={id} /> : <RecordPage resource={resource} id={id} />;
  }
  if (resource !== undefined) return <ResourcePage key={page} resource={resource} />;
  if (id === undefined && page === "overview") return <OverviewPage />;
  if (id === undefined && page === "audit-log") return <AuditPage />;
  if (id === undefined && page === "account") return <AccountPage />;
  return (
    <header class="page-head">
      <h1 id="page-title" tabindex={-1}>
        There is no such page
      </h1>
      <p class="about">
        The address leads nowhere. <RouteLink page="overview">To the overview</RouteLink>
      </p>
    </header>
  );
}
