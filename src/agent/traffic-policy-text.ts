import { readFile } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import { UsageError } from "../base/errors.ts";
import { readFailure } from "../base/read-failure.ts";
import type { TunnelDefinition } from "../model/tunnel-definition.ts";
import { MAX_POLICY_BYTES } from "../policy/traffic-policy/policy-document.ts";
import { DownloadFailure, downloadText } from "./policy-download.ts";

/**
 * The traffic policy of a tunnel as its edge gets it, empty for none. One that no edge takes is refused here, so that whoever names
 * another file by mistake learns it at once. @throws UsageError for one that cannot be had
 */
export async function trafficPolicyText({ name, modules }: TunnelDefinition, clock: Clock): Promise<string> {
  const source = modules?.trafficPolicy;
  if (source === undefined) return "";
  if (source.kind === "text") return source.text;
  const place = `tunnel "${name}": traffic policy ${source.kind === "file" ? source.path : source.url}`;
  const text = source.kind === "file" ? await fileText(source.path, place) : await urlText(source.url, place, clock);
  if (Buffer.byteLength(text) <= MAX_POLICY_BYTES) return text;
  throw new UsageError(`${place}: has more than ${MAX_POLICY_BYTES} bytes; shorten it`);
}

async function fileText(path: string, place: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new UsageError(`${place}: ${readFailure(cause)}; give the path of one that can be read`, { cause });
  }
}

async function urlText(url: string, place: string, clock: Clock): Promise<string> {
  try {
    return await downloadText(url, clock);
  } catch (cause) {
    if (!(cause instanceof DownloadFailure)) throw cause;
    throw new UsageError(`${place}: ${cause.message}`, { cause });
  }
}
