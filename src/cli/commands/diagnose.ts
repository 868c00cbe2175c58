/** `diagnose`: tests the way from here to the edge, or the edge inside, and to the local services, and says what to do. */
import { writeFile } from "node:fs/promises";
import { edgeTitle, probeEdge } from "../../agent/diagnosis/edge-probe.ts";
import { probeLocalhost } from "../../agent/diagnosis/localhost-probe.ts";
import type { SessionFacts, SessionProbeOptions } from "../../agent/diagnosis/session-probe.ts";
import { hasFailed, type StepGroup } from "../../agent/diagnosis/step.ts";
import { probeUpstreams } from "../../agent/diagnosis/upstream-probe.ts";
import { UsageError } from "../../base/errors.ts";
import type { HostPort } from "../../base/host-port.ts";
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import type { AgentConfig } from "../../config/agent-config.ts";
import { loadAgentConfig } from "../../config/config-loader.ts";
import { environmentProxy } from "../../protocol/outbound-proxy/environment-proxy.ts";
import { connectionFaultsTo } from "../../telemetry/fault-facts.ts";
import { innerLog } from "../../telemetry/logger.ts";
import { agentSettingsOf } from "../agent-settings-flags.ts";
import type { CommandContext } from "../command-context.ts";
import { type Diagnosis, groupText, verdictText, withoutSecrets } from "../diagnosis/diagnosis.ts";
import { diagnosisReport } from "../diagnosis/diagnosis-report.ts";
import { probeEmbeddedEdge } from "../diagnosis/embedded-edge-probe.ts";
import { embeddedDataDir } from "../embedded-edge.ts";
import type { Invocation } from "../invocation.ts";
import { openProcessLog } from "../process-log.ts";

const ALL_REGIONS = "all";

export async function run({ flags }: Invocation<"diagnose">, context: CommandContext): Promise<number> {
  const { region, ...others } = flags;
  const isEveryRegion = region === ALL_REGIONS;
  const { config } = await loadAgentConfig({
    configFlags: flags.config ?? [],
    environment: context.env,
    flags: agentSettingsOf(isEveryRegion ? others : flags),
  });
  const diagnosis = await new Diagnose(config, context, { isEveryRegion, needsIpv6: flags.ipv6 === true }).run();
  const wanted = flags["write-report"] ?? (isEveryRegion ? reportName(context) : undefined);
  if (wanted !== undefined) await writeReport(wanted, diagnosis, config, context);
  await context.print(verdictText(diagnosis));
  return hasFailed(diagnosis.groups) ? 1 : 0;
}

interface Choice {
  readonly isEveryRegion: boolean;
  readonly needsIpv6: boolean;
}

interface Target {
  readonly serverAddress: HostPort;
  /** That the edge has to report. */
  readonly region: string | undefined;
}

class Diagnose {
  readonly #config: AgentConfig;
  readonly #context: CommandContext;
  readonly #choice: Choice;
  readonly #groups: StepGroup[] = [];
  readonly #sessions: SessionFacts[] = [];

  constructor(config: AgentConfig, context: CommandContext, choice: Choice) {
    this.#config = config;
    this.#context = context;
    this.#choice = choice;
  }

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
    const { authtoken, apiKey, proxy } = this.#config;
    const clean = withoutSecrets(group, [authtoken, apiKey, proxy?.credentials?.password]);
    this.#groups.push(clean);
    await this.#context.print(groupText(clean));
  }
}

function reportName({ program, clock }: CommandContext): string {
  const time = clock
    .date()
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, "");
  return `${program}-diagnose-${time}.json`;
}

async function writeReport(
  path: string,
  diagnosis: Diagnosis,
  config: AgentConfig,
  { clock, print }: CommandContext,
): Promise<void> {
  const text = diagnosisReport(diagnosis, config, {
    at: clock.date(),
    platform: `${process.platform} ${process.arch}`,
  });
  await writeFile(path, text, { mode: 0o600 }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot write the report to '${path}': ${reason}; give another path`, { cause: error });
  });
  await print(`Report written to ${path}\n`);
}
