/** What an edge writes down of the names that are online, so that the next one knows whose agents are on their way back. */
import { isInternalPlace, PUBLIC_PLACES } from "../routing-table.ts";
import type { AwaitedPlace, ExpectedName } from "./expected-names.ts";

/** Accounts make them, up to the limits of all of them together; those beyond are not waited for. */
export const MAX_KEPT_NAMES = 100_000;
/** As many names with a place each, of the greatest length. */
export const MAX_ONLINE_NAMES_BYTES = 40 * 1024 * 1024;

const VERSION = 1;
/** An internal place has an account, a scheme and a port. */
const NAME = /^([a-z]{3,5}|internal:[\w-]{1,80}:[a-z]{3,5}:\d{1,5}) ((?:\*\.)?[a-z0-9_.-]{1,253})$/;

/** The text of a file. A name that comes again, as those of a pool do, takes no room of others. */
export function onlineNamesText(names: Iterable<ExpectedName>): string {
  const kept = new Set<string>();
  for (const name of names) {
    if (kept.size === MAX_KEPT_NAMES) break;
    kept.add(onlineNameText(name));
  }
  return `${JSON.stringify({ version: VERSION, names: [...kept] })}\n`;
}

/** `undefined`: the text is none of ours. What is no name in it is left out. */
export function parseOnlineNames(text: string): readonly ExpectedName[] | undefined {
  const file = parsedJson(text);
  if (typeof file !== "object" || file === null || !("version" in file && "names" in file)) return undefined;
  if (file.version !== VERSION || !Array.isArray(file.names)) return undefined;
  return file.names.slice(0, MAX_KEPT_NAMES).flatMap((name: unknown) => parseOnlineName(name) ?? []);
}

/** A place and a host, as `https app.example.com`. */
export function onlineNameText({ place, host }: ExpectedName): string {
  return `${place} ${host}`;
}

/** `undefined`: it is no such name. */
export function parseOnlineName(text: unknown): ExpectedName | undefined {
  const [, named = "", host] = typeof text === "string" ? (NAME.exec(text) ?? []) : [];
  const place = awaitedPlace(named);
  return place === undefined || host === undefined ? undefined : { place, host };
}

function awaitedPlace(text: string): AwaitedPlace | undefined {
  return isInternalPlace(text) ? text : PUBLIC_PLACES.find((place) => place === text);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
