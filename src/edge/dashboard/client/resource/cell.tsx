import type { Child } from "hono/jsx/dom";
import { copy } from "../../../../web-ui/client/copy.ts";
import { PublicUrl } from "../../../../web-ui/client/public-url.tsx";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { ageText, dateTimeText, minuteText } from "../../../../web-ui/text/amount-text.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import type { ApiRecord } from "../data/api-record.ts";
import { RouteLink } from "../shell/route-link.tsx";
import type { Column } from "./resource.ts";

export interface CellProps {
  readonly column: Column;
  readonly record: ApiRecord;
  /** Of more values the first ones are shown, and how many there are; all, unless told. */
  readonly maxValues?: number;
}

/** One value of a record. Whatever it says, it becomes text. */
export function Cell({ column, record, maxValues = Infinity }: CellProps) {
  const value = column.read(record);
  const values = (typeof value === "string" ? [value] : value).filter((one) => one !== "");
  if (values.length === 0) return <span class="quiet">–</span>;
  if (values.length === 1) return <>{values.map((one) => drawn(column, one))}</>;
  // "and 1 more" takes the room of that one.
  const shown = values.length <= maxValues ? values : values.slice(0, maxValues - 1);
  return (
    <ul class="values">
      {shown.map((one, index) => (
        <li key={index}>{drawn(column, one)}</li>
      ))}
      {shown.length < values.length && <li class="quiet">and {values.length - shown.length} more</li>}
    </ul>
  );
}

function drawn({ as, title, page }: Column, text: string): Child {
  switch (as) {
    case "text":
    case "list":
      return <Shown text={text} />;
    case "code":
      return (
        <code>
          <Shown text={text} />
        </code>
      );
    case "long":
      return (
        <pre class="long" tabindex={0} role="region" aria-label={title}>
          <Shown text={text} />
        </pre>
      );
    case "time":
      return <time datetime={text}>{minuteText(new Date(text))}</time>;
    case "age":
      return (
        <time datetime={text} title={dateTimeText(new Date(text))}>
          {ageText(Date.now() - Date.parse(text))}
        </time>
      );
    case "url":
      return text === visibleText(text) ? <PublicUrl url={text} /> : <Shown text={text} />;
    case "flag":
      return <span class="flag">{visibleText(text)}</span>;
    case "copy":
      return (
        <span class="copied">
          <code>
            <Shown text={text} />
          </code>
          <button
            type="button"
            class="button button-small"
            aria-label={`Copy ${visibleText(text)}`}
            onClick={() => copy(text, title)}
          >
            Copy
          </button>
        </span>
      );
    case "ref":
      return page === undefined ? (
        <code>{visibleText(text)}</code>
      ) : (
        <RouteLink page={page} id={text}>
          <code>{visibleText(text)}</code>
        </RouteLink>
      );
    default:
      return as satisfies never;
  }
}
