/**
 * The agent: holds sessions with one edge, asks it for the public endpoints of its tunnels, and forwards the visitors that
 * come. This folder knows what a tunnel is and how to serve it; it knows no command line, no file of settings and no edge
 * from within: whoever builds an agent says how to connect to one.
 */
import type { Clock } from "../base/clock.ts";
import { PublicError, type UsageError } from "../base/errors.ts";
import type { ExchangeRing } from "../capture/exchange-ring.ts";
import { DialAttempts } from "../net/dial-attempts.ts";
import type { TunnelDefinition } from "../model/tunnel-definition.ts";
import type { HeartbeatTiming } from "../protocol/rpc/heartbeat-machine.ts";
import { TapQueue } from "./forwarder/tap-queue.ts";
import { RemoteError } from "../protocol/rpc/rpc-error.ts";
import type { JsonObject } from "../protocol/rpc/wire-value.ts";
import { receivedStopRequest, terminatingWithError } from "../telemetry/log-messages.ts";
import type { Logger } from "../telemetry/logger.ts";
import { TrafficMeters } from "../telemetry/traffic-meters.ts";
import { AgentLegs } from "./agent-legs.ts";
import type { AgentIdentity } from "./auth-request.ts";
import type { ConnectToEdge } from "./edge-connector.ts";
import { edgeGreeting, type EdgeGreeting } from "./edge-greeting.ts";
import type { Visitor } from "./forwarder/forwarder.ts";
import { holdStream } from "./forwarder/held-stream.ts";
import { refuseUnknownBind } from "./forwarder/unknown-bind.ts";
import { remoteCommands } from "./remote/remote-commands.ts";
import type { RemoteControl } from "./remote/remote-control.ts";
import type { LegStatus, SessionState } from "./session-driver.ts";
import { SessionGate } from "./session-gate.ts";
import { refusalText } from "./session-refusal.ts";
import { type PreparedTunnel, TunnelBinder } from "./tunnel-binder.ts";
import type { Tunnel } from "./tunnel.ts";
import { TunnelSet } from "./tunnel-set.ts";

/** For giving the endpoints back and saying goodbye, together (clients.md K-036). */
const STOP_TIMEOUT_MS = 1_000;

export interface AgentListener {
  /** `status` has changed, but for its latency. */
  onStatus(): void;
  /** It is online; told again when a new session gave it another URL. */
  onTunnelStarted(tunnel: Tunnel): void;
  /** `reason`: why the edge took the endpoint away; undefined when the tunnel was stopped here. */
  onTunnelStopped(tunnel: Tunnel, reason: string | undefined): void;
}

export interface AgentOptions {
  /** Over the network, or to an edge in the same process. */
  readonly connect: ConnectToEdge;
  readonly identity: AgentIdentity;
  readonly heartbeat: HeartbeatTiming;
  /** The region that the edge must report; undefined for any. */
  readonly region: string | undefined;
  readonly listener?: AgentListener;
  /** Keeps the exchanges of tunnels that may be inspected. Absent: nothing is captured. */
  readonly capture?: ExchangeRing | undefined;
  /** What the edge may tell the agent beyond stopping, if it may tell it anything. Absent: nothing. */
  readonly remote?: RemoteControl | undefined;
  /**
   * Visitors at a time: beyond it their upstream is not dialled, and they are told so. A process without a free descriptor could
   * neither dial its edge again nor rest: the runtime asks the kernel for the next caller of a port without end.
   */
  readonly maxVisitors?: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1), for jitter. */
  readonly random?: () => number;
}

/** Of the visitors that there may be, those whose connection to one upstream is only coming about. */
const SHARE_BEING_DIALLED = 1 / 4;
/** Where that is less: so many may come to a good upstream in one moment. */
const MIN_BEING_DIALLED = 512;

export interface AgentStatus {
  /** Online while any leg is: visitors are served, and tunnels can be started. */
  readonly state: SessionState;
  /** Why it is not online, after a failure. */
  readonly reason: string | undefined;
  /** What the edge reports; empty before the first session. */
  readonly region: string;
  /** Undefined until it was measured. */
  readonly latencyMs: number | undefined;
}

/** The agent was stopped before what was asked of it was done. */
export class AgentStopped extends Error {
  override readonly name = "AgentStopped";
}

export class Agent {
  /** Of all tunnels together, also those that have stopped. */
  readonly metrics: TrafficMeters;
  readonly #options: AgentOptions;
  readonly #startedMs: number;
  readonly #sessions = new SessionGate();
  readonly #tunnels = new TunnelSet();
  readonly #binder: TunnelBinder;
  readonly #legs: AgentLegs;
  readonly #done = Promise.withResolvers<void>();
  #stopping: Promise<void> | undefined;
  /** The edge told it to, and will hear so first. */
  #isEnding = false;
  #isToRestart = false;

  /** Dials nothing yet. */
  constructor(options: AgentOptions) {
    this.#options = options;
    const { clock, identity, remote, maxVisitors = Infinity, log, random = Math.random } = options;
    this.#startedMs = clock.nowMs();
    const attempts = new DialAttempts();
    this.metrics = new TrafficMeters(this.#startedMs);
    this.#binder = new TunnelBinder(this.#sessions, this.#tunnels, {
      ...options,
      metrics: this.metrics,
      onMoved: (tunnel) => options.listener?.onTunnelStarted(tunnel),
      reach: (tunnel) => remote?.reach(tunnel),
      // The stream of the one who comes is open already.
      hasRoom: () => this.legs.reduce((open, leg) => open + leg.streamsOpen, attempts.abandoned) <= maxVisitors,
      dials: { attempts, maxAttempts: Math.max(maxVisitors * SHARE_BEING_DIALLED, MIN_BEING_DIALLED) },
      taps: new TapQueue(options.clock),
    });
    const answers = remoteCommands({
      allowsRemoteManagement: identity.allowsRemoteManagement,
      log,
      onStop: () => this.#endBehindReply("remote"),
      onRestart: () => this.#onRestart(),
      onStartTunnel: (definition) => startedRemotely(this, remote, definition),
      onStopTunnel: ({ bindId, message }) => this.#onStopTunnel(bindId, message),
    });
    this.#legs = new AgentLegs(
      { ...options, random },
      {
        answers,
        onSession: (session, leg) => {
          // What was given back must not come again.
          if (this.#stopping !== undefined) return;
          this.#sessions.opened(session, leg);
          void this.#binder.rebindAll(session);
        },
        onVisitor: (visitor) => this.#onVisitor(visitor),
        onState: () => options.listener?.onStatus(),
        onRefused: (refusal) => this.#onRefused(refusal),
      },
    );
    // It is told to those who wait for it; nobody has to.
    this.#done.promise.catch(() => {});
  }

  /** Resolves when the agent was stopped; rejects with RemoteError or UsageError when the edge refuses it for good. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  get status(): AgentStatus {
    const { state, reason, latencyMs, region } = this.#legs.best;
    return { state, reason, latencyMs, region };
  }

  /** It was stopped in order to begin anew: whoever runs it starts the program again. */
  get isToRestart(): boolean {
    return this.#isToRestart;
  }

  /** Of the last session's edge. */
  get greeting(): EdgeGreeting {
    return edgeGreeting(this.#legs.edge, this.#legs.heldMs);
  }

  /** The sessions that the agent keeps up, in whatever state they are, by number. */
  get legs(): readonly LegStatus[] {
    return this.#legs.all;
  }

  /** Since the agent was built. */
  get uptimeMs(): number {
    return this.#options.clock.nowMs() - this.#startedMs;
  }

  /** By name; each half of a pair has its own entry. */
  get tunnels(): readonly Tunnel[] {
    return this.#tunnels.started;
  }

  /**
   * Begins to dial and starts these tunnels, one after the other, once there is a session. Files are read before anything is
   * dialled. What was started stays when a later one fails.
   * @throws UsageError, RemoteError (refused by the edge), AgentStopped, or what `done` rejects with
   */
  async start(definitions: readonly TunnelDefinition[]): Promise<readonly Tunnel[]> {
    const waiting: PreparedTunnel[] = [];
    try {
      for (const definition of definitions) waiting.push(await this.#binder.prepare(definition));
      this.#legs.start();
      const started: Tunnel[] = [];
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        started.push(...(await this.#run(next)));
      }
      return started;
    } catch (error) {
      for (const prepared of waiting) this.#binder.discard(prepared);
      throw error;
    }
  }

  /** One more tunnel; waits for a session when there is none. Of a pair the https one comes first. Throws as {@link start}. */
  async startTunnel(definition: TunnelDefinition): Promise<readonly Tunnel[]> {
    return await this.#run(await this.#binder.prepare(definition));
  }

  /** Stops the tunnel of this name and gives its endpoint back; its visitors go on. False when there is none. */
  async stopTunnel(name: string): Promise<boolean> {
    const tunnel = this.#tunnels.named(name);
    if (tunnel === undefined) return false;
    this.#remove(tunnel, undefined);
    await this.#binder.unbind(tunnel);
    return true;
  }

  /**
   * Gives all endpoints back and says goodbye, in a second at most. `reason` is for the log: a signal, a call; none when the
   * agent ends by itself.
   */
  stop(reason?: string): Promise<void> {
    this.#stopping ??= this.#stop(reason);
    return this.#stopping;
  }

  async #stop(reason: string | undefined): Promise<void> {
    if (reason !== undefined) receivedStopRequest(this.#options.log, reason);
    this.#sessions.failed(new AgentStopped("the agent was stopped"));
    const timeout = Promise.withResolvers<void>();
    const cancelTimeout = this.#options.clock.after(STOP_TIMEOUT_MS, timeout.resolve);
    const givenBack = Promise.all(this.#tunnels.bound.map((tunnel) => this.#binder.unbind(tunnel)));
    await Promise.race([timeout.promise, givenBack]);
    await Promise.race([timeout.promise, this.#legs.stop()]);
    cancelTimeout();
    this.#done.resolve();
  }

  async #run(prepared: PreparedTunnel): Promise<readonly Tunnel[]> {
    const started = await this.#binder.bindAll(prepared);
    for (const tunnel of started) this.#options.listener?.onTunnelStarted(tunnel);
    return started;
  }

  #onRestart(): void {
    const { remote } = this.#options;
    const reason = remote === undefined ? "nobody would start it" : remote.restartObstacle();
    if (reason !== undefined) throw new PublicError("ERR_GINNEL_NO_RESTART", { reason });
    this.#endBehindReply("remote restart", true);
  }

  /** A command is answered over the session that it ends. Of several commands the first counts. */
  #endBehindReply(reason: string, isToRestart = false): void {
    if (this.#isEnding || this.#stopping !== undefined) return;
    this.#isEnding = true;
    this.#isToRestart = isToRestart;
    setImmediate(() => void this.stop(reason));
  }

  #onVisitor(visitor: Visitor): void {
    const { bindId } = visitor.header;
    const tunnel = this.#tunnels.ofBind(bindId);
    if (tunnel !== undefined) return tunnel.forwarder.forward(visitor, tunnel);
    // A visitor may come in one piece with the reply that tells us the id, which is looked at a moment later.
    holdStream(visitor.stream);
    setImmediate(() => {
      const late = this.#tunnels.ofBind(bindId);
      if (late === undefined) refuseUnknownBind(visitor);
      else late.forwarder.forward(visitor, late);
    });
  }

  #onStopTunnel(bindId: string, message: string): void {
    const tunnel = this.#tunnels.ofBind(bindId);
    if (tunnel === undefined) return;
    const { name, publicUrl: url } = tunnel;
    this.#options.log.warn("tunnel stopped by the edge", { obj: "tunnels", name, err: message, url });
    this.#remove(tunnel, message);
  }

  #remove(tunnel: Tunnel, reason: string | undefined): void {
    this.#tunnels.remove(tunnel);
    this.#options.listener?.onTunnelStopped(tunnel, reason);
  }

  #onRefused(refusal: RemoteError | UsageError): void {
    terminatingWithError(this.#options.log, refusal instanceof RemoteError ? refusalText(refusal) : refusal);
    this.#sessions.failed(refusal);
    this.#done.reject(refusal);
  }
}

function startedRemotely(agent: Agent, remote: RemoteControl | undefined, definition: JsonObject): Promise<string> {
  if (remote === undefined) throw new PublicError("ERR_GINNEL_REMOTE_TUNNEL", { reason: "nobody can start it here" });
  return remote.startTunnel(agent, definition);
}
