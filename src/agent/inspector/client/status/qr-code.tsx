import { useMemo } from "hono/jsx/dom";
import { encode } from "uqr";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";

/** A QR code of an address, dark on light in either colour scheme: scanners want it so. */
export function QrCode({ text }: { readonly text: string }) {
  const { size, path } = useMemo(() => qrPath(text), [text]);
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={`QR code of ${visibleText(text)}`}>
      <rect width={size} height={size} />
      <path d={path} />
    </svg>
  );
}

/** One path for all modules: a thousand rectangles would be a thousand elements. */
function qrPath(text: string): { readonly size: number; readonly path: string } {
  const { size, data } = encode(text, { border: 2 });
  const runs = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size, path: runs.join("") };
}
