import { ERRORS } from "../base/error-catalogue.ts";
import type { HeartbeatTiming } from "../protocol/rpc/heartbeat-machine.ts";
import { type AuthReply, type AuthRequest, PROTOCOL_VERSIONS } from "../protocol/rpc/auth.ts";
import { START_TUNNEL_VERSION } from "../protocol/rpc/remote-tunnel.ts";
import { goPlatform } from "./go-platform.ts";

const REMOTE_MANAGEMENT_OFF = "this agent is not managed remotely";

/** What an agent tells an edge about itself. */
export interface AgentIdentity {
  /** Empty when there is none. A secret. */
  readonly authtoken: string;
  /** Ginnel's own. */
  readonly version: string;
  /** Free text for the management of the edge. */
  readonly metadata: string;
  /** Of the configuration file; empty without one. */
  readonly configVersion: string;
  /** Whether the edge may stop this agent, start it anew, and start tunnels here. */
  readonly allowsRemoteManagement: boolean;
  /** Why the agent cannot be started anew; absent: it can, or nobody may ask for it. */
  readonly restartObstacle?: string | undefined;
}

/** Which of an agent's sessions is asked for. */
export interface LegOfAgent {
  /** The last reply of the same agent, which it goes on from; undefined for none. */
  readonly former: AuthReply | undefined;
  /** From 0 on. */
  readonly number: number;
}

/** Auth of protocol.md section 5. */
export function authRequest(
  identity: AgentIdentity,
  heartbeat: HeartbeatTiming,
  { former, number }: LegOfAgent = { former: undefined, number: 0 },
): AuthRequest {
  const { authtoken, version, metadata, configVersion, allowsRemoteManagement, restartObstacle = "" } = identity;
  return {
    versions: PROTOCOL_VERSIONS,
    sessionId: former?.sessionId ?? "",
    agent: {
      ...goPlatform(process),
      authtoken,
      version,
      hostname: "",
      userAgent: `ginnel/${version}`,
      metadata,
      cookie: former?.edge.cookie ?? "",
      heartbeatIntervalMs: heartbeat.intervalMs,
      heartbeatToleranceMs: heartbeat.toleranceMs,
      updateUnsupported: allowsRemoteManagement ? ERRORS.ERR_GINNEL_NO_UPDATE.text() : REMOTE_MANAGEMENT_OFF,
      restartUnsupported: allowsRemoteManagement ? restartObstacle : REMOTE_MANAGEMENT_OFF,
      stopUnsupported: allowsRemoteManagement ? "" : REMOTE_MANAGEMENT_OFF,
      proxyType: "",
      mutualTls: false,
      serviceRun: false,
      configVersion,
      customInterface: false,
      customCas: false,
      clientType: "ginnel",
      legNumber: number,
      ginnel: { resetCodes: true, takesOver: false, startTunnelVersion: START_TUNNEL_VERSION },
    },
  };
}
