/** Tells the agents of this node what callers ask of them, each over the very session that was named. */
import { PublicError } from "../../base/errors.ts";
import type { LiveEndpoint } from "../../model/records/live-endpoint.ts";
import type { TunnelSession } from "../../model/records/tunnel-session.ts";
import { RESTART, STOP, UPDATE } from "../../protocol/rpc/edge-commands.ts";
import { definitionExcess, START_TUNNEL } from "../../protocol/rpc/remote-tunnel.ts";
import type { RpcCall } from "../../protocol/rpc/rpc-call.ts";
import type { JsonObject } from "../../protocol/rpc/wire-value.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { AgentCommands } from "./agent-commands.ts";
import { commandFailure, refusedByAgent } from "./command-failure.ts";

/** What an agent has to answer in. Published agents may never do so. */
export const COMMAND_LIMIT_MS = 10_000;

/** What an agent said in Auth about commands. */
export interface AgentAbilities {
  /** Why it cannot; empty: it can. */
  readonly stopUnsupported: string;
  readonly restartUnsupported: string;
  readonly updateUnsupported: string;
  /** 0: none. */
  readonly startTunnelVersion: number;
  /** An answer comes to what it cannot do, too. */
  readonly answersAll: boolean;
}

/** A session over which commands go. */
export interface CommandedLeg {
  readonly id: string;
  readonly abilities: AgentAbilities;
  call<Request, Reply>(call: RpcCall<Request, Reply>, request: Request, timeoutMs: number): Promise<Reply>;
}

export interface LegCommandsOptions<L extends CommandedLeg> {
  /** The session with this id, while it counts. */
  readonly find: (sessionId: string) => L | undefined;
  /** One session of each agent of the account. */
  readonly legsOf: (accountId: string) => readonly L[];
  /** The record of what an agent has online under this bind id. */
  readonly liveEndpoint: (leg: L, bindId: string) => LiveEndpoint | undefined;
  readonly nodeId: string | undefined;
  readonly log: Logger;
}

/** An agent, what it is told to do in words, and why it says it cannot. */
interface Command {
  readonly leg: CommandedLeg;
  readonly command: string;
  readonly unsupported: string;
}

export class LegCommands<L extends CommandedLeg = CommandedLeg> implements AgentCommands {
  readonly #options: LegCommandsOptions<L>;

  constructor(options: LegCommandsOptions<L>) {
    this.#options = options;
  }

  async stop(session: TunnelSession): Promise<void> {
    const leg = this.#legOf(session);
    await this.#tell({ leg, command: "stop", unsupported: leg.abilities.stopUnsupported }, STOP, {});
  }

  async restart(session: TunnelSession): Promise<void> {
    const leg = this.#legOf(session);
    await this.#tell({ leg, command: "restart", unsupported: leg.abilities.restartUnsupported }, RESTART, {});
  }

  async update(session: TunnelSession, version: string): Promise<void> {
    const leg = this.#legOf(session);
    const request = { version, permitsMajorVersion: false };
    await this.#tell({ leg, command: "update", unsupported: leg.abilities.updateUnsupported }, UPDATE, request);
  }

  async startTunnel(session: TunnelSession, definition: JsonObject): Promise<LiveEndpoint> {
    const leg = this.#legOf(session);
    const command = "start a tunnel";
    const excess = definitionExcess(definition);
    if (excess !== undefined) throw new PublicError("ERR_GINNEL_REMOTE_TUNNEL", { reason: excess });
    if (leg.abilities.startTunnelVersion === 0) {
      throw new PublicError("ERR_GINNEL_AGENT_FORBIDS", { command, words: "it is an agent that does not know how." });
    }
    const { bindId } = await this.#tell({ leg, command, unsupported: "" }, START_TUNNEL, { definition });
    const endpoint = this.#options.liveEndpoint(leg, bindId);
    if (endpoint !== undefined) return endpoint;
    throw new PublicError("ERR_GINNEL_AGENT_LOST", { command, reason: "what it started is not online." });
  }

  async tunnelTakers(accountId: string): Promise<readonly string[]> {
    // Consent to be stopped is consent to all of it.
    const takes = ({ abilities }: CommandedLeg): boolean =>
      abilities.startTunnelVersion > 0 && abilities.stopUnsupported === "";
    return this.#options
      .legsOf(accountId)
      .filter(takes)
      .map(({ id }) => id);
  }

  #legOf({ id, nodeId }: TunnelSession): L {
    const leg = this.#options.find(id);
    if (leg !== undefined) return leg;
    throw nodeId === this.#options.nodeId
      ? new PublicError("ERR_GINNEL_AGENT_OFFLINE", {})
      : new PublicError("ERR_GINNEL_AGENT_ELSEWHERE", {});
  }

  async #tell<Request, Reply>(
    { leg, command, unsupported }: Command,
    call: RpcCall<Request, Reply>,
    request: Request,
  ): Promise<Reply> {
    const { log } = this.#options;
    try {
      // One that answers is asked all the same: its user sees in the log that somebody tried.
      if (unsupported !== "" && !leg.abilities.answersAll) throw refusedByAgent(command, unsupported);
      const reply = await leg.call(call, request, COMMAND_LIMIT_MS);
      log.info("agent obeyed", { session: leg.id, command });
      return reply;
    } catch (error) {
      const failure = commandFailure(error, { command, limitMs: COMMAND_LIMIT_MS });
      log.info("agent did not obey", { session: leg.id, command, err: failure });
      throw failure;
    }
  }
}
