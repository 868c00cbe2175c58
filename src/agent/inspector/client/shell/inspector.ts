/** What all parts of the page share: where they are, what the list shows, and whether somebody filters by header. */
import { agentReturns, traffic } from "../data/agent.ts";
import type { ExchangeSummary } from "../data/exchange.ts";
import { HeaderIndex } from "../data/header-index.ts";
import { Subject } from "../../../../web-ui/client/subject.ts";
import { Router } from "../../../../web-ui/client/router.ts";
import { formatRoute, parseRoute } from "./route.ts";

export const router = new Router({ parse: parseRoute, format: formatRoute });
export const headerIndex = new HeaderIndex(traffic, agentReturns);
/** What the list holds at present, for those who walk through it by keyboard. */
export const listed = new Subject<readonly ExchangeSummary[]>([]);

/** Shows this exchange beside the list. */
export function selectExchange(id: string): void {
  // Going back leads out of the detail, not through everything that was looked at.
  router.go({ page: "traffic", id }, router.route.value.id === undefined ? "push" : "replace");
}
