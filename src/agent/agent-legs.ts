/**
 * The legs of an agent: the first is there always; when its edge has several processes, further ones spread over them
 * (leg-placement.ts). Each is kept up by a driver of its own; here is what they have in common. Knows no tunnels.
 */
import type { UsageError } from "../base/errors.ts";
import type { AgentSession } from "../net/agent-session.ts";
import type { AuthReply } from "../protocol/rpc/auth.ts";
import type { RemoteError } from "../protocol/rpc/rpc-error.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type Placement, placeLeg, type ProcessOfEdge, wantedLegs } from "./leg-placement.ts";
import {
  type LegStatus,
  SessionDriver,
  type SessionDriverHandler,
  type SessionDriverOptions,
} from "./session-driver.ts";
import { firstLegLog, furtherLegLog } from "./session-log.ts";

const FIRST = 0;

export interface AgentLegsOptions extends Omit<SessionDriverOptions, "log" | "former" | "number"> {
  readonly log: Logger;
}

export interface AgentLegsHandler extends Pick<SessionDriverHandler, "answers" | "onVisitor"> {
  /** A session is up, on the leg of this number. */
  onSession(session: AgentSession, leg: number): void;
  /** State of a leg, or the reason for it, has changed. */
  onState(): void;
  /** The edge, or what it says about itself, makes further tries pointless: all legs have ended. Nothing follows. */
  onRefused(refusal: RemoteError | UsageError): void;
}

export class AgentLegs {
  readonly #options: AgentLegsOptions;
  readonly #handler: AgentLegsHandler;
  readonly #first: SessionDriver;
  /** By number, from 1 on. */
  readonly #further = new Map<number, SessionDriver>();
  readonly #online = new Set<SessionDriver>();
  /** Of the first leg. The others are of the agent that it is. */
  #former: AuthReply | undefined;
  #isStopped = false;

  constructor(options: AgentLegsOptions, handler: AgentLegsHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#first = this.#driver(FIRST);
  }

  /** By number. */
  get all(): readonly LegStatus[] {
    return this.#drivers.map(({ leg }) => leg);
  }

  /** What stands for all: the first leg, or one that is online where that is not. */
  get best(): LegStatus {
    return this.#best.leg;
  }

  /** What the edge said about itself in that session. */
  get edge(): AuthReply["edge"] | undefined {
    return this.#best.edge;
  }

  /** How long that session is up; undefined without one. */
  get heldMs(): number | undefined {
    return this.#best.heldMs;
  }

  /** Begins to dial. A second call does nothing. */
  start(): void {
    this.#first.start();
  }

  /** Ends dialling and sessions; resolves when the goodbyes have left, or there was nobody to say them to. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#drivers.map((driver) => driver.stop()));
  }

  get #drivers(): readonly SessionDriver[] {
    return [this.#first, ...this.#further.values()];
  }

  get #best(): SessionDriver {
    return this.#drivers.find(({ state }) => state === "online") ?? this.#first;
  }

  #driver(number: number): SessionDriver {
    const { log } = this.#options;
    const driver: SessionDriver = new SessionDriver(
      {
        ...this.#options,
        number,
        former: () => this.#former,
        log: number === FIRST ? firstLegLog(log) : furtherLegLog(log, number),
      },
      {
        answers: this.#handler.answers,
        place: (reply) => this.#place(number, reply),
        onSession: (session, reply) => this.#onSession(number, session, reply),
        onVisitor: (visitor) => this.#handler.onVisitor(visitor),
        onState: () => this.#onState(driver),
        onRefused: (refusal) => this.#onRefused(refusal),
      },
    );
    return driver;
  }

  #place(number: number, reply: AuthReply): Placement {
    // Over a session of another agent, as which the edge took it, nothing of this one could be served.
    if (number !== FIRST && reply.sessionId !== this.#former?.sessionId) return "elsewhere";
    const held = new Set(this.#drivers.map(({ worker }) => worker));
    const placement = placeLeg(number, processOf(reply), held);
    if (placement === "surplus") this.#further.delete(number);
    return placement;
  }

  #onSession(number: number, session: AgentSession, reply: AuthReply): void {
    if (number === FIRST) {
      if (reply.sessionId !== this.#former?.sessionId) this.#resize(1);
      this.#former = reply;
    }
    this.#handler.onSession(session, number);
    this.#resize(wantedLegs(processOf(reply).workers));
  }

  /** Makes them so many, of which the first is one. */
  #resize(count: number): void {
    for (const [number, driver] of this.#further) {
      if (number < count) continue;
      this.#further.delete(number);
      this.#online.delete(driver);
      void driver.stop();
    }
    for (let number = 1; number < count && !this.#isStopped; number++) {
      if (this.#further.has(number)) continue;
      const driver = this.#driver(number);
      this.#further.set(number, driver);
      driver.start();
    }
  }

  #onState(driver: SessionDriver): void {
    if (driver.state === "online") this.#online.add(driver);
    else if (this.#online.delete(driver) && !this.#isStopped) this.#placesChanged();
    this.#handler.onState();
  }

  /** The process of a leg that was lost is one that another may go to, and perhaps no leg is left at all. */
  #placesChanged(): void {
    for (const driver of this.#drivers) driver.placesChanged();
  }

  #onRefused(refusal: RemoteError | UsageError): void {
    if (this.#isStopped) return;
    void this.stop();
    this.#handler.onRefused(refusal);
  }
}

function processOf({ edge: { ginnel } }: AuthReply): ProcessOfEdge {
  return { worker: ginnel?.worker ?? 0, workers: ginnel?.workers ?? 0 };
}
