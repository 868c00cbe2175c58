/** What kind of content a file holds, by its name, and by its first bytes where the name says nothing. */
import { getMimeType, mimes } from "hono/utils/mime";

/** As many bytes as are looked at when the name says nothing. */
export const SAMPLE_BYTES = 512;

/** What developers serve and the library takes for something else, or does not know. */
const DEVELOPERS_OWN: Readonly<Record<string, string>> = {
  md: "text/markdown; charset=utf-8",
  ts: "text/plain; charset=utf-8", // in the library: a video stream
  yaml: "text/plain; charset=utf-8",
  yml: "text/plain; charset=utf-8",
  log: "text/plain; charset=utf-8",
};

/** Undefined when only the content can tell. */
export function contentTypeOfName(name: string): string | undefined {
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  if (Object.hasOwn(DEVELOPERS_OWN, ending)) return DEVELOPERS_OWN[ending];
  return Object.hasOwn(mimes, ending) ? getMimeType(`.${ending}`) : undefined; // not what every object has
}

/** Text when no byte is one that text does not have; the sample may end within a letter. */
export function contentTypeOfSample(sample: Uint8Array): string {
  const isBinary = sample.some((byte) => byte < 0x20 && !TEXT_CONTROLS.has(byte));
  return isBinary ? "application/octet-stream" : "text/plain; charset=utf-8";
}

/** Tab, line feed, form feed, carriage return, escape (colours in logs). */
const TEXT_CONTROLS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1b]);
