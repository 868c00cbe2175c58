import { router } from "../shell/inspector.ts";
import { ExchangeHead } from "./exchange-head.tsx";
import { ExchangeTabs } from "./exchange-tabs.tsx";
import { useExchange } from "./use-exchange.ts";

export interface ExchangePageProps {
  readonly id: string;
  readonly onReplayWithChanges: () => void;
}

/** One exchange, whole. */
export function ExchangePage({ id, onReplayWithChanges }: ExchangePageProps) {
  const { value: exchange, failure } = useExchange(id);
  // What was shown before stays until its successor is there, so that nothing jumps and the focus keeps its place.
  if (exchange === undefined || (failure !== "" && exchange.id !== id)) {
    return (
      <section class="detail" aria-label="Request">
        {failure === "" ? (
          <BackButton />
        ) : (
          <div class="empty">
            <h2 id="exchange-title" tabindex={-1}>
              This request cannot be shown
            </h2>
            <p>{failure}</p>
            <button type="button" class="button" onClick={() => router.go({ id: undefined })}>
              Show all requests
            </button>
          </div>
        )}
      </section>
    );
  }
  return (
    <section class="detail" aria-labelledby="exchange-title" aria-busy={exchange.id === id ? "false" : "true"}>
      <BackButton />
      {failure !== "" && <p class="fault fault-mild">{failure}</p>}
      <ExchangeHead exchange={exchange} onReplayWithChanges={onReplayWithChanges} />
      <ExchangeTabs exchange={exchange} />
    </section>
  );
}

function BackButton() {
  return (
    <button type="button" class="button button-back" onClick={() => router.go({ id: undefined })}>
      ← All requests
    </button>
  );
}
