import { useMemo } from "hono/jsx/dom";
import { HexRows } from "../../body/hex-rows.ts";
import { LineBox } from "./line-box.tsx";

/** Any bytes, sixteen a line: place, hexadecimal, and what is a letter. */
export function HexView({ bytes, label }: { readonly bytes: Uint8Array; readonly label: string }) {
  const rows = useMemo(() => new HexRows(bytes), [bytes]);
  return (
    <LineBox
      label={`${label}, hexadecimal`}
      count={rows.count}
      line={(index) => {
        const { offset, hex, ascii } = rows.row(index);
        return (
          <>
            <span class="line-number">{offset}</span>
            <span class="hex">{hex.padEnd(HEX_COLUMNS)}</span>
            <span class="hex-text">{ascii}</span>
          </>
        );
      }}
    />
  );
}

/** Of a whole row. */
const HEX_COLUMNS = 48;
