/** Sessions with a clock that the test moves, and handlers that remember. */
import { AGENT_HEARTBEAT, AgentSession } from "../../src/net/agent-session.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { EdgeSession } from "../../src/net/edge-session.ts";
import { IdleWatch } from "../../src/net/idle-watch.ts";
import type { Answer } from "../../src/net/rpc-answer.ts";
import type { SessionEnd } from "../../src/net/session.ts";
import { AUTH, type AuthReply, type AuthRequest } from "../../src/protocol/rpc/auth.ts";
import type { ProxyHeader } from "../../src/protocol/rpc/proxy-header.ts";
import { ManualClock } from "./manual-clock.ts";
import { RecordingListener } from "./recording-listener.ts";

/** What agents of these tests say in Auth. */
export const AUTH_REQUEST: AuthRequest = AUTH.request.schema.parse({
  Version: ["3"],
  Extra: {
    Authtoken: "made-up-authtoken",
    ClientType: "ginnel",
    UserAgent: "ginnel/0.1.0",
    HeartbeatInterval: AGENT_HEARTBEAT.intervalMs * 1e6,
    HeartbeatTolerance: AGENT_HEARTBEAT.toleranceMs * 1e6,
  },
});

export const AUTH_REPLY: AuthReply = AUTH.reply.schema.parse({
  Version: "3",
  ClientId: "ts_1",
  Extra: { Region: "x" },
});

class PlayedSide {
  readonly clock: ManualClock;
  readonly faults: unknown[] = [];
  readonly roundTripsMs: number[] = [];
  readonly ends: SessionEnd[] = [];
  readonly services;

  constructor(clock: ManualClock) {
    this.clock = clock;
    const onFault = (fault: unknown): void => void this.faults.push(fault);
    this.services = { clock, idleWatch: new IdleWatch(clock, onFault), onFault };
  }

  onRoundTrip(roundTripMs: number): void {
    this.roundTripsMs.push(roundTripMs);
  }

  onClose(end: SessionEnd): void {
    this.ends.push(end);
  }
}

export class PlayedAgent extends PlayedSide {
  readonly session: AgentSession;
  readonly answers: readonly Answer[];
  readonly proxies: {
    readonly header: ProxyHeader;
    readonly payload: string;
    readonly stream: Duplex;
    readonly heard: RecordingListener;
  }[] = [];

  constructor(duplex: Duplex, answers: readonly Answer[] = [], clock: ManualClock = new ManualClock()) {
    super(clock);
    this.answers = answers;
    this.session = new AgentSession(duplex, this, { ...this.services, heartbeat: AGENT_HEARTBEAT });
  }

  onProxy(header: ProxyHeader, stream: Duplex, payload: Uint8Array): void {
    const heard = new RecordingListener(stream);
    this.proxies.push({ header, payload: Buffer.from(payload).toString("latin1"), stream, heard });
  }
}

export class PlayedEdge extends PlayedSide {
  readonly session: EdgeSession;
  readonly answers: readonly Answer[];
  readonly authRequests: AuthRequest[] = [];
  /** What Auth comes to. */
  authenticate = (_request: AuthRequest): Promise<AuthReply> => Promise.resolve(AUTH_REPLY);

  constructor(duplex: Duplex, answers: readonly Answer[] = [], clock: ManualClock = new ManualClock()) {
    super(clock);
    this.answers = answers;
    this.session = new EdgeSession(duplex, this, this.services);
  }

  onAuth(request: AuthRequest): Promise<AuthReply> {
    this.authRequests.push(request);
    return this.authenticate(request);
  }
}
