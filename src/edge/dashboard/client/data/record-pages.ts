import { callApi } from "./call.ts";
import { type ApiRecord, recordsIn } from "./api-record.ts";

/** Of records on one page of a list. */
const PAGE_RECORDS = 50;
/** For a choice, or for what belongs to one record, so many pages are read at most. */
const MOST_PAGES = 20;
const LARGE_PAGE = 100;

/** Where a list of the management API is. */
export interface ListPlace {
  /** `credentials`. */
  readonly path: string;
  /** Under which the answer holds the records. */
  readonly listKey: string;
}

export interface RecordPage {
  readonly records: readonly ApiRecord[];
  readonly hasOlder: boolean;
}

/** Newest first, those older than `beforeId`. @throws CallFailure */
export async function recordPage(
  { path, listKey }: ListPlace,
  beforeId?: string,
  limit = PAGE_RECORDS,
): Promise<RecordPage> {
  const before = beforeId === undefined ? "" : `&before_id=${encodeURIComponent(beforeId)}`;
  const answer = await callApi("GET", `/${path}?limit=${limit}${before}`);
  const hasOlder =
    typeof answer === "object" && answer !== null && "next_page_uri" in answer && answer.next_page_uri !== null;
  return { records: recordsIn(answer, listKey), hasOlder };
}

/** All records, 2,000 of them at most. @throws CallFailure */
export async function allRecords(place: ListPlace): Promise<readonly ApiRecord[]> {
  const found: ApiRecord[] = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const { records, hasOlder } = await recordPage(place, found.at(-1)?.id, LARGE_PAGE);
    found.push(...records);
    if (!hasOlder || records.length === 0) break;
  }
  return found;
}
