import type { Child } from "hono/jsx/dom";
import { PageLink } from "../../../../web-ui/client/page-link.tsx";
import type { PageName } from "./page-name.ts";
import { formatRoute } from "./route.ts";
import { router } from "./router.ts";

export interface RouteLinkProps {
  readonly page: PageName;
  readonly id?: string | undefined;
  readonly class?: string;
  readonly isCurrent?: boolean;
  readonly onGo?: () => void;
  readonly children?: Child;
}

/** A link to a page of the dashboard. */
export function RouteLink({ page, id, onGo, ...rest }: RouteLinkProps) {
  return (
    <PageLink
      href={formatRoute({ page, id })}
      onGo={() => {
        router.go({ page, id });
        onGo?.();
      }}
      {...rest}
    />
  );
}
