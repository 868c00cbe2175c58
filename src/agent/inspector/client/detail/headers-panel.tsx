import { type ExchangeDetail, fieldsOf, type Side } from "../data/exchange.ts";
import { BothSides } from "./both-sides.tsx";
import { FieldTable } from "./field-table.tsx";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { useHead } from "./use-head.ts";

/** Start line and header fields as they were sent, and the trailers behind the body. */
export function HeadersPanel({ exchange }: { readonly exchange: ExchangeDetail }) {
  return <BothSides exchange={exchange} show={(side) => <Headers exchange={exchange} side={side} />} />;
}

function Headers({ exchange, side }: { readonly exchange: ExchangeDetail; readonly side: Side }) {
  const message = exchange[side];
  const { startLine, fields } = useHead(message?.raw ?? "");
  const trailers = fieldsOf(message?.trailers ?? {});
  return (
    <>
      <p class="start-line">
        <Shown text={startLine} />
      </p>
      <FieldTable title="Headers" fields={fields.map(([name, value]) => ({ name, value }))} whenEmpty="No header." />
      <FieldTable title="Trailers" fields={trailers.map(([name, value]) => ({ name, value }))} />
    </>
  );
}
