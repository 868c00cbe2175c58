/** Starting tunnels for calls of the API: how every failure of the agent is told, and how long a caller waits. */
import { ProtocolError, UsageError } from "../../base/errors.ts";
import { refuseUnsupported, type TunnelDefinition } from "../../model/tunnel-definition.ts";
import { SessionError } from "../../net/session-error.ts";
import { RemoteError } from "../../protocol/rpc/rpc-error.ts";
import { AgentStopped } from "../agent.ts";
import { refusalText } from "../session-refusal.ts";
import { ApiProblem, NO_SESSION_YET, SESSION_NOT_READY } from "./api-problem.ts";
import type { ApiServices, ServedAgent } from "./api-services.ts";
import { invalidTunnel } from "./posted-tunnel.ts";
import type { RunningTunnel } from "./running-tunnel.ts";

/** Callers give up after 4 s (clients.md K-138). */
const START_LIMIT_MS = 3_500;

interface Starting extends Pick<ApiServices, "refuseTunnel" | "clock" | "log"> {
  readonly agent: Pick<ServedAgent, "startTunnel" | "stopTunnel"> & {
    readonly status: Pick<ServedAgent["status"], "state">;
  };
}

/**
 * Resolves once the edge has accepted it; of a pair to the https one. Without a session nothing is started, so that the name
 * stays free for the next try (clients.md K-126). Throws ApiProblem.
 */
export async function startTunnel(services: Starting, definition: TunnelDefinition): Promise<RunningTunnel> {
  refuseStart(services, definition);
  try {
    const [first] = await withinLimit(services, services.agent.startTunnel(definition));
    if (first !== undefined) return first;
  } catch (error) {
    throw problemOf(error);
  }
  throw new ApiProblem("startFailed", "the edge took the tunnel away at once");
}

/** What can be told before anything is started. Throws ApiProblem. */
export function refuseStart({ agent, refuseTunnel }: Starting, definition: TunnelDefinition): void {
  try {
    refuseUnsupported(definition);
    refuseTunnel(definition);
  } catch (error) {
    throw problemOf(error);
  }
  refuseWithoutSession(agent.status.state);
}

/** An agent that was refused for good, and is offline therefore, tells why it can start nothing. */
function refuseWithoutSession(state: ApiServices["agent"]["status"]["state"]): void {
  if (state === "reconnecting") throw new ApiProblem("startFailed", SESSION_NOT_READY);
  if (state === "connecting") throw new ApiProblem("notReady", NO_SESSION_YET);
}

/** What starts too late is stopped again: nobody knows of it. */
async function withinLimit(
  { agent, clock, log }: Starting,
  starting: Promise<readonly RunningTunnel[]>,
): Promise<readonly RunningTunnel[]> {
  const limit = Promise.withResolvers<"late">();
  const cancel = clock.after(START_LIMIT_MS, () => limit.resolve("late"));
  try {
    const outcome = await Promise.race([starting, limit.promise]);
    if (outcome !== "late") return outcome;
  } finally {
    cancel();
  }
  starting
    .then((late) => Promise.all(late.map(({ name }) => agent.stopTunnel(name))))
    .catch((err: unknown) => log.debug("tunnel not started, after its caller had left", { obj: "web", err }));
  throw new ApiProblem("startFailed", SESSION_NOT_READY);
}

function problemOf(error: unknown): unknown {
  if (error instanceof RemoteError) return new ApiProblem("startFailed", refusalText(error));
  if (error instanceof AgentStopped) return new ApiProblem("startFailed", "session closed");
  // Nonsense of the edge is no fault of ours.
  if (error instanceof SessionError || error instanceof ProtocolError)
    return new ApiProblem("startFailed", error.message);
  return error instanceof UsageError ? invalidTunnel(error) : error;
}
