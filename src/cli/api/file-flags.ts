/** Ways to give a text that is too long, or too secret, for a command line: `--private-key-pem-file` and the like. */
import { UsageError } from "../../base/errors.ts";
import { readText } from "../../config/config-loader.ts";
import type { FlagTable } from "../flag-spec.ts";
import type { FieldFlag, GivenFlags } from "./field-flags.ts";

interface TextElsewhere {
  /** For people, as messages and the help say it. */
  readonly what: string;
  readonly form: string;
  /** Published for policies alone (reference.md 8.4). */
  readonly hasUrl?: true;
}

/** By the flag of the field. Each has a flag with `-file` behind its name too. */
const TEXTS_ELSEWHERE: Readonly<Record<string, TextElsewhere>> = {
  "traffic-policy": { what: "traffic policy", form: "in YAML or JSON", hasUrl: true },
  "certificate-pem": { what: "certificate chain", form: "in PEM" },
  "private-key-pem": { what: "private key", form: "in PEM, which the command line does not show to others" },
  "ca-pem": { what: "certificate authority", form: "in PEM" },
};

/** Far above what any edge takes; it says so itself. */
const MAX_TEXT_BYTES = 4_000_000;
const FETCH_TIMEOUT_MS = 10_000;

/** The flags that a call with such fields has in addition. */
export function fileFlags(fields: readonly FieldFlag[]): FlagTable {
  const flags = fields.flatMap(({ name }) => {
    const text = TEXTS_ELSEWHERE[name];
    return text === undefined ? [] : flagsOf(name, text);
  });
  return Object.fromEntries(flags);
}

function flagsOf(
  name: string,
  { what, form, hasUrl }: TextElsewhere,
): readonly (readonly [string, FlagTable[string]])[] {
  const file = { type: "string", value: "PATH", help: `${what} from a file ${form}` } as const;
  const url = { type: "string", value: "URL", help: `${what} from a URL, which is read once` } as const;
  return [[`${name}-file`, file] as const, ...(hasUrl ? [[`${name}-url`, url] as const] : [])];
}

/** The flags with the texts in the place of where they are. @throws UsageError */
export async function withTexts(given: GivenFlags, signal: AbortSignal): Promise<GivenFlags> {
  const made: Record<string, GivenFlags[string]> = { ...given };
  for (const [name, { what }] of Object.entries(TEXTS_ELSEWHERE)) {
    const [file, url] = [`${name}-file`, `${name}-url`];
    const ways = [name, file, url].filter((way) => given[way] !== undefined);
    if (ways.length > 1) throw new UsageError(`Give one of ${ways.map((way) => `--${way}`).join(", ")}.`);
    const [path, address] = [given[file], given[url]];
    if (typeof path === "string") made[name] = await readText(path, `${what} file`);
    if (typeof address === "string") made[name] = await fetchText(address, what, signal);
    delete made[file];
    delete made[url];
  }
  return made;
}

async function fetchText(url: string, what: string, signal: AbortSignal): Promise<string> {
  const fail = (reason: string, cause?: unknown) =>
    new UsageError(`cannot read the ${what} from ${shownUrl(url)}: ${reason}`, { cause });
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw fail("give an http or https URL");
  try {
    const limits = AbortSignal.any([signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
    const answer = await fetch(url, { signal: limits });
    if (!answer.ok) throw fail(`it answers ${answer.status}`);
    return await boundedText(answer, fail);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw fail(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

async function boundedText(answer: Response, fail: (reason: string) => UsageError): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_TEXT_BYTES) throw fail(`it has more than ${MAX_TEXT_BYTES} bytes`);
  }
  return text + decoder.decode();
}

/** Without what may be a secret. */
function shownUrl(text: string): string {
  const url = URL.parse(text);
  return url === null ? "that" : `${url.origin}${url.pathname}`;
}
