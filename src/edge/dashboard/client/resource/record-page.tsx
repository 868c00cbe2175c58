import { useMemo, useState } from "hono/jsx/dom";
import type { Child } from "hono/jsx/dom";
import { useOneEffect } from "../../../../web-ui/client/one-effect.ts";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { type ApiRecord, isRecord } from "../data/api-record.ts";
import { callApi } from "../data/call.ts";
import { OneRecord } from "../data/one-record.ts";
import { focusTitle } from "../shell/page-title.tsx";
import { RouteLink } from "../shell/route-link.tsx";
import { router } from "../shell/router.ts";
import { Cell } from "./cell.tsx";
import { RecordButtons, type RecordWish } from "./record-buttons.tsx";
import { LAST_KNOWN, lookAgain } from "./looks.ts";
import { RecordDialogs } from "./record-dialogs.tsx";
import type { ResourcePage } from "./resource.ts";

export interface RecordPageProps {
  readonly resource: ResourcePage;
  readonly id: string;
  /** What else belongs to the record. */
  readonly children?: Child;
}

const NOTHING = "There is nothing with this ID, or not any more.";

/** All about one record. What changes by itself is looked at again now and then, also whether it is still there. */
export function RecordPage({ resource, id, children }: RecordPageProps) {
  const one = useMemo(() => new OneRecord(async () => await readRecord(resource, id)), [resource, id]);
  const { record, isGone, failure } = useSubject(one.shown);
  const [wish, setWish] = useState<RecordWish | undefined>(undefined);
  useOneEffect(() => lookAgain(resource, () => void one.load()), [one]);
  const fault = isGone ? ((record && resource.goneText) ?? NOTHING) : failure;
  return (
    <>
      <p class="way-back">
        <RouteLink page={resource.page}>← {resource.title}</RouteLink>
      </p>
      <header class="page-head">
        <h1 id="page-title" tabindex={-1}>
          <Shown text={record === undefined ? id : resource.nameOf(record)} />
        </h1>
        {record !== undefined && !isGone && (
          <RecordButtons
            resource={resource}
            record={record}
            name={visibleText(resource.nameOf(record))}
            isLarge
            onWish={setWish}
          />
        )}
      </header>
      {fault !== "" && (
        <p class={isGone ? "fault fault-mild" : "fault"} role="alert">
          {visibleText(record === undefined ? fault : `${fault} ${LAST_KNOWN}`)}
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
      {record !== undefined && !isGone && children}
      <RecordDialogs
        resource={resource}
        wish={wish}
        onSaved={(saved) => one.put(saved)}
        onEnded={() => {
          router.go({ id: undefined }, "replace");
          focusTitle();
        }}
        onClose={() => setWish(undefined)}
      />
    </>
  );
}

async function readRecord({ path }: ResourcePage, id: string): Promise<ApiRecord> {
  const answer = await callApi("GET", `/${path}/${encodeURIComponent(id)}`);
  if (!isRecord(answer)) throw new Error("The edge answered with something that is no record.");
  return answer;
}
