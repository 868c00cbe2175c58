/** One session of an agent, as the edge sees it: lets the agent in, answers its calls, carries its visitors. */
import { ProtocolError, PublicError } from "../../base/errors.ts";
import { newId } from "../../base/record-id.ts";
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
import { type AuthReply, type AuthRequest, PROTOCOL_VERSIONS } from "../../protocol/rpc/auth.ts";
import { BIND, type BindReply, type BindRequest } from "../../protocol/rpc/bind.ts";
import { STOP_TUNNEL } from "../../protocol/rpc/edge-commands.ts";
import type { ProxyHeaderEncoder } from "../../protocol/rpc/proxy-header.ts";
import type { RpcCall } from "../../protocol/rpc/rpc-call.ts";
import { RemoteError } from "../../protocol/rpc/rpc-error.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { AgentIdentity } from "../binding/binder.ts";
import type { Arriving } from "../open-visitors.ts";
import type { Arrivals } from "../arrivals.ts";
import { shownUpstream } from "../binding/shown-upstream.ts";
import type { AccountPaces } from "../pacing/account-paces.ts";
import type { ControlledLeg, ControlPlane } from "./control-plane.ts";
import { abilitiesOf, NO_ABILITIES } from "./agent-abilities.ts";
import { MAX_LEGS } from "./agent-registry.ts";
import type { AgentAbilities } from "./leg-commands.ts";
import { legEndFacts } from "./leg-end-facts.ts";
import { Settling } from "./settling.ts";
import { SilenceWatch } from "./silence-watch.ts";

/** How long an agent has to answer when somebody else wants its name. */
const ALIVE_WITHIN_MS = 2_000;

export interface AgentLegServices {
  readonly control: ControlPlane<AgentLeg>;
  readonly region: string;
  /** Shown to the agent. */
  readonly edgeVersion: string;
  /** Where the edge has several processes: the one that has the sessions, how many there are, and where agents come. */
  readonly process?:
    | { readonly number: number; readonly count: number; readonly address: () => string | undefined }
    | undefined;
  /** Open streams, beyond the limit of the kind of agent. */
  readonly maxStreams: number;
  /** Absent: no account has a limit of bytes per second. */
  readonly paces?: AccountPaces | undefined;
  /** Agents are among them until they are let in; absent: nobody gives way here. */
  readonly arrivals?: Arrivals<Arriving> | undefined;
  /** Hears the code of each refusal: to let the agent in, or to bind. */
  readonly onRefused?: ((code: string) => void) | undefined;
  readonly session: SessionServices;
  readonly log: Logger;
}

export class AgentLeg implements ControlledLeg {
  readonly remoteAddress: string;
  readonly #services: AgentLegServices;
  readonly #session: EdgeSession;
  readonly #silence: SilenceWatch;
  readonly #arriving: Arriving;
  #log: Logger;
  #agent: AgentIdentity | undefined;
  /** None until the agent was let in. */
  #settling: Settling | undefined;
  #number = 0;
  /** `ts_…`; of its record too. */
  readonly id: string;
  #abilities: AgentAbilities = NO_ABILITIES;

  /** Owns the connection, behind TLS; `initial` was read from it before. */
  constructor(connection: Duplex, initial: Uint8Array, services: AgentLegServices) {
    this.#services = services;
    this.remoteAddress = connection.remoteAddress;
    this.#arriving = { cut: () => connection.reset() };
    services.arrivals?.add(this.#arriving, this.remoteAddress);
    this.id = newId("ts", services.session.clock.date());
    this.#log = services.log.with({ obj: "session", agent: connection.remoteAddress });
    this.#session = new EdgeSession(
      connection,
      {
        onAuth: (request) => this.#notingRefusal(this.#onAuth(request)),
        answers: [
          answer(SRV_INFO, () => Promise.resolve({ region: services.region })),
          answer(BIND, (request) => this.#notingRefusal(this.#onBind(request))),
          answer(UNBIND, ({ bindId }) => this.#onUnbind(bindId)),
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
    return this.#paced(this.#session.openProxy(header, visitorAddress, first), first?.length);
  }

  openRelayed(first: Uint8Array): Duplex | undefined {
    if (this.openStreams >= this.#services.maxStreams) return undefined;
    return this.#paced(this.#session.openStream(first), first.length);
  }

  /** None until the agent was let in. */
  get abilities(): AgentAbilities {
    return this.#abilities;
  }

  /** See {@link EdgeSession.call}. */
  call<Request, Reply>(call: RpcCall<Request, Reply>, request: Request, timeoutMs: number): Promise<Reply> {
    return this.#session.call(call, request, timeoutMs);
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

  #paced(stream: Duplex | undefined, bytesBefore: number | undefined): Duplex | undefined {
    const { paces } = this.#services;
    if (stream === undefined || paces === undefined || this.#agent === undefined) return stream;
    return paces.paced(this.#agent.accountId, stream, bytesBefore);
  }

  async #notingRefusal<R>(answered: Promise<R>): Promise<R> {
    try {
      return await answered;
    } catch (error) {
      if (error instanceof PublicError || error instanceof RemoteError)
        this.#services.onRefused?.(error.code ?? "none");
      throw error;
    }
  }

  async #onAuth(request: AuthRequest): Promise<AuthReply> {
    const { control, region, edgeVersion, process, arrivals } = this.#services;
    this.#number = request.agent.legNumber;
    const admitted = await control.admit(this, request);
    arrivals?.remove(this.#arriving);
    this.#agent = admitted;
    this.#abilities = abilitiesOf(request.agent);
    this.#log = this.#log.with({ client: admitted.clientId });
    this.#settling = new Settling(request, {
      isOneOfSeveral: process !== undefined,
      clock: this.#services.session.clock,
      onSettled: () =>
        this.#log.info("agent session established", {
          version: request.agent.version,
          type: request.agent.clientType || request.agent.userAgent,
          leg: this.#number,
        }),
    });
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
        connectAddresses: this.#addressPerProcess(),
        agentSessionId: this.id,
        ginnel: { resetCodes: true, worker: process?.number ?? 0, workers: process?.count ?? 0 },
      },
    };
  }

  /** An agent that knows of legs dials as many of them. */
  #addressPerProcess(): AuthReply["edge"]["connectAddresses"] {
    const { process, region } = this.#services;
    const address = process?.address();
    if (process === undefined || address === undefined) return undefined;
    return Array.from({ length: Math.min(process.count, MAX_LEGS) }, () => ({ region, address }));
  }

  async #onBind(request: BindRequest): Promise<BindReply> {
    const { control } = this.#services;
    const agent = this.#admitted();
    const reply = await control.bind(this, agent, request);
    this.#whenWritten(() => control.onAnswered(this, agent, reply.bindId));
    this.#settling?.settle();
    this.#log.info("endpoint online", { url: reply.url, forwards_to: shownUpstream(request.forwardsTo) });
    const { warning } = reply.extra.ginnel ?? {};
    // The further legs are told the same.
    if (warning !== undefined && this.#number === 0)
      this.#log.warn("agent warned of its endpoint", { url: reply.url, text: warning });
    return reply;
  }

  /** The answer of the call under way is written within this turn. */
  #whenWritten(tell: () => void): void {
    setImmediate(() => {
      try {
        tell();
      } catch (fault) {
        this.#services.session.onFault(fault);
      }
    });
  }

  async #onUnbind(bindId: string): Promise<Record<string, never>> {
    const url = await this.#services.control.unbind(this, this.#admitted(), bindId);
    if (url !== undefined) this.#log.info("endpoint offline", { url });
    return {};
  }

  /** Calls other than Auth and SrvInfo come from agents that were let in only. */
  #admitted(): AgentIdentity {
    if (this.#agent === undefined) throw new ProtocolError("This call comes after Auth.");
    return this.#agent;
  }

  #onClose(end: SessionEnd): void {
    this.#silence.stop();
    this.#services.arrivals?.remove(this.#arriving);
    this.#services.control.onEnded(this);
    const wasHeardOf = this.#settling?.end();
    if (wasHeardOf === true) this.#log.info("agent session ended", legEndFacts(end));
    else if (wasHeardOf === false) this.#log.debug("agent gave its session up at once", legEndFacts(end));
    else this.#log.debug("connection of an agent ended before it was let in", legEndFacts(end));
  }
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
