import type { Clock } from "../../base/clock.ts";
import type { PublicError } from "../../base/errors.ts";
import { lingeringEnd } from "../../net/linger.ts";
import { placeCall } from "../../net/placed-call.ts";
import { SessionError } from "../../net/session-error.ts";
import { CLOSE_LEG, IS_ALIVE } from "../../protocol/relay/worker-calls.ts";
import type { AuthRequest } from "../../protocol/rpc/auth.ts";
import { STOP_TUNNEL } from "../../protocol/rpc/edge-commands.ts";
import { encodeRequest, type RpcCall } from "../../protocol/rpc/rpc-call.ts";
import type { AgentIdentity } from "../binding/binder.ts";
import { abilitiesOf, NO_ABILITIES } from "../sessions/agent-abilities.ts";
import type { ControlledLeg } from "../sessions/control-plane.ts";
import type { AgentAbilities } from "../sessions/leg-commands.ts";
import { RelayedLeg } from "./relayed-leg.ts";
import type { WorkerLink } from "./worker-link.ts";

/** The worker gives an agent less than that. */
const ALIVE_WITHIN_MS = 5_000;

export interface DistantLegOptions {
  readonly id: string;
  readonly number: number;
  readonly remoteAddress: string;
  /** The process that has the session. */
  readonly worker: number;
  readonly link: Pick<WorkerLink, "isOpen" | "relay" | "call" | "notify">;
  readonly clock: Clock;
}

/** A session of an agent in a worker, for the hub, which decides about it. */
export class DistantLeg extends RelayedLeg implements ControlledLeg {
  readonly remoteAddress: string;
  readonly worker: number;
  readonly #link: DistantLegOptions["link"];
  readonly #clock: Clock;
  #agent: AgentIdentity | undefined;
  #abilities: AgentAbilities = NO_ABILITIES;
  /** Told to go, or gone. */
  #isLeaving = false;

  constructor(options: DistantLegOptions) {
    super(options);
    this.remoteAddress = options.remoteAddress;
    this.worker = options.worker;
    this.#link = options.link;
    this.#clock = options.clock;
  }

  override get isOpen(): boolean {
    return !this.#isLeaving && super.isOpen;
  }

  get agent(): AgentIdentity | undefined {
    return this.#agent;
  }

  get abilities(): AgentAbilities {
    return this.#abilities;
  }

  onAdmitted(agent: AgentIdentity, { agent: facts }: AuthRequest): void {
    this.#agent = agent;
    this.#abilities = abilitiesOf(facts);
  }

  /** The worker says so, or is gone. */
  onEnded(): void {
    this.#isLeaving = true;
  }

  async isAlive(): Promise<boolean> {
    if (!this.isOpen) return false;
    try {
      return (await this.#link.call(IS_ALIVE, { legId: this.id }, ALIVE_WITHIN_MS)).isAlive;
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      // Its endpoints may be given away now, and its agent must not believe in them when the worker goes on.
      this.close("no answer");
      return false;
    }
  }

  dropBind(bindId: string, { message, code }: PublicError): void {
    const stream = this.openRelayed(encodeRequest(STOP_TUNNEL, { bindId, message, errorCode: code }));
    if (stream !== undefined) lingeringEnd(stream, this.#clock);
  }

  close(reason: string): void {
    this.#isLeaving = true;
    this.#link.notify(CLOSE_LEG, { legId: this.id, reason });
  }

  async call<Request, Reply>(call: RpcCall<Request, Reply>, request: Request, timeoutMs: number): Promise<Reply> {
    const stream = this.openRelayed(encodeRequest(call, request));
    if (stream === undefined) throw new SessionError("session ended", `There is no session for ${call.name}.`);
    return await placeCall(stream, call, undefined, { clock: this.#clock, timeoutMs });
  }
}
