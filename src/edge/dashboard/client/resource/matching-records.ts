import { type ApiRecord, textAt } from "../data/api-record.ts";
import { columnText, type ResourcePage } from "./resource.ts";

/**
 * Those in which every word of the query stands: in what the list shows of them, dates aside, in their ids or their metadata. Capitals
 * and small letters are the same; without a word all match.
 */
export function matchingRecords(
  { columns }: Pick<ResourcePage, "columns">,
  records: readonly ApiRecord[],
  query: string,
): readonly ApiRecord[] {
  const words = query.toLowerCase().split(/\s+/);
  const searched = columns.filter(({ place, as }) => place !== "page" && as !== "time" && as !== "age");
  return records.filter((record) => {
    const texts = [record.id, textAt(record, "metadata"), ...searched.map((column) => columnText(column, record))];
    const text = texts.join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
