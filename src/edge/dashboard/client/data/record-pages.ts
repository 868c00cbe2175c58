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
  /** Which records are meant as an expression over `obj`; all, unless told. */
  readonly filter?: string;
}

export interface RecordPage {
  readonly records: readonly ApiRecord[];
  readonly hasOlder: boolean;
}

/** Newest first, those older than `beforeId`. @throws CallFailure */
export async function recordPage(place: ListPlace, beforeId?: string): Promise<RecordPage> {
  const { records, nextBeforeId } = await readPage(place, { beforeId, limit: PAGE_RECORDS });
  return { records, hasOlder: nextBeforeId !== undefined };
}

/** All records, 2,000 of them at most. @throws CallFailure */
export async function allRecords(place: ListPlace): Promise<readonly ApiRecord[]> {
  const found: ApiRecord[] = [];
  let beforeId: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { records, nextBeforeId } = await readPage(place, { beforeId, limit: LARGE_PAGE });
    found.push(...records);
    if (nextBeforeId === undefined) break;
    beforeId = nextBeforeId;
  }
  return found;
}

interface ReadPage {
  readonly records: readonly ApiRecord[];
  /** Where the next page goes on: with a filter, maybe far behind the last record. */
  readonly nextBeforeId: string | undefined;
}

async function readPage(
  { path, listKey, filter }: ListPlace,
  { beforeId, limit }: { readonly beforeId: string | undefined; readonly limit: number },
): Promise<ReadPage> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (beforeId !== undefined) query.set("before_id", beforeId);
  if (filter !== undefined) query.set("filter", filter);
  const answer = await callApi("GET", `/${path}?${query.toString()}`);
  const next = typeof answer === "object" && answer !== null && "next_page_uri" in answer ? answer.next_page_uri : null;
  const nextBeforeId = typeof next === "string" ? URL.parse(next)?.searchParams.get("before_id") : undefined;
  return { records: recordsIn(answer, listKey), nextBeforeId: nextBeforeId ?? undefined };
}
