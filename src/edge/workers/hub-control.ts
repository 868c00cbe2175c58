import type { Clock } from "../../base/clock.ts";
import { ProtocolError } from "../../base/errors.ts";
import { type Answer, answer, hear } from "../../net/rpc-answer.ts";
import { SessionError } from "../../net/session-error.ts";
import {
  ADMIT,
  BIND_ANSWERED,
  BIND_FOR,
  CLOSE_LEG,
  IS_ALIVE,
  LEG_ENDED,
  UNBIND_FOR,
} from "../../protocol/relay/worker-calls.ts";
import type { AuthRequest } from "../../protocol/rpc/auth.ts";
import type { BindReply, BindRequest } from "../../protocol/rpc/bind.ts";
import type { RpcCall } from "../../protocol/rpc/rpc-call.ts";
import type { AgentIdentity } from "../binding/binder.ts";
import type { AgentLeg } from "../sessions/agent-leg.ts";
import type { ControlPlane } from "../sessions/control-plane.ts";
import { OpenLegs } from "../sessions/open-legs.ts";
import type { WorkerLink } from "./worker-link.ts";

/** The hub may ask the agent of another session whether it lives before it decides about a name. */
const HUB_LIMIT_MS = 15_000;

/** Has the hub decide about the agents of this worker, and does with them what the hub says. */
export class HubControl implements ControlPlane<AgentLeg> {
  /** What the hub may ask of this worker's agents. */
  readonly answers: readonly Answer[] = [
    hear(CLOSE_LEG, ({ legId, reason }) => this.#legs.get(legId)?.close(reason)),
    answer(IS_ALIVE, async ({ legId }) => ({ isAlive: (await this.#legs.get(legId)?.isAlive()) ?? false })),
  ];
  readonly #legs = new OpenLegs<AgentLeg>();
  /** Those that were not let in yet. */
  readonly #beside = new Set<AgentLeg>();
  /** What the hub answered, or is going to, about those that it was asked about. */
  readonly #asked = new Map<string, Promise<unknown>>();
  #link: WorkerLink | undefined;

  /** The link to the hub. */
  set link(link: WorkerLink) {
    this.#link = link;
  }

  /** A session in this process. */
  findLeg(id: string): AgentLeg | undefined {
    return this.#legs.get(id);
  }

  /** Connections of agents that were not let in yet. */
  get connectionsBeside(): number {
    return this.#beside.size;
  }

  /** All of them. */
  get connections(): number {
    return this.#legs.size;
  }

  onConnected(leg: AgentLeg): void {
    this.#beside.add(leg);
    this.#legs.add(leg);
  }

  async admit(leg: AgentLeg, auth: AuthRequest): Promise<AgentIdentity> {
    const { id: legId, remoteAddress } = leg;
    const answered = this.#ask(ADMIT, { legId, remoteAddress, auth });
    this.#asked.set(legId, answered);
    const identity = await answered;
    this.#beside.delete(leg);
    return identity;
  }

  async bind({ id: legId }: AgentLeg, _agent: AgentIdentity, bind: BindRequest): Promise<BindReply> {
    return await this.#ask(BIND_FOR, { legId, bind });
  }

  onAnswered({ id: legId }: AgentLeg, _agent: AgentIdentity, bindId: string): void {
    this.#link?.notify(BIND_ANSWERED, { legId, bindId });
  }

  async unbind({ id: legId }: AgentLeg, _agent: AgentIdentity, bindId: string): Promise<string | undefined> {
    const { url } = await this.#ask(UNBIND_FOR, { legId, bindId });
    return url === "" ? undefined : url;
  }

  /** See {@link OpenLegs.closeAll}. */
  closeAll(reason: string, clock: Clock): Promise<void> {
    return this.#legs.closeAll(reason, clock);
  }

  onEnded(leg: AgentLeg): void {
    const { id: legId } = leg;
    this.#beside.delete(leg);
    this.#legs.remove(leg);
    const asked = this.#asked.get(legId);
    if (asked === undefined) return;
    this.#asked.delete(legId);
    // Not before the answer: the end must not arrive before the beginning.
    const tell = (): void => this.#link?.notify(LEG_ENDED, { legId });
    void asked.then(tell, tell);
  }

  async #ask<Request, Reply>(call: RpcCall<Request, Reply>, request: Request): Promise<Reply> {
    try {
      if (this.#link === undefined) throw new SessionError("session ended", `There is no hub for ${call.name}.`);
      return await this.#link.call(call, request, HUB_LIMIT_MS);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      throw new ProtocolError("This edge is just starting or stopping. Try again.", { cause: error });
    }
  }
}
