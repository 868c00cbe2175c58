/** Ways to give a text that is too long, or too secret, for a command line: `--private-key-pem-file` and the like. */
import { DownloadFailure, downloadText } from "../../agent/policy-download.ts";
import type { Clock } from "../../base/clock.ts";
import { UsageError } from "../../base/errors.ts";
import { readText } from "../../config/config-loader.ts";
import { policyUrlFault } from "../../config/policy-url.ts";
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
  "private-key-pem": { what: "private key", form: "in PEM; others can read what stands on a command line" },
  "ca-pem": { what: "certificate authority", form: "in PEM" },
};

interface FetchOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

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
export async function withTexts(given: GivenFlags, options: FetchOptions): Promise<GivenFlags> {
  const made: Record<string, GivenFlags[string]> = { ...given };
  for (const [name, { what }] of Object.entries(TEXTS_ELSEWHERE)) {
    const [file, url] = [`${name}-file`, `${name}-url`];
    const ways = [name, file, url].filter((way) => given[way] !== undefined);
    if (ways.length > 1) throw new UsageError(`Give one of ${ways.map((way) => `--${way}`).join(", ")}.`);
    const [path, address] = [given[file], given[url]];
    if (typeof path === "string") made[name] = await readText(path, `${what} file`);
    if (typeof address === "string") made[name] = await fetchText(address, what, options);
    delete made[file];
    delete made[url];
  }
  return made;
}

async function fetchText(url: string, what: string, { clock, signal }: FetchOptions): Promise<string> {
  const fail = (reason: string, cause?: unknown) =>
    new UsageError(`cannot read the ${what} from ${shownUrl(url)}: ${reason}`, { cause });
  const fault = policyUrlFault(url);
  if (fault !== undefined) throw fail(`it ${fault}`);
  try {
    return await downloadText(url, clock, signal);
  } catch (cause) {
    if (cause instanceof DownloadFailure) throw fail(cause.message, cause);
    throw cause;
  }
}

/** Without what may be a secret. */
function shownUrl(text: string): string {
  const url = URL.parse(text);
  return url === null ? "that" : `${url.origin}${url.pathname}`;
}
