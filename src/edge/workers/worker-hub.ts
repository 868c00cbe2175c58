/**
 * The hub's side of its workers: lets their agents in, makes their binds, tells them what is online, and passes visitors on to sessions
 * in other processes. Knows links; starts no process.
 */
import { ProtocolError } from "../../base/errors.ts";
import type { Duplex } from "../../net/duplex.ts";
import { answer, hear } from "../../net/rpc-answer.ts";
import type { SessionServices } from "../../net/session.ts";
import { splice } from "../../net/splice.ts";
import { MUX_ERRORS } from "../../protocol/mux/error-codes.ts";
import { ADMIT, ANNOUNCE, BIND_FOR, HELLO, LEG_ENDED, UNBIND_FOR } from "../../protocol/relay/worker-calls.ts";
import type { RpcCall } from "../../protocol/rpc/rpc-call.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { AgentIdentity } from "../binding/binder.ts";
import type { Leg } from "../endpoint.ts";
import type { EdgePorts } from "../edge-ports.ts";
import type { ControlledLeg, ControlPlane } from "../sessions/control-plane.ts";
import { DistantLeg } from "./distant-leg.ts";
import type { EndpointFeed } from "./endpoint-feed.ts";
import { WorkerLink } from "./worker-link.ts";

/** People and scrapers wait for the answers. */
const ASK_LIMIT_MS = 2_000;

/** The process that decides is the first. */
export const HUB = 1;

export interface WorkerHubOptions {
  readonly control: ControlPlane;
  readonly feed: EndpointFeed;
  /** Those that visitors and agents use. */
  readonly ports: Pick<EdgePorts, "port">;
  /** A session in this process, or in one of the workers. */
  readonly findLeg: (id: string) => Pick<ControlledLeg, "openRelayed"> | undefined;
  readonly session: SessionServices;
  readonly log: Logger;
}

/** The process that has a session. */
export function workerOf(leg: Leg): number {
  return leg instanceof DistantLeg ? leg.worker : HUB;
}

export class WorkerHub {
  readonly #options: WorkerHubOptions;

  readonly #links = new Map<number, WorkerLink>();
  #legs = 0;

  constructor(options: WorkerHubOptions) {
    this.#options = options;
  }

  /** Sessions of agents in other processes. */
  get legs(): number {
    return this.#legs;
  }

  /** The answers of the workers, by number; one that gives none in time is left out. */
  async askAll<Request, Reply>(call: RpcCall<Request, Reply>, request: Request): Promise<ReadonlyMap<number, Reply>> {
    const asked = [...this.#links].map(async ([worker, link]): Promise<readonly (readonly [number, Reply])[]> => {
      try {
        return [[worker, await link.call(call, request, ASK_LIMIT_MS)]];
      } catch (error) {
        this.#options.log.warn("worker does not answer", { worker, err: error });
        return [];
      }
    });
    return new Map((await Promise.all(asked)).flat());
  }

  /** A worker has dialed. Resolves when the link is over. */
  accept(connection: Duplex): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { control, feed, ports, session, log } = this.#options;
    const own = new Map<string, DistantLeg>();
    const state: { worker: number; unsubscribe: () => void } = { worker: 0, unsubscribe: () => {} };
    const link: WorkerLink = new WorkerLink(
      "accepted",
      connection,
      {
        answers: [
          answer(HELLO, async ({ worker }) => {
            state.worker = worker;
            this.#links.set(worker, link);
            state.unsubscribe = feed.subscribe(async (news) => {
              await link.call(ANNOUNCE, news).catch((error: unknown) => {
                log.error("worker does not take what is online", { worker, err: error });
                link.close("no answer");
                throw error;
              });
            });
            await feed.settled();
            const [http, https, agents] = (["http", "https", "agents"] as const).map((name) => ports.port(name) ?? 0);
            return { http, https, agents };
          }),
          answer(ADMIT, async ({ legId: id, remoteAddress, auth }) => {
            const { worker } = state;
            const { clock } = session;
            const leg = new DistantLeg({ id, number: auth.agent.legNumber, remoteAddress, worker, link, clock });
            own.set(id, leg);
            this.#legs += 1;
            control.onConnected(leg);
            const agent = await control.admit(leg, auth);
            leg.onAdmitted(agent, auth);
            return agent;
          }),
          answer(BIND_FOR, ({ legId, bind }) => {
            const { leg, agent } = admitted(own.get(legId));
            return control.bind(leg, agent, bind);
          }),
          answer(UNBIND_FOR, async ({ legId, bindId }) => {
            const { leg, agent } = admitted(own.get(legId));
            return { url: (await control.unbind(leg, agent, bindId)) ?? "" };
          }),
          hear(LEG_ENDED, ({ legId }) => this.#end(own, legId)),
        ],
        onRelayed: (legId, stream, first) => this.#relay(legId, stream, first),
        onClose: () => {
          state.unsubscribe();
          if (this.#links.get(state.worker) === link) this.#links.delete(state.worker);
          for (const id of own.keys()) this.#end(own, id);
          resolve();
        },
      },
      session,
    );
    return promise;
  }

  #end(own: Map<string, DistantLeg>, legId: string): void {
    const leg = own.get(legId);
    if (leg === undefined) return;
    own.delete(legId);
    this.#legs -= 1;
    leg.onEnded();
    this.#options.control.onEnded(leg);
  }

  #relay(legId: string, stream: Duplex, first: Uint8Array): void {
    joinRelayed(stream, this.#options.findLeg(legId)?.openRelayed(first));
  }
}

/** A visitor's stream of another process goes on to the agent; without a stream there it is refused. */
export function joinRelayed(stream: Duplex, toAgent: Duplex | undefined): void {
  if (toAgent === undefined) stream.reset(MUX_ERRORS.streamRefused);
  else splice(stream, toAgent);
}

function admitted(leg: DistantLeg | undefined): { readonly leg: DistantLeg; readonly agent: AgentIdentity } {
  if (leg?.agent === undefined) throw new ProtocolError("This session has ended, or was never let in.");
  return { leg, agent: leg.agent };
}
