import { AgentSession } from "../../net/agent-session.ts";
import type { Duplex } from "../../net/duplex.ts";
import { IdleWatch } from "../../net/idle-watch.ts";
import { MUX_ERRORS } from "../../protocol/mux/error-codes.ts";
import { AUTH } from "../../protocol/rpc/auth.ts";
import type { HeartbeatTiming } from "../../protocol/rpc/heartbeat-machine.ts";
import { type AgentIdentity, authRequest } from "../auth-request.ts";
import { withDeadline } from "./deadline.ts";
import type { StepLimits } from "./way.ts";

/** For the goodbye to leave. */
const GOODBYE_MS = 1_000;

/** The answer to Auth and the heartbeat are a step each. */
export interface SessionProbeOptions extends StepLimits {
  readonly identity: AgentIdentity;
  readonly heartbeat: HeartbeatTiming;
}

export interface SessionFacts {
  readonly region: string;
  readonly edgeVersion: string;
  /** Of one heartbeat; undefined when none came back in time. */
  readonly latencyMs: number | undefined;
}

/**
 * Opens a session without tunnels, measures a heartbeat, and says goodbye. The connection, behind TLS, is used up.
 * @throws RemoteError when the edge refuses it, SessionError or ProtocolError when something else answers, DialError when nothing does
 */
export async function probeSession(connection: Duplex, options: SessionProbeOptions): Promise<SessionFacts> {
  const { identity, heartbeat, timeoutMs, clock, onFault } = options;
  const [echoed, closed] = [Promise.withResolvers<number>(), Promise.withResolvers<void>()];
  const session = new AgentSession(
    connection,
    {
      answers: [],
      onProxy: (_header, stream) => stream.reset(MUX_ERRORS.streamRefused),
      onRoundTrip: echoed.resolve,
      onClose: () => closed.resolve(),
    },
    { clock, heartbeat, idleWatch: new IdleWatch(clock, onFault), onFault },
  );
  try {
    const auth = session.call(AUTH, authRequest(identity, heartbeat), timeoutMs);
    const { edge } = await withDeadline(auth, "session", options);
    const latencyMs = await withDeadline(echoed.promise, "heartbeat", options).catch(() => undefined);
    return { region: edge.region, edgeVersion: edge.version, latencyMs };
  } finally {
    session.close("diagnosed");
    await withDeadline(closed.promise, "goodbye", { ...options, timeoutMs: GOODBYE_MS }).catch(() =>
      connection.reset(),
    );
  }
}
