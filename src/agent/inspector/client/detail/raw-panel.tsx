import { useMemo, useState } from "hono/jsx/dom";
import { sizeText } from "../../../../web-ui/text/amount-text.ts";
import { decodeText } from "../../body/charset.ts";
import { rawAddress } from "../data/agent-api.ts";
import { capturedBytes } from "../data/captured-bytes.ts";
import type { ExchangeDetail, Side } from "../data/exchange.ts";
import { BothSides } from "./both-sides.tsx";
import { Choice } from "./choice.tsx";
import { HexView } from "./hex-view.tsx";
import { TextView } from "./text-view.tsx";

/** The bytes as they stood on the wire, as text or in hexadecimal, and to download. */
export function RawPanel({ exchange }: { readonly exchange: ExchangeDetail }) {
  const [isHex, setHex] = useState(false);
  return (
    <>
      <div class="switch" role="group" aria-label="Show as">
        <Choice text="Text" isOn={!isHex} onChoose={() => setHex(false)} />
        <Choice text="Hex" isOn={isHex} onChoose={() => setHex(true)} />
      </div>
      <BothSides exchange={exchange} show={(side) => <Raw exchange={exchange} side={side} isHex={isHex} />} />
    </>
  );
}

interface RawProps {
  readonly exchange: ExchangeDetail;
  readonly side: Side;
  readonly isHex: boolean;
}

function Raw({ exchange, side, isHex }: RawProps) {
  const message = exchange[side];
  const raw = useMemo(() => capturedBytes(message?.raw ?? ""), [message?.raw]);
  const { text } = useMemo(() => decodeText(raw, undefined), [raw]);
  return (
    <>
      <p class="body-line">
        <span>
          {sizeText(message?.bytes ?? 0)}
          {message?.truncated === true && ` (the first ${sizeText(raw.length)} are kept)`}
        </span>
        <a class="button button-small" href={rawAddress(exchange.id, side)} download={`${exchange.id}-${side}.http`}>
          Download
        </a>
      </p>
      {isHex ? <HexView bytes={raw} label={`Raw ${side}`} /> : <TextView text={text} label={`Raw ${side}`} />}
    </>
  );
}
