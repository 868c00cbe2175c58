/** What came of looking for words in a list. */
export interface Findings {
  readonly matches: number;
  /** How many of them are drawn. */
  readonly drawn: number;
  /** Looked at. */
  readonly records: number;
  /** There are more, that were not looked at. */
  readonly hasOlder: boolean;
  readonly isReading: boolean;
}

/** For people, and read out to those who do not see the list: so not anew with every page that is read. */
export function findingsText({ matches, drawn, records, hasOlder, isReading }: Findings): string {
  if (isReading) return "Searching …";
  const searched = `${hasOlder ? "the newest " : ""}${records.toLocaleString("en")}`;
  const found = `${matches === 0 ? "None" : matches.toLocaleString("en")} of ${searched}`;
  return drawn < matches ? `${found}, the newest ${drawn} are shown` : found;
}
