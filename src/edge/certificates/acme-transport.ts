import { OrderFailure } from "./certificate-authority.ts";

/** For one request and its answer. */
const REQUEST_LIMIT_MS = 30_000;
/** What is said of a pause counts up to this. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;

/** A request as acme-client hands it on, as far as it is looked at. */
export interface AcmeRequest {
  readonly url?: string | undefined;
  readonly method?: string | undefined;
  readonly headers: { readonly toJSON: () => Readonly<Record<string, unknown>> };
  readonly data?: unknown;
}

export interface AcmeResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Record<string, string>;
  readonly data: unknown;
}

export interface AcmeTransportOptions {
  /** PEM certificates of authorities that the server of the directory may be certified by; `undefined`: the runtime's. */
  readonly roots: readonly string[] | undefined;
  readonly userAgent: string;
}

/**
 * Requests to the authority in the place of what acme-client would make itself: with a time limit, without repetitions behind
 * our back, and with an end when the authority asks for a pause (RFC 8555 section 6.6).
 * @throws OrderFailure
 */
export async function acmeRequest(request: AcmeRequest, options: AcmeTransportOptions): Promise<AcmeResponse> {
  const { url = "", method = "get", headers, data } = request;
  // Said in full, since the environment could turn the check of certificates off.
  const tls = { rejectUnauthorized: true, ...(options.roots === undefined ? {} : { ca: [...options.roots] }) };
  try {
    const response = await fetch(url, {
      method: method.toUpperCase(),
      headers: { ...textFields(headers.toJSON()), "user-agent": options.userAgent },
      ...(typeof data === "string" ? { body: data } : {}),
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
      tls,
    });
    refusePause(response);
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      statusText: response.statusText,
      headers: Object.fromEntries(response.headers),
      data: isJson ? JSON.parse(text) : text,
    };
  } catch (cause) {
    if (cause instanceof OrderFailure) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OrderFailure(`no answer from ${hostOf(url)}: ${reason}`, { cause });
  }
}

function refusePause(response: Response): void {
  if (response.status !== 429 && response.status !== 503) return;
  const retryAfterMs = retryAfter(response.headers.get("retry-after"));
  throw new OrderFailure(`${hostOf(response.url)} asks for a pause, status ${response.status}`, { retryAfterMs });
}

/** RFC 9110 section 10.2.3: seconds, or a date, which is not read as such: our own pauses are long enough. */
function retryAfter(value: string | null): number | undefined {
  if (value === null || !/^\d{1,9}$/.test(value)) return undefined;
  return Math.min(Number(value) * 1000, LONGEST_RETRY_AFTER_MS);
}

function textFields(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (isText(value) ? [[name, value]] : [])));
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
