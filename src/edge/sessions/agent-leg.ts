/** One session of an agent, as the edge sees it: lets the agent in, answers its calls, carries its visitors. */
import type { ErrorCode } from "../../base/error-catalogue.ts";
import { ProtocolError, PublicError } from "../../base/errors.ts";
import { newId } from "../../base/record-id.ts";
import type { LiveEndpoint } from "../../model/records/live-endpoint.ts";
import type { Duplex } from "../../net/duplex.ts";
import { EdgeSession } from "../../net/edge-session.ts";
import { answer } from "../../net/rpc-answer.ts";
import type { SessionEnd, SessionServices } from "../../net/session.ts";
import {
  PATCH_TUNNEL_STATE,
  type PatchTunnelRequest,
  SRV_INFO,
  START_TUNNEL_WITH_LABEL,
  UNBIND,
} from "../../protocol/rpc/agent-calls.ts";
import { type AgentFacts, type AuthReply, type AuthRequest, PROTOCOL_VERSIONS } from "../../protocol/rpc/auth.ts";
import { BIND, type BindReply, type BindRequest } from "../../protocol/rpc/bind.ts";
import { STOP_TUNNEL } from "../../protocol/rpc/edge-commands.ts";
import { agentTraits } from "../../protocol/rpc/foreign-agents.ts";
import type { ProxyHeaderEncoder } from "../../protocol/rpc/proxy-header.ts";
import type { RpcCall } from "../../protocol/rpc/rpc-call.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { AgentIdentity, Binder, BoundLeg } from "../binding/binder.ts";
import { shownUpstream } from "../binding/shown-upstream.ts";
import type { AccountPaces } from "../pacing/account-paces.ts";
import { ipOf } from "../visitors/visitor-ip.ts";
import type { AgentRegistry } from "./agent-registry.ts";
import type { AgentAbilities, CommandedLeg } from "./leg-commands.ts";
import { liveEndpointOf } from "./live-endpoint-of.ts";
import type { OnlineReport } from "./online-report.ts";
import { SilenceWatch } from "./silence-watch.ts";

/** How long an agent has to answer when somebody else wants its name. */
const ALIVE_WITHIN_MS = 2_000;

/** As published (reference.md 8.3). */
const TRANSPORT = "ngrok/2";

export interface AgentLegServices {
  readonly registry: AgentRegistry<AgentLeg>;
  readonly binder: Binder;
  readonly region: string;
  /** Shown to the agent. */
  readonly edgeVersion: string;
  /** Open streams, beyond the limit of the kind of agent. */
  readonly maxStreams: number;
  /** Absent: no account has a limit of bytes per second. */
  readonly paces?: AccountPaces | undefined;
  /** Hears the code of each refusal: to let the agent in, or to bind. */
  readonly onRefused?: ((code: ErrorCode) => void) | undefined;
  /** Absent: nobody keeps records of who is online. */
  readonly online?: { readonly report: OnlineReport; readonly nodeId: string } | undefined;
  readonly session: SessionServices;
  readonly log: Logger;
}

export class AgentLeg implements BoundLeg, CommandedLeg {
  readonly remoteAddress: string;
  readonly #services: AgentLegServices;
  readonly #session: EdgeSession;
  readonly #silence: SilenceWatch;
  #log: Logger;
  #agent: AgentIdentity | undefined;
  #number = 0;
  /** `ts_…`; of its record too. */
  readonly id: string;
  #abilities: AgentAbilities = NO_ABILITIES;

  /** Owns the connection, behind TLS; `initial` was read from it before. */
  constructor(connection: Duplex, initial: Uint8Array, services: AgentLegServices) {
    this.#services = services;
    this.remoteAddress = connection.remoteAddress;
    this.id = newId("ts", services.session.clock.date());
    this.#log = services.log.with({ obj: "session", agent: connection.remoteAddress });
    this.#session = new EdgeSession(
      connection,
      {
        onAuth: (request) => this.#notingRefusal(this.#onAuth(request)),
        answers: [
          answer(SRV_INFO, () => Promise.resolve({ region: services.region })),
          answer(BIND, (request) => this.#notingRefusal(this.#onBind(request))),
          answer(UNBIND, ({ bindId }) => Promise.resolve(this.#onUnbind(bindId))),
          answer(PATCH_TUNNEL_STATE, (request) => Promise.resolve(refuseLargerChanges(request))),
          answer(START_TUNNEL_WITH_LABEL, () => Promise.reject(notSupported("labelled tunnels"))),
        ],
        onRoundTrip: () => {},
        onClose: (end) => this.#onClose(end),
      },
      { ...services.session, initial },
    );
    this.#silence = new SilenceWatch(this.#session, services.session.clock, () =>
      this.#log.warn("agent does not answer, others of its pools go first"),
    );
  }

  get agent(): AgentIdentity | undefined {
    return this.#agent;
  }

  get number(): number {
    return this.#number;
  }

  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  get isCurrent(): boolean {
    return this.#services.registry.isCurrent(this);
  }

  get openStreams(): number {
    return this.#session.streamsOpen;
  }

  get isSilent(): boolean {
    return this.#silence.isSilent;
  }

  expectWord(): void {
    this.#silence.expectWord();
  }

  openProxy(header: ProxyHeaderEncoder, visitorAddress: string, first?: Uint8Array): Duplex | undefined {
    if (this.openStreams >= this.#services.maxStreams) return undefined;
    const stream = this.#session.openProxy(header, visitorAddress, first);
    const { paces } = this.#services;
    if (stream === undefined || paces === undefined || this.#agent === undefined) return stream;
    return paces.paced(this.#agent.accountId, stream, first?.length);
  }

  /** None until the agent was let in. */
  get abilities(): AgentAbilities {
    return this.#abilities;
  }

  /** See {@link EdgeSession.call}. */
  call<Request, Reply>(call: RpcCall<Request, Reply>, request: Request, timeoutMs: number): Promise<Reply> {
    return this.#session.call(call, request, timeoutMs);
  }

  liveEndpoint(bindId: string): LiveEndpoint | undefined {
    const endpoint = this.#agent && this.#services.binder.find(this.#agent, bindId);
    return endpoint && this.#services.online?.report.endpoint(endpoint.facts.id);
  }

  async isAlive(): Promise<boolean> {
    return this.#session.isOpen && (await this.#session.isAlive(ALIVE_WITHIN_MS));
  }

  dropBind(bindId: string, { message, code }: PublicError): void {
    this.#session.notify(STOP_TUNNEL, { bindId, message, errorCode: code });
  }

  /** Says goodbye. The agent's endpoints on this leg go offline. */
  close(reason: string): void {
    this.#session.close(reason);
  }

  async #notingRefusal<R>(answered: Promise<R>): Promise<R> {
    try {
      return await answered;
    } catch (error) {
      if (error instanceof PublicError) this.#services.onRefused?.(error.code);
      throw error;
    }
  }

  async #onAuth(request: AuthRequest): Promise<AuthReply> {
    const { registry, region, edgeVersion } = this.#services;
    const admitted = await registry.admit(this, request);
    this.#agent = admitted;
    this.#number = request.agent.legNumber;
    this.#abilities = abilitiesOf(request.agent);
    this.#log = this.#log.with({ client: admitted.clientId });
    this.#log.info("agent session established", {
      version: request.agent.version,
      type: request.agent.clientType || request.agent.userAgent,
      leg: this.#number,
    });
    this.#reportSession(admitted, request);
    return {
      version: PROTOCOL_VERSIONS[0] ?? "",
      sessionId: admitted.clientId,
      edge: {
        version: edgeVersion,
        region,
        cookie: request.agent.cookie || admitted.clientId,
        accountName: "",
        planName: "",
        banner: "",
        sessionDurationSeconds: 0,
        deprecationWarning: undefined,
        connectAddresses: undefined,
        agentSessionId: this.id,
        ginnel: { resetCodes: true },
      },
    };
  }

  async #onBind(request: BindRequest): Promise<BindReply> {
    const { binder, registry, session } = this.#services;
    const agent = this.#admitted();
    // What is bound already, over another leg, is not read again.
    const isKnown = binder.find(agent, request.bindId) !== undefined;
    registry.bindPace.take(agent.accountId, isKnown ? 0 : policyCharacters(request), session.clock.nowMs());
    const reply = await binder.bind(agent, this, request);
    this.#log.info("endpoint online", { url: reply.url, forwards_to: shownUpstream(request.forwardsTo) });
    registry.onBound(this);
    this.#reportEndpoint(reply.bindId, request);
    return reply;
  }

  #onUnbind(bindId: string): Record<string, never> {
    const endpoint = this.#services.binder.unbind(this.#admitted(), bindId);
    if (endpoint === undefined) return {};
    this.#log.info("endpoint offline", { url: endpoint.facts.url });
    this.#services.online?.report.endpointEnded(endpoint.facts.id);
    return {};
  }

  #reportSession({ accountId, credentialId }: AgentIdentity, { agent }: AuthRequest): void {
    const { online, region, session } = this.#services;
    online?.report.sessionStarted({
      id: this.id,
      accountId,
      credentialId,
      nodeId: online.nodeId,
      agentVersion: agent.version,
      os: agent.os,
      ip: ipOf(this.remoteAddress),
      metadata: agent.metadata,
      region,
      startedAt: session.clock.date(),
      transport: TRANSPORT,
    });
  }

  #reportEndpoint(bindId: string, request: BindRequest): void {
    const { binder, online, region, session } = this.#services;
    const endpoint = online && binder.find(this.#admitted(), bindId);
    // It may have been taken away again, or the session have ended, just behind the reply.
    if (endpoint === undefined || !endpoint.legs.includes(this)) return;
    const where = { sessionId: this.id, nodeId: online?.nodeId ?? "", region, startedAt: session.clock.date() };
    online?.report.endpointStarted(liveEndpointOf(endpoint.facts, request, where));
  }

  /** Calls other than Auth and SrvInfo come from agents that were let in only. */
  #admitted(): AgentIdentity {
    if (this.#agent === undefined) throw new ProtocolError("This call comes after Auth.");
    return this.#agent;
  }

  #onClose(end: SessionEnd): void {
    const { binder, registry } = this.#services;
    this.#silence.stop();
    try {
      if (this.#agent !== undefined) binder.legEnded(this.#agent, this);
    } finally {
      // Nothing else takes it out of the count.
      registry.onEnded(this);
    }
    if (this.#agent !== undefined) {
      this.#services.online?.report.sessionEnded(this.id);
      this.#log.info("agent session ended", { reason: end.type });
    } else this.#log.debug("connection of an agent ended before it was let in", { reason: end.type });
  }
}

const NO_ABILITIES: AgentAbilities = {
  stopUnsupported: "",
  restartUnsupported: "",
  updateUnsupported: "",
  startTunnelVersion: 0,
  answersAll: false,
};

function abilitiesOf(agent: AgentFacts): AgentAbilities {
  const { stopUnsupported, restartUnsupported, updateUnsupported, ginnel } = agent;
  return {
    stopUnsupported,
    restartUnsupported,
    updateUnsupported,
    startTunnelVersion: ginnel?.startTunnelVersion ?? 0,
    answersAll: agentTraits(agent).answersUnsupportedCommands,
  };
}

/** A new name, description or metadata is accepted, but what the bind said stays on record; the others would change what visitors get. */
function refuseLargerChanges(request: PatchTunnelRequest): Record<string, never> {
  if (request.poolingEnabled === true) throw notSupported("endpoint pooling");
  if (request.trafficPolicy !== undefined && request.trafficPolicy !== "") throw notSupported("a traffic policy");
  return {};
}

function notSupported(setting: string): PublicError {
  return new PublicError("ERR_GINNEL_UNSUPPORTED", { setting });
}

function policyCharacters({ options }: BindRequest): number {
  return options.trafficPolicy.length;
}
