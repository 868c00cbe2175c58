import type { TunnelDefinition } from "../../model/tunnel-definition.ts";
import type { JsonObject } from "../../protocol/rpc/wire-value.ts";
import type { SessionState } from "../session-driver.ts";
import type { Tunnel } from "../tunnel.ts";

/** The part of an agent that tunnels are started on. */
export interface RemotelyStarted {
  readonly status: { readonly state: SessionState };
  readonly tunnels: readonly Tunnel[];
  startTunnel(definition: TunnelDefinition): Promise<readonly Tunnel[]>;
  stopTunnel(name: string): Promise<boolean>;
}

/** What whoever runs an agent does for commands of its edge. Asked only where remote management is allowed. */
export interface RemoteControl {
  /** Why the program cannot be started anew; undefined: it can. */
  restartObstacle(): string | undefined;
  /** Starts what was asked for, once it was checked; the bind id. @throws PublicError when it was not started */
  startTunnel(agent: RemotelyStarted, definition: JsonObject): Promise<string>;
  /** Which addresses a tunnel may connect to; undefined: all. */
  reach(tunnel: TunnelDefinition): ((address: string) => boolean) | undefined;
}
