import { useMemo } from "hono/jsx/dom";
import { RecordList } from "../data/record-list.ts";
import { allRecords } from "../data/record-pages.ts";
import { RecordListView } from "../resource/record-list-view.tsx";
import { RecordPage } from "../resource/record-page.tsx";
import { IP_POLICIES, ipPolicyRules } from "./ip-policies.ts";

/** An IP policy with its rules, which are read whole. */
export function IpPolicyPage({ id }: { readonly id: string }) {
  const rules = useMemo(() => ipPolicyRules(id), [id]);
  const list = useMemo(
    () => new RecordList(async () => ({ records: await allRecords(rules), hasOlder: false })),
    [rules],
  );
  return (
    <RecordPage resource={IP_POLICIES} id={id}>
      <section class="below" aria-label="Rules">
        <RecordListView resource={rules} list={list} hasPages={false} headingLevel={2} />
      </section>
    </RecordPage>
  );
}
