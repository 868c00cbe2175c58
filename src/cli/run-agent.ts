/** Runs an agent from its configuration to its end: the log, the edge that it talks to, its tunnels, and what people see. */
import { AgentAudience } from "../agent/agent-audience.ts";
import { Agent, AgentStopped } from "../agent/agent.ts";
import { type ConnectToEdge, networkEdgeConnector } from "../agent/edge-connector.ts";
import { RemoteTunnels } from "../agent/remote/remote-tunnels.ts";
import { refusalText } from "../agent/session-refusal.ts";
import { PRODUCT_VERSION } from "../base/product-version.ts";
import { type AgentConfig, definedTunnels } from "../config/agent-config.ts";
import type { LoadedAgentConfig } from "../config/config-loader.ts";
import type { TunnelDefinition } from "../model/tunnel-definition.ts";
import type { Duplex } from "../net/duplex.ts";
import { pipe } from "../net/pipe.ts";
import { RemoteError } from "../protocol/rpc/rpc-error.ts";
import { connectionFaultsTo, faultFacts } from "../telemetry/fault-facts.ts";
import {
  commandFailed,
  noConfigurationPaths,
  openedConfigFile,
  sessionClosing,
  terminatingWithError,
  usingDefaultConfig,
} from "../telemetry/log-messages.ts";
import { innerLog, type Logger } from "../telemetry/logger.ts";
import { agentScreen } from "./agent-screen.ts";
import { captureRing, openAgentWeb } from "./agent-web.ts";
import type { CommandContext } from "./command-context.ts";
import { visitorsWithinDescriptors } from "./descriptor-limit.ts";
import { embeddedDataDir, embeddedEdge } from "./embedded-edge.ts";
import { firstFault } from "./last-resort.ts";
import { openProcessLog } from "./process-log.ts";

export interface AgentRun {
  readonly loaded: LoadedAgentConfig;
  readonly definitions: readonly TunnelDefinition[];
  /** Warnings about the command line, for the log. */
  readonly deprecations: readonly string[];
}

/** Answers the exit code, of the next run when the edge tells the agent to begin anew; throws what ended the agent. */
export async function runAgent(run: AgentRun, context: CommandContext): Promise<number> {
  const end = await runToItsEnd(run, context);
  // Whoever wants it stopped has the last word.
  const again = end === "restart" && !context.signal.aborted ? context.rerun : undefined;
  return again === undefined ? 0 : again.run();
}

type AgentEnd = "stopped" | "restart";

async function runToItsEnd(
  { loaded, definitions, deprecations }: AgentRun,
  context: CommandContext,
): Promise<AgentEnd> {
  const { config } = loaded;
  await using opened = openProcessLog(config.log, context.env);
  const { log } = opened;
  tellConfiguration(loaded, log);
  for (const deprecation of deprecations) log.warn("deprecated flag", { flag: deprecation });
  using faults = firstFault(log, "a fault of ginnel ends the agent");
  try {
    const end = await serve(config, definitions, { ...context, log, fault: faults.fault });
    faults.rethrow();
    return end;
  } catch (error) {
    // Wrappers show their users the `err` of the last line, and search it for the code.
    commandFailed(log, error instanceof RemoteError ? refusalText(error) : error);
    throw error;
  }
}

async function serve(
  config: AgentConfig,
  definitions: readonly TunnelDefinition[],
  context: CommandContext & { readonly log: Logger; readonly fault: Promise<never> },
): Promise<AgentEnd> {
  const { clock, log, signal, fault, rerun } = context;
  const screen = agentScreen(config, context);
  await using way = await wayToEdge(config, context);
  const audience = new AgentAudience((cause) => log.error("fault in what listens to the agent", faultFacts(cause)));
  audience.add(screen);
  const ring = captureRing(config);
  const remote = new RemoteTunnels({
    own: [...definitions, ...definedTunnels(config)],
    webPort: () => web.port,
    clock,
    log,
  });
  const restartObstacle = (): string | undefined => (rerun === undefined ? "nothing could start it" : rerun.obstacle());
  const agent = new Agent({
    connect: way.connect,
    identity: {
      authtoken: config.authtoken ?? "",
      version: PRODUCT_VERSION,
      metadata: config.metadata,
      configVersion: config.version === undefined ? "" : String(config.version),
      allowsRemoteManagement: config.allowsRemoteManagement,
      restartObstacle: restartObstacle(),
    },
    heartbeat: { intervalMs: config.heartbeatIntervalMs, toleranceMs: config.heartbeatToleranceMs },
    region: config.isRegionMapped || config.serverAddress === undefined ? undefined : config.region,
    listener: audience,
    ...(ring === undefined ? {} : { capture: ring }),
    remote: {
      restartObstacle,
      startTunnel: (...call) => remote.startTunnel(...call),
      reach: (tunnel) => remote.reach(tunnel),
    },
    maxVisitors: visitorsWithinDescriptors(1),
    clock,
    log,
  });
  await using web = openAgentWeb({ agent, audience, ring, config, clock, log });
  for (const definition of definitions) web.refuse(definition);
  const stop = (): void => {
    void screen.leave();
    void agent.stop(String(signal.reason));
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    screen.show({ agent, ring, webUrl: () => web.url });
    await Promise.race([runUntilDone(), fault]);
    return agent.isToRestart ? "restart" : "stopped";
  } catch (error) {
    if (error instanceof AgentStopped) return agent.isToRestart ? "restart" : "stopped";
    if (error instanceof RemoteError && agent.status.state === "online") tellRefusedTunnel(error, log);
    // Without tunnels of its own it was started by a program that is about to call.
    if (definitions.length === 0) await web.farewell(signal);
    throw error;
  } finally {
    await screen.leave();
    await agent.stop();
  }
  async function runUntilDone(): Promise<void> {
    await agent.start(definitions);
    screen.started();
    await agent.done;
  }
}

/** The session is up, and ends because a tunnel that was asked for is none. */
function tellRefusedTunnel(refusal: RemoteError, log: Logger): void {
  sessionClosing(log, refusalText(refusal));
  terminatingWithError(log, refusalText(refusal));
}

/** How the agent gets to its edge, and what has to be ended behind it. */
interface WayToEdge extends AsyncDisposable {
  readonly connect: ConnectToEdge;
}

/** Without a server the edge runs in this process, joined by a pipe in place of a network. */
async function wayToEdge(
  config: AgentConfig,
  { clock, env, log }: CommandContext & { readonly log: Logger },
): Promise<WayToEdge> {
  const { serverAddress } = config;
  if (serverAddress !== undefined) {
    const connect = await networkEdgeConnector({ ...config, serverAddress, clock, onFault: connectionFaultsTo(log) });
    return { connect, [Symbol.asyncDispose]: async () => {} };
  }
  const edge = embeddedEdge({
    dataDir: await embeddedDataDir(env),
    region: config.region ?? "us",
    clock,
    log: innerLog(log.with({ obj: "edge" })),
  });
  const connect = (): Promise<Duplex> => {
    const [agentEnd, edgeEnd] = pipe({ remoteAddresses: ["<embedded edge>", "<this process>"] });
    edge.acceptAgent(edgeEnd);
    return Promise.resolve(agentEnd);
  };
  // Its only agent has gone, so there is nothing that a visitor could wait for.
  return { connect, [Symbol.asyncDispose]: () => edge.stop(AbortSignal.abort()) };
}

function tellConfiguration({ config, location }: LoadedAgentConfig, log: Logger): void {
  if (location.origin === "default") noConfigurationPaths(log);
  for (const file of config.files) {
    if (location.origin === "default") usingDefaultConfig(log, file);
    openedConfigFile(log, file);
  }
}
