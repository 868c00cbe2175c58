import type { Clock } from "../../base/clock.ts";
import { UsageError } from "../../base/errors.ts";
import { startableTunnel, type TunnelEntry } from "../../config/tunnel-entry.ts";
import { formatUpstreamAddress } from "../../model/upstream-address.ts";
import { DialError } from "../../net/dial-error.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { openUpstream } from "../upstream/open-upstream.ts";
import { withDeadline } from "./deadline.ts";
import { ok, type Step } from "./step.ts";

/** So many are tried at a time. */
const BATCH = 16;

export interface UpstreamProbeOptions {
  /** For each. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Connects to the upstream of each tunnel once, as for a visitor, and sends nothing. */
export async function probeUpstreams(
  tunnels: readonly TunnelEntry[],
  options: UpstreamProbeOptions,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (let start = 0; start < tunnels.length; start += BATCH) {
    // One batch after the other is the point.
    steps.push(...(await Promise.all(tunnels.slice(start, start + BATCH).map((entry) => probe(entry, options)))));
  }
  return steps;
}

async function probe(entry: TunnelEntry, options: UpstreamProbeOptions): Promise<Step> {
  const { clock, log } = options;
  const code = "ERR_NGROK_8012";
  const cut = new AbortController();
  try {
    const definition = startableTunnel(entry);
    const where = formatUpstreamAddress(definition.upstream);
    const upstream = await openUpstream(definition, { clock, log });
    const connecting = upstream.connect(AbortSignal.any([options.signal, cut.signal]), undefined);
    const connection = await withDeadline(connecting, `dial ${upstream.label}`, options);
    connection.reset();
    return ok(entry.name, where);
  } catch (error) {
    cut.abort();
    if (error instanceof UsageError) {
      // What is in order and asks for too much is no fault of the way.
      const verdict =
        !(entry.definition instanceof UsageError) && entry.definition.unsupported.length > 0 ? "warn" : "fail";
      const remedy = `Correct the tunnel's definition in ${entry.file}.`;
      return { name: entry.name, verdict, detail: error.message, remedy, code };
    }
    if (!(error instanceof DialError)) throw error;
    const remedy = "Is the local service running, and does it listen on that address?";
    return { name: entry.name, verdict: "fail", detail: error.message, remedy, code };
  }
}
