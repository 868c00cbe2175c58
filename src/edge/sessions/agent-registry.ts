/** Which agents are here: who may come in, and which session of an agent counts when it comes twice. */
import { isIP } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { ProtocolError, PublicError } from "../../base/errors.ts";
import { randomHex } from "../../base/random.ts";
import { tokenFault } from "../../model/access-token.ts";
import type { AuthRequest } from "../../protocol/rpc/auth.ts";
import { encodeErrorText } from "../../protocol/rpc/rpc-error.ts";
import type { AgentIdentity } from "../binding/binder.ts";
import type { AddressWarnings } from "../address-warnings.ts";
import type { Credential, Directory } from "../directory.ts";
import type { Leg } from "../endpoint.ts";
import { ipOf } from "../visitors/visitor-ip.ts";
import { BindPace } from "./bind-pace.ts";
import { FailedAgents } from "./failed-agents.ts";
import { OpenLegs } from "./open-legs.ts";

/** Sessions of one agent at a time. */
export const MAX_LEGS = 16;
/** A session that a newer one replaces lives this long at most, for visitors that it still serves. */
const SUPERSEDED_MS = 10_000;
/** An agent that comes again and again has this many at most. */
const MAX_SUPERSEDED = 4;
const REPLACED = "replaced by a newer session of the same agent";
const CLIENT_ID_BYTES = 16;

const CLIENT_ID = /^[\w.-]{8,100}$/;

export interface RegisteredLeg extends Leg {
  /** Of its record, `ts_…`. */
  readonly id: string;
  /** Known once it was let in. */
  readonly agent: AgentIdentity | undefined;
  /** Where the agent dialed from, as {@link Duplex} tells it. */
  readonly remoteAddress: string;
  close(reason: string): void;
}

interface Agent<L extends RegisteredLeg> {
  readonly credentialId: string;
  readonly accountId: string;
  readonly legs: Map<number, L>;
  /** Replaced by a newer session of the same number, and not ended yet; each with what cancels its deadline. */
  readonly superseded: Map<L, () => void>;
}

export interface AgentRegistryOptions {
  readonly directory: Directory;
  readonly maxSessions: number;
  /** Whether an endpoint is still served over a leg. */
  readonly isServing: (clientId: string, leg: Leg) => boolean;
  /** Absent: nobody wants to know. */
  readonly warnings?: AddressWarnings;
  readonly clock: Clock;
}

/** `L`: the sessions that it keeps, for those who ask for one. */
export class AgentRegistry<L extends RegisteredLeg = RegisteredLeg> {
  /** Of all agents together. */
  readonly bindPace = new BindPace();
  readonly #options: AgentRegistryOptions;
  readonly #agents = new Map<string, Agent<L>>();
  readonly #legs = new OpenLegs<L>();
  /** Those of this process that were not let in yet, or were replaced and have not gone yet. */
  readonly #beside = new Set<L>();
  readonly #failedAgents: FailedAgents;

  constructor(options: AgentRegistryOptions) {
    this.#options = options;
    this.#failedAgents = new FailedAgents(options.clock);
  }

  /** Those that have a session, or had one until just now. */
  get agents(): number {
    return this.#agents.size;
  }

  /** Of all agents, each with all its legs. */
  get sessions(): number {
    return [...this.#agents.values()].reduce((sum, { legs }) => sum + legs.size, 0);
  }

  /** Connections of this process that are no agent's session: not let in yet, or replaced and not gone yet. */
  get connectionsBeside(): number {
    return this.#beside.size;
  }

  /** All of them: sessions, and what is beside. */
  get connections(): number {
    return this.#legs.size;
  }

  /** A connection that may become an agent's session; told of its end by {@link onEnded}. */
  onConnected(leg: L): void {
    this.#setBeside(leg);
    this.#legs.add(leg);
  }

  /** Whether this is the session that counts for its agent, and has not ended. */
  isCurrent(leg: L): boolean {
    return leg.isOpen && this.#agents.get(leg.agent?.clientId ?? "")?.legs.get(leg.number) === leg;
  }

  /** The session with this id, if it counts for its agent. */
  find(id: string): L | undefined {
    const leg = this.#legs.get(id);
    return leg !== undefined && this.isCurrent(leg) ? leg : undefined;
  }

  /** The session with this id, also one that serves its last visitors. */
  leg(id: string): L | undefined {
    return this.#legs.get(id);
  }

  /** One session of each agent of the account, that which the agent opened first. */
  legsOf(accountId: string): readonly L[] {
    const own = [...this.#agents.values()].filter((agent) => agent.accountId === accountId);
    return own.flatMap(({ legs }) => {
      const [first] = [...legs.values()].filter(({ isOpen }) => isOpen).sort((a, b) => a.number - b.number);
      return first === undefined ? [] : [first];
    });
  }

  /** See {@link OpenLegs.closeAll}. */
  closeAll(reason: string): Promise<void> {
    return this.#legs.closeAll(reason, this.#options.clock);
  }

  /**
   * Who the agent is: the one that it was before, when it names a session of the same credential.
   * @throws PublicError when it may not come in, ProtocolError when it has gone meanwhile
   */
  async admit(leg: L, request: AuthRequest): Promise<AgentIdentity> {
    const { authtoken, legNumber } = request.agent;
    // An edge may let agents in without one.
    if (authtoken !== "" && tokenFault(authtoken) !== undefined) throw new PublicError("ERR_NGROK_105", {});
    const credential = await this.#credentialOf(authtoken, leg);
    // One that has gone must not take the place of one that lives.
    if (!leg.isOpen) throw new ProtocolError("The session ended during Auth.");
    const refusal = this.#refusal(credential, leg);
    if (refusal !== undefined) throw refusal;

    const known = this.#agents.get(request.sessionId);
    const mayResume = CLIENT_ID.test(request.sessionId) && (known?.credentialId ?? credential.id) === credential.id;
    const clientId = mayResume ? request.sessionId : randomHex(CLIENT_ID_BYTES);
    const agent = this.#agents.get(clientId) ?? {
      credentialId: credential.id,
      accountId: credential.accountId,
      legs: new Map<number, L>(),
      superseded: new Map<L, () => void>(),
    };
    const former = agent.legs.get(legNumber);
    if (former === undefined) this.#admitOneMore(agent);
    else this.#supersede(agent, former);
    agent.legs.set(legNumber, leg);
    this.#agents.set(clientId, agent);
    this.#beside.delete(leg);
    this.#warn(credential, leg);
    return { clientId, credentialId: credential.id, accountId: credential.accountId };
  }

  async #credentialOf(authtoken: string, leg: L): Promise<Credential> {
    const find = (): Promise<Credential | undefined> => this.#options.directory.authenticate(authtoken);
    if (authtoken !== "") {
      const shown = { ip: ipOf(leg.remoteAddress), authtoken, isHere: () => leg.isOpen };
      return await this.#failedAgents.check(shown, find);
    }
    // None is no guess.
    const credential = await find();
    if (credential === undefined) throw new PublicError("ERR_NGROK_4018", {});
    return credential;
  }

  /** Ends the sessions of those that may not be here any more, after a change of the records. */
  recheck(): void {
    for (const agent of this.#agents.values()) {
      const { credentialId: id, accountId } = agent;
      for (const leg of [...agent.legs.values(), ...agent.superseded.keys()]) {
        const refusal = this.#refusal({ id, accountId }, leg);
        if (refusal !== undefined) leg.close(encodeErrorText(refusal));
      }
    }
  }

  /** The leg serves one more endpoint: an older session that serves none any more may go. */
  onBound(leg: L): void {
    const clientId = leg.agent?.clientId ?? "";
    for (const former of this.#agents.get(clientId)?.superseded.keys() ?? []) {
      if (!this.#options.isServing(clientId, former)) former.close(REPLACED);
    }
  }

  onEnded(leg: L): void {
    this.#beside.delete(leg);
    const agent = this.#agents.get(leg.agent?.clientId ?? "");
    if (leg.agent !== undefined && agent !== undefined) this.#forget(leg, leg.agent.clientId, agent);
    this.#legs.remove(leg);
  }

  #forget(leg: L, clientId: string, agent: Agent<L>): void {
    agent.superseded.get(leg)?.();
    agent.superseded.delete(leg);
    for (const [number, current] of agent.legs) if (current === leg) agent.legs.delete(number);
    if (agent.legs.size === 0 && agent.superseded.size === 0) this.#agents.delete(clientId);
  }

  /** Why nobody with this credential may come from there, as of now. */
  #refusal({ id, accountId }: Pick<Credential, "id" | "accountId">, leg: L): PublicError | undefined {
    const { directory } = this.#options;
    if (directory.credential(id) === undefined) return new PublicError("ERR_NGROK_300", {});
    const ip = ipOf(leg.remoteAddress);
    if (directory.account(accountId).agentAddresses.admits(ip)) return undefined;
    return isIP(ip) === 0 ? new PublicError("ERR_NGROK_116", {}) : new PublicError("ERR_NGROK_115", { ip });
  }

  #warn({ accountId }: Pick<Credential, "accountId">, { remoteAddress }: L): void {
    const { directory, warnings } = this.#options;
    warnings?.check(directory.account(accountId).warnedAgentAddresses, {
      accountId,
      type: "agent",
      ip: ipOf(remoteAddress),
    });
  }

  /** All sessions of an agent count as one: it opens as many as serve it best, and its user has not asked for them. */
  #admitOneMore({ legs, accountId }: Agent<L>): void {
    const { directory, maxSessions } = this.#options;
    if (legs.size >= MAX_LEGS) throw new PublicError("ERR_NGROK_108", { who: "One agent", limit: MAX_LEGS });
    if (legs.size > 0) return;
    const present = [...this.#agents.values()].filter((agent) => agent.legs.size > 0);
    if (present.length >= maxSessions) throw new PublicError("ERR_NGROK_108", { who: "This edge", limit: maxSessions });
    const limit = directory.account(accountId).limits.sessions;
    const own = present.filter((agent) => agent.accountId === accountId);
    if (own.length >= limit) throw new PublicError("ERR_NGROK_108", { who: "This account", limit });
  }

  #setBeside(leg: L): void {
    if (leg.isDistant !== true) this.#beside.add(leg);
  }

  #supersede({ superseded }: Agent<L>, former: L): void {
    // Some of them may have been told before and not be gone yet.
    const surplus = Math.max(0, superseded.size + 1 - MAX_SUPERSEDED);
    for (const older of [...superseded.keys()].slice(0, surplus)) older.close(REPLACED);
    this.#setBeside(former);
    superseded.set(
      former,
      this.#options.clock.after(SUPERSEDED_MS, () => former.close(REPLACED)),
    );
  }
}
