/** One page of a list, with what its filter lets through. */
import { setImmediate as othersTurn } from "node:timers/promises";
import { z } from "zod";
import { PublicError } from "../../base/errors.ts";
import { readFilter, type Filter } from "./filter/filter.ts";
import { FilterProblem } from "./filter/filter-problem.ts";
import { FilterWork } from "./filter/filter-work.ts";
import type { ManagementCall, ResourceHandlers } from "./management-call.ts";
import { type ActionSpec, MAX_PAGE, type ResourceSpec } from "./resource-spec.ts";

/**
 * Looked at for one page. A page for which this was not enough has fewer records than it might, or none, and there is a next one
 * that goes on behind the last one looked at.
 */
export const MAX_SCANNED = 1_000;
/** In JSON. A page that would have more has fewer records, but one at least. */
export const MAX_PAGE_CHARACTERS = 1024 * 1024;

export interface ListedPage {
  readonly records: readonly ListedRecord[];
  /** Where the next page goes on; `undefined` when there is none. */
  readonly beforeId: string | undefined;
}

type ListedRecord = Awaited<ReturnType<ResourceHandlers["list"]>>[number];

/** The names that records of a list have. */
export function listedFields({ listKey }: ResourceSpec, { answer }: ActionSpec): readonly string[] {
  const records = answer?.shape[listKey];
  const record = records instanceof z.ZodArray ? records.element : undefined;
  return record instanceof z.ZodObject ? Object.keys(record.shape) : [];
}

/** Undefined without a filter. @throws PublicError 230 */
export function filterWish(
  query: URLSearchParams,
  fields: readonly string[],
  { filterWords }: Pick<ResourceSpec, "filterWords">,
): Filter | undefined {
  const text = query.get("filter");
  if (text === null || text.trim() === "") return undefined;
  return judged(() => readFilter(text, fields, filterWords));
}

/** @throws PublicError 230 where `work` throws a FilterProblem */
function judged<R>(work: () => R): R {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof FilterProblem)) throw cause;
    throw new PublicError("ERR_NGROK_230", { reason: `the filter is invalid: ${cause.message}` }, { cause });
  }
}

/** `now` is what the filter takes for the time. @throws PublicError 230 for a filter that takes too much work */
export async function listPage(
  list: ResourceHandlers["list"],
  call: ManagementCall,
  { filter, now }: { readonly filter: Filter | undefined; readonly now: Date },
): Promise<ListedPage> {
  const size = call.page.limit - 1;
  if (filter === undefined) return pageOf(await list(call), size);
  const found: ListedRecord[] = [];
  const scene = { now, work: new FilterWork() };
  let { beforeId } = call.page;
  for (let scanned = 0; scanned < MAX_SCANNED; scanned += MAX_PAGE) {
    const records = await list({ ...call, page: { limit: MAX_PAGE, beforeId } });
    found.push(...judged(() => records.filter((record) => filter.matches(record, scene))));
    if (found.length > size) return pageOf(found, size);
    if (records.length < MAX_PAGE) return pageOf(found, size);
    beforeId = records.at(-1)?.id;
    await othersTurn();
  }
  const page = pageOf(found, size);
  return { records: page.records, beforeId: page.beforeId ?? beforeId };
}

/** The records may be more than fit. */
function pageOf(records: readonly ListedRecord[], size: number): ListedPage {
  let characters = 0;
  const tooLarge = records.findIndex((record, index) => {
    characters += JSON.stringify(record).length;
    return index > 0 && characters > MAX_PAGE_CHARACTERS;
  });
  const shown = records.slice(0, tooLarge === -1 ? size : Math.min(size, tooLarge));
  return { records: shown, beforeId: records.length > shown.length ? shown.at(-1)?.id : undefined };
}
