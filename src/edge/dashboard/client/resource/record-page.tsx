import { useEffect, useState } from "hono/jsx/dom";
import type { Child } from "hono/jsx/dom";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { type ApiRecord, isRecord } from "../data/api-record.ts";
import { callApi } from "../data/call.ts";
import { CallFailure, failureText } from "../data/call-failure.ts";
import { focusTitle } from "../shell/page-title.tsx";
import { RouteLink } from "../shell/route-link.tsx";
import { router } from "../shell/router.ts";
import { Cell } from "./cell.tsx";
import { RecordButtons, type RecordWish } from "./record-buttons.tsx";
import { RecordDialogs } from "./record-dialogs.tsx";
import type { ResourcePage } from "./resource.ts";

export interface RecordPageProps {
  readonly resource: ResourcePage;
  readonly id: string;
  /** What else belongs to the record. */
  readonly children?: Child;
}

const GONE = "There is nothing with this ID, or not any more.";

/** All about one record. */
export function RecordPage({ resource, id, children }: RecordPageProps) {
  const [record, setRecord] = useState<ApiRecord | undefined>(undefined);
  const [failure, setFailure] = useState("");
  const [wish, setWish] = useState<RecordWish | undefined>(undefined);
  useEffect(() => {
    callApi("GET", `/${resource.path}/${encodeURIComponent(id)}`).then(
      (answer) => (isRecord(answer) ? setRecord(answer) : setFailure(GONE)),
      (error: unknown) => setFailure(error instanceof CallFailure && error.status === 404 ? GONE : failureText(error)),
    );
  }, [id]);
  return (
    <>
      <p class="way-back">
        <RouteLink page={resource.page}>← {resource.title}</RouteLink>
      </p>
      <header class="page-head">
        <h1 id="page-title" tabindex={-1}>
          <Shown text={record === undefined ? id : resource.nameOf(record)} />
        </h1>
        {record !== undefined && (
          <RecordButtons
            resource={resource}
            record={record}
            name={visibleText(resource.nameOf(record))}
            isLarge
            onWish={setWish}
          />
        )}
      </header>
      {failure !== "" && (
        <p class="fault" role="alert">
          {visibleText(failure)}
        </p>
      )}
      {record !== undefined && (
        <dl class="card record-facts">
          {resource.columns
            .filter(({ place }) => place !== "list")
            .map((column) => (
              <div key={column.title} class={column.as === "long" ? "fact fact-long" : "fact"}>
                <dt>{column.title}</dt>
                <dd>
                  <Cell column={column} record={record} />
                </dd>
              </div>
            ))}
        </dl>
      )}
      {record !== undefined && children}
      <RecordDialogs
        resource={resource}
        wish={wish}
        onSaved={setRecord}
        onEnded={() => {
          router.go({ id: undefined }, "replace");
          focusTitle();
        }}
        onClose={() => setWish(undefined)}
      />
    </>
  );
}
