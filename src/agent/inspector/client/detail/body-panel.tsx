import { useMemo } from "hono/jsx/dom";
import { sizeText } from "../../../../web-ui/text/amount-text.ts";
import { capturedBytes } from "../data/captured-bytes.ts";
import type { ExchangeDetail, Side } from "../data/exchange.ts";
import { BothSides } from "./both-sides.tsx";
import { BytesView } from "./bytes-view.tsx";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { useBody } from "./use-exchange.ts";

/** Both bodies, without their codings. */
export function BodyPanel({ exchange }: { readonly exchange: ExchangeDetail }) {
  return <BothSides exchange={exchange} show={(side) => <Body exchange={exchange} side={side} />} />;
}

/** The body of one side. */
export function Body({ exchange, side }: { readonly exchange: ExchangeDetail; readonly side: Side }) {
  const { value: body, failure } = useBody(exchange, side);
  const bytes = useMemo(() => capturedBytes(body?.data ?? ""), [body?.data]);
  if (failure !== "") return <p class="fault">{failure}</p>;
  if (body === undefined) return <p class="quiet">…</p>;
  const encodings = body.content_encoding;
  return (
    <div class="body">
      {body.error !== null && (
        <p class="fault">
          Cannot be decoded: <Shown text={body.error} />
        </p>
      )}
      {body.truncated && <p class="fault fault-mild">Only a first part of this body was kept.</p>}
      <BytesView
        bytes={bytes}
        contentType={body.content_type === "" ? undefined : body.content_type}
        label={side === "request" ? "Request body" : "Response body"}
        facts={
          <>
            {sizeText(body.bytes)} {body.content_type === "" ? "" : <Shown text={body.content_type} />}
            {encodings.length > 0 && body.error === null && (
              <>
                , decoded from <Shown text={encodings.join(", ")} />
              </>
            )}
          </>
        }
      />
    </div>
  );
}
