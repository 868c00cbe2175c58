import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import type { ApiRecord } from "../data/api-record.ts";
import { RouteLink } from "../shell/route-link.tsx";
import { Cell } from "./cell.tsx";
import { RecordButtons, type RecordWish } from "./record-buttons.tsx";
import { columnText, type ResourcePage } from "./resource.ts";

export interface RecordTableProps {
  readonly resource: ResourcePage;
  readonly records: readonly ApiRecord[];
  /** Rows lead to pages of their own. */
  readonly hasPages: boolean;
  readonly onWish: (wish: RecordWish) => void;
}

/** Of one cell, so that a certificate of a hundred names is a row like others; the page of the record has all of them. */
const MAX_VALUES = 4;

/** Records as rows; where there is little room each becomes a box, and stays a row for screen readers. */
export function RecordTable({ resource, records, hasPages, onWish }: RecordTableProps) {
  const columns = resource.columns.filter(({ place }) => place !== "page");
  return (
    <table class="records" role="table" aria-label={resource.title}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ title }) => (
            <th key={title} role="columnheader" scope="col">
              {title}
            </th>
          ))}
          <th role="columnheader" scope="col">
            <span class="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {records.map((record) => (
          <tr key={record.id} role="row">
            {columns.map((column, index) => (
              <td key={column.title} role="cell" data-title={column.title}>
                <div class={column.as === "list" ? "cell cell-list" : "cell"}>
                  {index === 0 && hasPages ? (
                    <RouteLink page={resource.page} id={record.id} class="record-link">
                      <Shown text={columnText(column, record) || record.id} />
                    </RouteLink>
                  ) : (
                    <Cell column={column} record={record} maxValues={MAX_VALUES} />
                  )}
                </div>
              </td>
            ))}
            <td role="cell" class="record-actions">
              <RecordButtons
                resource={resource}
                record={record}
                name={visibleText(resource.nameOf(record))}
                onWish={onWish}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
