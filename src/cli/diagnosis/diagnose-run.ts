import { edgeTitle, probeEdge } from "../../agent/diagnosis/edge-probe.ts";
import { probeLocalhost } from "../../agent/diagnosis/localhost-probe.ts";
import type { SessionFacts, SessionProbeOptions } from "../../agent/diagnosis/session-probe.ts";
import type { StepGroup } from "../../agent/diagnosis/step.ts";
import { probeUpstreams } from "../../agent/diagnosis/upstream-probe.ts";
import { UsageError } from "../../base/errors.ts";
import type { HostPort } from "../../base/host-port.ts";
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import type { AgentConfig } from "../../config/agent-config.ts";
import { environmentProxy } from "../../protocol/outbound-proxy/environment-proxy.ts";
import { connectionFaultsTo } from "../../telemetry/fault-facts.ts";
import { innerLog } from "../../telemetry/logger.ts";
import type { CommandContext } from "../command-context.ts";
import { embeddedDataDir } from "../embedded-edge.ts";
import { openProcessLog } from "../process-log.ts";
import { type Diagnosis, groupText, withoutSecrets } from "./diagnosis.ts";
import { probeEmbeddedEdge } from "./embedded-edge-probe.ts";

export interface DiagnoseChoice {
  /** Every region of the configuration in place of the one edge. */
  readonly isEveryRegion: boolean;
  /** A way over IPv6 is demanded. */
  readonly needsIpv6: boolean;
}

interface Target {
  readonly serverAddress: HostPort;
  /** That the edge has to report. */
  readonly region: string | undefined;
}

/** One run of all tests. What a group of them found is printed at once, cleaned of secrets. */
export class DiagnoseRun {
  readonly #config: AgentConfig;
  readonly #context: CommandContext;
  readonly #choice: DiagnoseChoice;
  readonly #groups: StepGroup[] = [];
  readonly #sessions: SessionFacts[] = [];

  constructor(config: AgentConfig, context: CommandContext, choice: DiagnoseChoice) {
    this.#config = config;
    this.#context = context;
    this.#choice = choice;
  }

  /** Throws UsageError when it is stopped by a signal, or the log cannot be opened. */
  async run(): Promise<Diagnosis> {
    const { log: settings, connectTimeoutMs: timeoutMs, tunnels } = this.#config;
    const { env, clock, signal } = this.#context;
    // What is found is printed; a log beside it is for those who ask for one.
    await using opened = openProcessLog(
      settings.target.kind === "stdout" ? { ...settings, target: { kind: "off" } } : settings,
      env,
    );
    const { log } = opened;
    const limits = { timeoutMs, signal, clock };
    const probe = { ...limits, ...this.#identity(), onFault: connectionFaultsTo(log) };
    await this.#tell({ title: "Localhost Connectivity", steps: [await probeLocalhost(limits)] });
    for (const target of this.#targets()) await this.#testEdge(target, probe);
    if (this.#targets().length === 0) {
      const region = this.#config.region ?? "us";
      const edge = { dataDir: await embeddedDataDir(env), region, clock, log: innerLog(log.with({ obj: "edge" })) };
      await this.#tell({
        title: "Edge inside the agent (no server is configured)",
        steps: await probeEmbeddedEdge(edge, probe),
      });
    }
    if (tunnels.size > 0) {
      const steps = await probeUpstreams([...tunnels.values()], { ...limits, log });
      await this.#tell({ title: "Local services of the configured tunnels", steps });
    }
    return { groups: this.#groups, best: this.#best() };
  }

  #targets(): readonly Target[] {
    const { serverAddress, regions, region, isRegionMapped } = this.#config;
    if (this.#choice.isEveryRegion && regions.size > 0) {
      return [...regions.values()].map((address) => ({ serverAddress: address, region: undefined }));
    }
    return serverAddress === undefined ? [] : [{ serverAddress, region: isRegionMapped ? undefined : region }];
  }

  async #testEdge(target: Target, probe: SessionProbeOptions): Promise<void> {
    const { proxy, rootCas, connectInterface, dnsResolverIps, serverAddress } = this.#config;
    const isConfigured = target.serverAddress === serverAddress;
    const { steps, session } = await probeEdge({
      ...probe,
      ...target,
      // A proxy of the environment may be for one edge and not for another.
      proxy: isConfigured ? proxy : (proxy ?? environmentProxy(this.#context.env, target.serverAddress)),
      rootCas,
      connectInterface,
      dnsResolverIps,
      needsIpv6: this.#choice.needsIpv6,
    });
    if (session !== undefined) this.#sessions.push(session);
    const region = session?.region ?? target.region;
    await this.#tell({ title: edgeTitle({ serverAddress: target.serverAddress, region }), steps });
  }

  #identity(): Pick<SessionProbeOptions, "identity" | "heartbeat"> {
    const { authtoken = "", metadata, version, heartbeatIntervalMs, heartbeatToleranceMs } = this.#config;
    const configVersion = version === undefined ? "" : String(version);
    return {
      identity: { authtoken, version: PRODUCT_VERSION, metadata, configVersion, allowsRemoteManagement: false },
      heartbeat: { intervalMs: heartbeatIntervalMs, toleranceMs: heartbeatToleranceMs },
    };
  }

  #best(): Diagnosis["best"] {
    const measured = this.#sessions.flatMap(({ region, latencyMs }) =>
      latencyMs === undefined ? [] : [{ region, latencyMs }],
    );
    return measured.toSorted((one, other) => one.latencyMs - other.latencyMs)[0];
  }

  async #tell(group: StepGroup): Promise<void> {
    const { signal } = this.#context;
    // What was cut short says nothing about the way.
    if (signal.aborted) throw new UsageError(`The diagnosis was stopped by ${String(signal.reason)}.`);
    const { authtoken, apiKey, proxy } = this.#config;
    const clean = withoutSecrets(group, [authtoken, apiKey, proxy?.credentials?.password]);
    this.#groups.push(clean);
    await this.#context.print(groupText(clean));
  }
}
