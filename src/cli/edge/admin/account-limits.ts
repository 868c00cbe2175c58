import { parseByteSize } from "../../../base/byte-size.ts";
import { UsageError } from "../../../base/errors.ts";
import type { AccountLimits } from "../../../model/records/account.ts";

/** Each limit with its flag. */
const FLAGS: Readonly<Record<keyof AccountLimits, string>> = {
  sessions: "sessions",
  endpoints: "endpoints",
  reservedDomains: "reserved-domains",
  reservedAddrs: "reserved-addrs",
  connectionsPerSecond: "connections-per-second",
  bytesPerSecond: "bytes-per-second",
};
const LIMITS = Object.keys(FLAGS) as readonly (keyof AccountLimits)[]; // the keys of that very table

/** The limits that flags give. @throws UsageError for what is none */
export function limitsOfFlags(flags: Readonly<Record<string, unknown>>): Partial<AccountLimits> {
  const given = LIMITS.flatMap((limit) => {
    const text = flags[FLAGS[limit]];
    return typeof text === "string" ? [[limit, parseLimit(FLAGS[limit], text)] as const] : [];
  });
  return Object.fromEntries(given);
}

/** As people read them; empty without any. */
export function limitsText(limits: AccountLimits): string {
  return LIMITS.flatMap((limit) => (limits[limit] === Infinity ? [] : [`${FLAGS[limit]}=${limits[limit]}`])).join(" ");
}

function parseLimit(flag: string, text: string): number {
  if (text === "none") return Infinity;
  const bytes = flag === FLAGS.bytesPerSecond ? parseByteSize(text) : undefined;
  if (bytes !== undefined) return bytes;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const wanted = flag === FLAGS.bytesPerSecond ? "an amount such as 1000000 or 1MB" : "a whole number";
  throw new UsageError(`flag --${flag}: expected ${wanted}, or none for no limit, found ${JSON.stringify(text)}`);
}
