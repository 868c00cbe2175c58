/** Ways to give a traffic policy that is too long for a command line: `--traffic-policy-file` and `--traffic-policy-url`. */
import { UsageError } from "../../base/errors.ts";
import { readText } from "../../config/config-loader.ts";
import type { FlagTable } from "../flag-spec.ts";
import type { FieldFlag, GivenFlags } from "./field-flags.ts";

const FIELD = "traffic-policy";
const FILE = "traffic-policy-file";
const URL_OF_IT = "traffic-policy-url";

/** Far above what any edge takes; it says so itself. */
const MAX_POLICY_BYTES = 4_000_000;
const FETCH_TIMEOUT_MS = 10_000;

/** The flags that a call with such a field has in addition. */
export function policyFlags(fields: readonly FieldFlag[]): FlagTable {
  if (!fields.some(({ name }) => name === FIELD)) return {};
  return {
    [FILE]: { type: "string", value: "PATH", help: "traffic policy from a file in YAML or JSON" },
    [URL_OF_IT]: { type: "string", value: "URL", help: "traffic policy from a URL, which is read once" },
  };
}

/** The flags with the policy's text in the place of where it is. @throws UsageError */
export async function withPolicyText(given: GivenFlags, signal: AbortSignal): Promise<GivenFlags> {
  const ways = [FIELD, FILE, URL_OF_IT].filter((name) => given[name] !== undefined);
  if (ways.length > 1) throw new UsageError(`Give one of ${ways.map((name) => `--${name}`).join(", ")}.`);
  const { [FILE]: file, [URL_OF_IT]: url, ...others } = given;
  if (typeof file === "string") return { ...others, [FIELD]: await readText(file, "traffic policy file") };
  if (typeof url === "string") return { ...others, [FIELD]: await fetchText(url, signal) };
  return given;
}

async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  const fail = (reason: string, cause?: unknown) =>
    new UsageError(`cannot read the traffic policy from ${shownUrl(url)}: ${reason}`, { cause });
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
    if (text.length > MAX_POLICY_BYTES) throw fail(`it has more than ${MAX_POLICY_BYTES} bytes`);
  }
  return text + decoder.decode();
}

/** Without what may be a secret. */
function shownUrl(text: string): string {
  const url = URL.parse(text);
  return url === null ? "that" : `${url.origin}${url.pathname}`;
}
