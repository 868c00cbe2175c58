import type { ExchangeSummary, Outcome } from "../data/exchange.ts";

/** How an exchange went; each has a colour and a shape of its own, so that nobody needs to see colours. */
export type StatusClass = "open" | "informational" | "success" | "redirect" | "refused" | "failed";

export function statusClass({ outcome, response }: Pick<ExchangeSummary, "outcome" | "response">): StatusClass {
  if (outcome !== "open" && outcome !== "complete" && response?.status_code !== 101) return "failed";
  if (response === null) return "open";
  const { status_code: code } = response;
  if (code >= 500) return "failed";
  if (code >= 400) return "refused";
  if (code >= 300) return "redirect";
  return code >= 200 ? "success" : "informational";
}

const SHAPES: Readonly<Record<StatusClass, string>> = {
  open: "M5 1.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7z",
  informational: "M0.5 3h9M7 0.8l2.5 2.2M9.5 7h-9M3 9.2L0.5 7",
  success: "M5 1a4 4 0 1 0 0 8a4 4 0 1 0 0-8z",
  redirect: "M5 0.5L9.5 5L5 9.5L0.5 5z",
  refused: "M5 0.8L9.6 9H0.4z",
  failed: "M1.2 1.2h7.6v7.6H1.2z",
};

/** The shape alone; the words beside it say the same. */
export function StatusMark({ of }: { readonly of: StatusClass }) {
  return (
    <svg class={`mark mark-${of}`} viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
      <path d={SHAPES[of]} />
    </svg>
  );
}

/** "404", or what there is in place of a status. */
export function statusText({ outcome, response }: Pick<ExchangeSummary, "outcome" | "response">): string {
  if (response !== null) return String(response.status_code);
  return outcome === "open" ? "…" : "none";
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  open: "in progress",
  complete: "complete",
  visitorCut: "cut off by the visitor",
  upstreamCut: "cut off by the upstream",
  unreachable: "upstream not reachable",
  unreadable: "not readable as HTTP",
};

export function outcomeText(outcome: Outcome): string {
  return OUTCOMES[outcome];
}
