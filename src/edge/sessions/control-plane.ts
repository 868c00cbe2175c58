import type { Duplex } from "../../net/duplex.ts";
import type { AuthRequest } from "../../protocol/rpc/auth.ts";
import type { BindReply, BindRequest } from "../../protocol/rpc/bind.ts";
import type { AgentIdentity, BoundLeg } from "../binding/binder.ts";
import type { RegisteredLeg } from "./agent-registry.ts";
import type { CommandedLeg } from "./leg-commands.ts";

/** All that is asked of a session by who decides about it. */
export interface ControlledLeg extends RegisteredLeg, BoundLeg, CommandedLeg {
  readonly id: string;
  /** For a visitor in another process: a stream to the agent that begins with these bytes; as {@link Leg.openProxy}. */
  openRelayed(first: Uint8Array): Duplex | undefined;
}

/** Who decides about agents: which may come in, and what they serve. In this process, or in another one of the edge. */
export interface ControlPlane<L extends ControlledLeg = ControlledLeg> {
  /** A connection that may become an agent's session. */
  onConnected(leg: L): void;
  /**
   * Who the agent is.
   * @throws PublicError or RemoteError when it may not come in, ProtocolError when it has gone meanwhile
   */
  admit(leg: L, request: AuthRequest): Promise<AgentIdentity>;
  /** Of an agent that was let in. @throws PublicError or RemoteError with the code that the agent shows to its user */
  bind(leg: L, agent: AgentIdentity, request: BindRequest): Promise<BindReply>;
  /** The answer to a bind that was made has been written to the session; the bind may have ended meanwhile. */
  onAnswered(leg: L, agent: AgentIdentity, bindId: string): void;
  /** The URL that is offline now; `undefined` when there was no such bind, which is no error. */
  unbind(leg: L, agent: AgentIdentity, bindId: string): Promise<string | undefined>;
  /** The session is over. Once for each that was connected. */
  onEnded(leg: L): void;
}
