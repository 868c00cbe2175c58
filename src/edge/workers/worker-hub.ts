/**
 * The hub's side of its workers: takes each of them in, asks all of them, and passes visitors on to sessions in other processes. Starts no
 * process.
 */
import { ProtocolError } from "../../base/errors.ts";
import type { Duplex } from "../../net/duplex.ts";
import { splice } from "../../net/splice.ts";
import { RESET_CODES } from "../../protocol/mux/reset-codes.ts";
import type { Relayed } from "../../protocol/relay/relay-start.ts";
import type { RpcCall } from "../../protocol/rpc/rpc-call.ts";
import type { Leg } from "../endpoint.ts";
import type { ControlledLeg } from "../sessions/control-plane.ts";
import { DistantLeg } from "./distant-leg.ts";
import { type WorkerEnd, WorkerPeer, type WorkerPeerServices } from "./worker-peer.ts";

/** The number of the hub itself. */
export const HUB = 1;
/** People and scrapers wait for the answers. */
const ASK_LIMIT_MS = 2_000;

export interface WorkerHubOptions extends Omit<WorkerPeerServices, "onRelayed"> {
  /** A session in this process, or in one of the workers. */
  readonly findLeg: (id: string) => Pick<ControlledLeg, "openRelayed"> | undefined;
}

/** The process that has a session. */
export function workerOf(leg: Leg): number {
  return leg instanceof DistantLeg ? leg.worker : HUB;
}

export class WorkerHub {
  readonly #options: WorkerHubOptions;
  readonly #services: WorkerPeerServices;
  /** Those that have said which they are. */
  readonly #peers = new Set<WorkerPeer>();
  #isStopping = false;

  constructor(options: WorkerHubOptions) {
    this.#options = options;
    this.#services = {
      ...options,
      onRelayed: (stream, relayed) => joinRelayed(stream, relayed, options.findLeg(relayed.legId)),
    };
  }

  /** Sessions of agents in other processes. */
  get legs(): number {
    return [...this.#peers].reduce((sum, { legs }) => sum + legs, 0);
  }

  /** A worker has dialed. Resolves when the link is over. */
  async accept(connection: Duplex): Promise<WorkerEnd> {
    const peer = new WorkerPeer(connection, this.#services, (known) => {
      if (this.#isStopping) throw new ProtocolError("This edge is stopping.");
      this.#peers.add(known);
    });
    const ended = await peer.ended;
    this.#peers.delete(peer);
    return ended;
  }

  /** The workers take no more visitors, nor does a further worker come. As {@link Edge.stop}. */
  async drain(deadline: AbortSignal): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#peers].map((peer) => peer.drain(deadline)));
  }

  /** Lets all workers go, which then end. */
  close(reason: string): void {
    for (const peer of this.#peers) peer.close(reason);
  }

  /** The answers of the workers, by number; one that gives none in time is left out. */
  async askAll<Request, Reply>(call: RpcCall<Request, Reply>, request: Request): Promise<ReadonlyMap<number, Reply>> {
    const asked = [...this.#peers].map(async (peer): Promise<readonly (readonly [number, Reply])[]> => {
      try {
        return [[peer.worker, await peer.call(call, request, ASK_LIMIT_MS)]];
      } catch (error) {
        this.#options.log.warn("worker does not answer", { worker: peer.worker, err: error });
        return [];
      }
    });
    return new Map((await Promise.all(asked)).flat());
  }
}

/** A visitor's stream of another process goes on to the agent; without a stream there it is refused. */
export function joinRelayed(
  stream: Duplex,
  { first, rest }: Relayed,
  leg: Pick<ControlledLeg, "openRelayed"> | undefined,
): void {
  const toAgent = leg?.openRelayed(first);
  if (toAgent === undefined) return stream.reset(RESET_CODES.noWayToAgent);
  if (rest.length > 0) toAgent.write(rest);
  splice(stream, toAgent);
}
