import type { Clock } from "../../base/clock.ts";
import type { PortRange } from "../../model/port-range.ts";
import type { TunnelSession } from "../../model/records/tunnel-session.ts";
import type { OwnNames } from "../../model/reservations.ts";
import type { Store } from "../../store/store.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** What can be asked of an agent that is online, wherever in the cluster its session is. */
export interface AgentCommands {
  /** @throws PublicError when the agent takes no such commands, refuses, or cannot be reached */
  stop(session: TunnelSession): Promise<void>;
  /** @throws PublicError as {@link stop} */
  restart(session: TunnelSession): Promise<void>;
  /** `version` is empty for the newest. @throws PublicError as {@link stop} */
  update(session: TunnelSession, version: string): Promise<void>;
}

/** What the management API works with. */
export interface ManagementServices {
  readonly store: Store;
  readonly agents: AgentCommands;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where callers reach it, without a slash at the end: `https://api.example.com`. Every `uri` begins with it. */
  readonly baseUrl: string;
  readonly names: OwnNames;
  /** Codes of the regions there are. */
  readonly regions: readonly string[];
  /** Where TCP endpoints are; `undefined` when the edge has none. */
  readonly tcp: { readonly host: string; readonly ports: PortRange } | undefined;
  /** Web origins whose pages may call; compared as browsers write them. */
  readonly allowedOrigins: readonly string[];
}
