/** One worker as the hub has it: its link, the sessions that it holds, and what it is told. */
import { ProtocolError } from "../../base/errors.ts";
import type { Duplex } from "../../net/duplex.ts";
import { answer, hear } from "../../net/rpc-answer.ts";
import { SessionError } from "../../net/session-error.ts";
import type { SessionEnd, SessionServices } from "../../net/session.ts";
import {
  ADMIT,
  ANNOUNCE,
  BIND_ANSWERED,
  BIND_FOR,
  CUT,
  DRAIN,
  EXPECT,
  HELLO,
  LEG_ENDED,
  UNBIND_FOR,
} from "../../protocol/relay/worker-calls.ts";
import type { RpcCall } from "../../protocol/rpc/rpc-call.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { AgentIdentity } from "../binding/binder.ts";
import type { EdgePortName, EdgePorts } from "../edge-ports.ts";
import { onlineNameText } from "../returning/online-names.ts";
import type { WaitingVisitors } from "../returning/waiting-visitors.ts";
import type { ControlPlane } from "../sessions/control-plane.ts";
import { DistantLeg } from "./distant-leg.ts";
import type { EndpointFeed } from "./endpoint-feed.ts";
import { WorkerLink, type WorkerLinkHandler } from "./worker-link.ts";

/** Of the greatest length, and a message stays below what is taken. */
const NAMES_AT_A_TIME = 2_000;

export interface WorkerPeerServices {
  readonly control: ControlPlane;
  readonly feed: EndpointFeed;
  /** See {@link WaitingVisitors.expected}. */
  readonly expected: () => WaitingVisitors["expected"];
  /** What each worker has to have, too. */
  readonly own: { readonly version: string; readonly configuration: string };
  /** Those that visitors and agents use. */
  readonly ports: Pick<EdgePorts, "port">;
  /** A visitor's stream for a session here or in another worker. */
  readonly onRelayed: WorkerLinkHandler["onRelayed"];
  readonly session: SessionServices;
  readonly log: Logger;
}

/** The link ends first, if the worker does. */
const DRAIN_LIMIT_MS = 2 ** 31 - 1;

/** How the link to a worker was over. */
export interface WorkerEnd {
  /** 0: it never said which process it is. */
  readonly pid: number;
  readonly end: SessionEnd;
}

/** What a worker says in its calls. */
type RequestOf<C> = C extends RpcCall<infer Request, unknown> ? Request : never;

export class WorkerPeer {
  /** Resolves when the link is over, and with it all that came over it. */
  readonly ended: Promise<WorkerEnd>;
  readonly #services: WorkerPeerServices;
  readonly #link: WorkerLink;
  readonly #legs = new Map<string, DistantLeg>();
  #worker = 0;
  #pid = 0;
  #stopTelling = (): void => {};

  /** Owns the connection from now on. `onHello` hears once that the worker has said which it is. */
  constructor(connection: Duplex, services: WorkerPeerServices, onHello: (peer: WorkerPeer) => void) {
    this.#services = services;
    const ended = Promise.withResolvers<WorkerEnd>();
    this.ended = ended.promise;
    const handler = {
      answers: [
        answer(HELLO, async (hello) => {
          this.#pid = hello.pid;
          this.#checkLikeness(hello);
          this.#worker = hello.worker;
          onHello(this);
          return await this.#tellAll();
        }),
        answer(ADMIT, (admission) => this.#admit(admission)),
        answer(BIND_FOR, ({ legId, bind }) => {
          const { leg, agent } = this.#admitted(legId);
          return services.control.bind(leg, agent, bind);
        }),
        hear(BIND_ANSWERED, ({ legId, bindId }) => {
          const leg = this.#legs.get(legId);
          if (leg?.agent !== undefined) services.control.onAnswered(leg, leg.agent, bindId);
        }),
        answer(UNBIND_FOR, async ({ legId, bindId }) => {
          const { leg, agent } = this.#admitted(legId);
          return { url: (await services.control.unbind(leg, agent, bindId)) ?? "" };
        }),
        hear(LEG_ENDED, ({ legId }) => this.#end(legId)),
      ],
      onRelayed: services.onRelayed,
      onClose: (end: SessionEnd) => {
        this.#stopTelling();
        for (const legId of this.#legs.keys()) this.#end(legId);
        ended.resolve({ pid: this.#pid, end });
      },
    };
    this.#link = new WorkerLink("accepted", connection, handler, services.session);
  }

  /** Its number; 0 before it has said so. */
  get worker(): number {
    return this.#worker;
  }

  /** Sessions of agents that it holds. */
  get legs(): number {
    return this.#legs.size;
  }

  /** See {@link WorkerLink.call}. */
  call<Request, Reply>(call: RpcCall<Request, Reply>, request: Request, timeoutMs: number): Promise<Reply> {
    return this.#link.call(call, request, timeoutMs);
  }

  /** Takes no more visitors, as {@link Edge.stop}. Resolves when they have ended, also with the worker. */
  async drain(deadline: AbortSignal): Promise<void> {
    const cut = (): void => this.#link.notify(CUT, {});
    deadline.addEventListener("abort", cut, { once: true });
    try {
      const drained = this.#link.call(DRAIN, {}, DRAIN_LIMIT_MS);
      if (deadline.aborted) cut();
      await drained;
    } catch (error) {
      // The edge stops all the same.
      if (!(error instanceof SessionError)) {
        this.#services.log.error("worker does not stop in order", { worker: this.#worker, err: error });
      }
    } finally {
      deadline.removeEventListener("abort", cut);
    }
  }

  /** Nothing is asked of it any more: it ends. */
  close(reason: string): void {
    this.#link.close(reason);
  }

  /**
   * It was started with the executable and the files as they are then, long after the hub perhaps.
   * @throws ProtocolError for one that would not do what the others do
   */
  #checkLikeness({ worker, version, configuration }: RequestOf<typeof HELLO>): void {
    const { own, log } = this.#services;
    if (version === own.version && configuration === own.configuration) return;
    const reason =
      version === own.version
        ? "the configuration has changed since the edge was started: restart the edge"
        : `the program is version ${version} now, and ${own.version} is running: restart the edge`;
    log.error("worker is not like the others", { worker, reason });
    throw new ProtocolError(reason);
  }

  /** All that is on its way back, all that is online, and from then on each change. */
  async #tellAll(): Promise<Record<EdgePortName, number>> {
    const { feed, ports } = this.#services;
    const { names, forMs } = this.#services.expected();
    for (let from = 0; from < names.length; from += NAMES_AT_A_TIME) {
      const some = names.slice(from, from + NAMES_AT_A_TIME).map(onlineNameText);
      await this.#link.call(EXPECT, { names: some, forMs: Math.round(forMs) });
    }
    this.#stopTelling = feed.subscribe({
      tell: async (news) => void (await this.#link.call(ANNOUNCE, news)),
      onFailure: (error) => this.#onNotTold(error),
    });
    await feed.settled();
    return { http: ports.port("http") ?? 0, https: ports.port("https") ?? 0, agents: ports.port("agents") ?? 0 };
  }

  /** One that does not take the news would send visitors astray: it is let go. */
  #onNotTold(error: unknown): void {
    // One that is gone has been heard of already.
    if (!this.#link.isOpen) return;
    this.#services.log.error("worker does not take what is online", { worker: this.#worker, err: error });
    this.#link.close("no answer");
  }

  async #admit({ legId: id, remoteAddress, auth }: RequestOf<typeof ADMIT>): Promise<AgentIdentity> {
    const { control, session } = this.#services;
    const number = auth.agent.legNumber;
    const place = { worker: this.#worker, link: this.#link, clock: session.clock };
    const leg = new DistantLeg({ ...place, id, number, remoteAddress });
    this.#legs.set(id, leg);
    control.onConnected(leg);
    const agent = await control.admit(leg, auth);
    leg.onAdmitted(agent, auth);
    return agent;
  }

  #admitted(legId: string): { readonly leg: DistantLeg; readonly agent: AgentIdentity } {
    const leg = this.#legs.get(legId);
    if (leg?.agent === undefined) throw new ProtocolError("This session has ended, or was never let in.");
    return { leg, agent: leg.agent };
  }

  #end(legId: string): void {
    const leg = this.#legs.get(legId);
    if (leg === undefined) return;
    this.#legs.delete(legId);
    leg.onEnded();
    this.#services.control.onEnded(leg);
  }
}
