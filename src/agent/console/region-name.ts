/** Regions that agents have long been told by these codes (reference.md 2.3). */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["us", "United States"],
  ["eu", "Europe"],
  ["ap", "Asia/Pacific"],
  ["au", "Australia"],
  ["sa", "South America"],
  ["jp", "Japan"],
  ["in", "India"],
  ["us-cal-1", "California"],
]);

/** `United States (us)`; edges may have codes of their own, which stand alone. */
export function regionName(code: string): string {
  const name = NAMES.get(code);
  return name === undefined ? code : `${name} (${code})`;
}
