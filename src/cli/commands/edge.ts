/** `edge`: runs the public side until it is told to stop. */
import { loadEdgeConfig } from "../../config/config-loader.ts";
import type { CommandContext } from "../command-context.ts";
import { openEdgeCertificate } from "../edge-certificate.ts";
import { edgeFromConfig } from "../edge-from-config.ts";
import { edgeSettingsOf } from "../edge-flags.ts";
import { edgeAuthtokens, keepAuthtoken } from "../edge-authtokens.ts";
import type { Invocation } from "../invocation.ts";
import { outliveFaults } from "../last-resort.ts";
import { openProcessLog } from "../process-log.ts";

export async function run({ flags }: Invocation<"edge">, context: CommandContext): Promise<number> {
  const { env, clock, print, signal } = context;
  const config = await loadEdgeConfig({
    configFlags: flags.config ?? [],
    environment: env,
    flags: edgeSettingsOf(flags),
  });
  await using opened = openProcessLog(config.log, env);
  const { log } = opened;
  using _outliving = outliveFaults(log);
  const authtokens = await edgeAuthtokens(config);
  using certificate = await openEdgeCertificate(config.certificate, clock, log);
  const edge = await edgeFromConfig(config, { tokenHashes: authtokens.hashes, certificate, clock, log });
  // Only now: an edge that could not start must not have told a token that the next start would not tell again.
  if (authtokens.made !== undefined) {
    await keepAuthtoken(authtokens.made, config.dataDir);
    await print(`Authtoken for agents (shown this once): ${authtokens.made}\n`);
  }
  log.info("edge ready", {
    domains: config.domains.join(","),
    http: edge.httpPort,
    https: edge.httpsPort,
    agents: edge.agentPort,
    tcp: config.tcpPorts && `${config.tcpPorts.first}-${config.tcpPorts.last}`,
    region: config.region,
  });
  await aborted(signal);
  log.info("received stop request", { signal: signal.reason, drain_ms: config.limits.drainTimeoutMs });
  const deadline = new AbortController();
  const cancel = clock.after(config.limits.drainTimeoutMs, () => deadline.abort());
  await edge.stop(deadline.signal);
  cancel();
  log.info("edge stopped");
  return 0;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
