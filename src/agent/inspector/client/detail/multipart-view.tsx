import { type Child, useMemo, useState } from "hono/jsx/dom";
import { sizeText } from "../../../../web-ui/text/amount-text.ts";
import { decodeText } from "../../body/charset.ts";
import { type MultipartPart, multipartParts } from "../../body/multipart-parts.ts";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";

/** Up to this size a part that is no file stands in the table itself. */
const INLINE_BYTES = 2_000;

export interface MultipartViewProps {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
  /** Draws the content of a part in the way that fits it. */
  readonly show: (content: Uint8Array<ArrayBuffer>, contentType: string | undefined, label: string) => Child;
}

/** The parts of a multipart body: fields with their values, files with name, type and size. */
export function MultipartView({ bytes, contentType, show }: MultipartViewProps) {
  const { parts, omitted, fault } = useMemo(() => multipartParts(bytes, contentType), [bytes, contentType]);
  return (
    <div class="parts">
      {fault !== undefined && (
        <p class="fault">
          Not valid multipart: <Shown text={fault} />
        </p>
      )}
      {parts.map((part, index) => (
        <Part key={index} part={part} number={index + 1} show={show} />
      ))}
      {omitted > 0 && <p class="quiet">{omitted.toLocaleString("en")} more parts are not shown.</p>}
    </div>
  );
}

interface PartProps extends Pick<MultipartViewProps, "show"> {
  readonly part: MultipartPart;
  readonly number: number;
}

function Part({ part, number, show }: PartProps) {
  const { name, fileName, contentType, bytes } = part;
  // What nobody has opened is not drawn: there may be a thousand parts.
  const [isOpened, setOpened] = useState(false);
  const isInline = fileName === undefined && bytes.length <= INLINE_BYTES;
  const title = name ?? `part ${number}`;
  return (
    <div class="part">
      <p class="part-head">
        <strong>
          <Shown text={title} />
        </strong>
        {fileName !== undefined && (
          <span>
            file <Shown text={fileName} />
          </span>
        )}
        {contentType !== undefined && (
          <span class="quiet">
            <Shown text={contentType} />
          </span>
        )}
        <span class="quiet">{sizeText(bytes.length)}</span>
      </p>
      {isInline ? (
        <p class="part-text">
          <Shown text={decodeText(bytes, contentType).text} />
        </p>
      ) : (
        <details onToggle={() => setOpened(true)}>
          <summary>Content</summary>
          {isOpened && show(new Uint8Array(bytes), contentType, `Part ${number}`)}
        </details>
      )}
    </div>
  );
}
