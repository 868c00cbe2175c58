import type { LiveEndpoint } from "../../model/records/live-endpoint.ts";
import type { TunnelSession } from "../../model/records/tunnel-session.ts";
import type { JsonObject } from "../../protocol/rpc/wire-value.ts";

/**
 * What can be asked of an agent that is online, over the session of this record and no other. What is told twice is done once or twice, as
 * the agent sees fit.
 */
export interface AgentCommands {
  /** @throws PublicError when the agent takes no such commands, refuses, or gives no answer */
  stop(session: TunnelSession): Promise<void>;
  /** @throws PublicError as {@link stop} */
  restart(session: TunnelSession): Promise<void>;
  /** `version` is empty for the newest. @throws PublicError as {@link stop} */
  update(session: TunnelSession, version: string): Promise<void>;
  /**
   * A tunnel of these fields, which are those of the agent API (reference.md 3.2); its endpoint once it is online, of a pair the https one.
   * @throws PublicError as {@link stop}, and for a definition that is too large
   */
  startTunnel(session: TunnelSession, definition: JsonObject): Promise<LiveEndpoint>;
  /** Ids of sessions over which tunnels of the account can be started now, one for each agent. */
  tunnelTakers(accountId: string): Promise<readonly string[]>;
}
