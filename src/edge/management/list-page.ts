/** One page of a list, with what its filter lets through. */
import { z } from "zod";
import { PublicError } from "../../base/errors.ts";
import { readFilter, type Filter } from "./filter/filter.ts";
import { FilterProblem } from "./filter/filter-problem.ts";
import type { ManagementCall, ResourceHandlers } from "./management-call.ts";
import { type ActionSpec, MAX_PAGE, type ResourceSpec } from "./resource-spec.ts";

/**
 * Looked at for one page. A page for which this was not enough has fewer records than it might, or none, and there is a next one
 * that goes on behind the last one looked at.
 */
export const MAX_SCANNED = 5_000;

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
export function filterWish(query: URLSearchParams, fields: readonly string[]): Filter | undefined {
  const text = query.get("filter");
  if (text === null || text.trim() === "") return undefined;
  try {
    return readFilter(text, fields);
  } catch (cause) {
    if (!(cause instanceof FilterProblem)) throw cause;
    throw new PublicError("ERR_NGROK_230", { reason: `the filter is invalid: ${cause.message}` }, { cause });
  }
}

/** `now` is what the filter takes for the time. */
export async function listPage(
  list: ResourceHandlers["list"],
  call: ManagementCall,
  { filter, now }: { readonly filter: Filter | undefined; readonly now: Date },
): Promise<ListedPage> {
  const size = call.page.limit - 1;
  if (filter === undefined) return pageOf(await list(call), size);
  const found: ListedRecord[] = [];
  let { beforeId } = call.page;
  for (let scanned = 0; scanned < MAX_SCANNED; scanned += MAX_PAGE) {
    const records = await list({ ...call, page: { limit: MAX_PAGE, beforeId } });
    found.push(...records.filter((record) => filter.matches(record, now)));
    if (found.length > size) return pageOf(found, size);
    if (records.length < MAX_PAGE) return { records: found, beforeId: undefined };
    beforeId = records.at(-1)?.id;
  }
  return { records: found, beforeId };
}

/** The records may be more than fit. */
function pageOf(records: readonly ListedRecord[], size: number): ListedPage {
  const shown = records.slice(0, size);
  return { records: shown, beforeId: records.length > size ? shown.at(-1)?.id : undefined };
}
