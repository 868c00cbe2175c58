import type { ExchangeDetail, ExchangeSummary } from "../data/exchange.ts";

export interface ComparePanelProps {
  readonly exchange: ExchangeDetail;
  readonly replays: readonly ExchangeSummary[];
}

export function ComparePanel({ exchange, replays }: ComparePanelProps) {
  return (
    <p>
      {exchange.id} {replays.length}
    </p>
  );
}
