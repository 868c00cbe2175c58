import { readFile } from "node:fs/promises";
import { UsageError } from "../base/errors.ts";
import { readFailure } from "../base/read-failure.ts";
import type { TunnelDefinition } from "../model/tunnel-definition.ts";

/** The edge takes no larger ones; whoever names another file by mistake learns it at once. */
const MAX_POLICY_BYTES = 64 * 1024;

/** The traffic policy of a tunnel as its edge gets it, empty for none. @throws UsageError for a file that cannot be read */
export async function trafficPolicyText({ name, modules }: TunnelDefinition): Promise<string> {
  const source = modules?.trafficPolicy;
  if (source === undefined) return "";
  if (source.kind === "text") return source.text;
  const place = `tunnel "${name}": traffic policy ${source.path}`;
  const text = await readFile(source.path, "utf8").catch((cause: unknown) => {
    throw new UsageError(`${place}: ${readFailure(cause)}; give the path of one that can be read`, { cause });
  });
  if (Buffer.byteLength(text) <= MAX_POLICY_BYTES) return text;
  throw new UsageError(`${place}: has more than ${MAX_POLICY_BYTES} bytes; shorten it`);
}
