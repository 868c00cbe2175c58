import type { Clock } from "../base/clock.ts";

/** For the whole answer. */
const DOWNLOAD_MS = 10_000;
const MAX_DOWNLOAD_BYTES = 256 * 1024;

/** Why there is no document, and what to do. */
export class DownloadFailure extends Error {
  override readonly name = "DownloadFailure";
}

/**
 * The text at a URL, asked for without credentials. No other place is gone to: it would not be the one that the user trusts.
 * @throws DownloadFailure
 */
export async function downloadText(url: string, clock: Clock, signal?: AbortSignal): Promise<string> {
  const overdue = new AbortController();
  const cancel = clock.after(DOWNLOAD_MS, () => overdue.abort());
  const stop = signal === undefined ? overdue.signal : AbortSignal.any([overdue.signal, signal]);
  try {
    // Said in full, since the environment could turn the check of certificates off.
    const tls = { rejectUnauthorized: true };
    const response = await fetch(url, { redirect: "manual", credentials: "omit", signal: stop, tls });
    if (response.status >= 300 && response.status < 400) {
      throw new DownloadFailure("it leads to another place; give the URL of that");
    }
    if (response.status !== 200) throw new DownloadFailure(`the answer has status ${response.status}; check the URL`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await limitedBody(response));
  } catch (cause) {
    if (cause instanceof DownloadFailure) throw cause;
    if (overdue.signal.aborted) throw new DownloadFailure(`no whole answer in ${DOWNLOAD_MS / 1000}s; try again later`);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DownloadFailure(`${reason}; check the URL and the network`, { cause });
  } finally {
    cancel();
  }
}

async function limitedBody({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MAX_DOWNLOAD_BYTES)
      throw new DownloadFailure(`it has more than ${MAX_DOWNLOAD_BYTES} bytes; shorten it`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
