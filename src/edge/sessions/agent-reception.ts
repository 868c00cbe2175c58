/**
 * Takes agents in: makes a session of each connection, with all that sessions need, and knows which there are. Knows neither ports
 * nor visitors.
 */
import type { ErrorCode } from "../../base/error-catalogue.ts";
import type { Clock } from "../../base/clock.ts";
import type { Duplex } from "../../net/duplex.ts";
import type { OnFault } from "../../net/faults.ts";
import type { IdleWatch } from "../../net/idle-watch.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { AddressWarnings } from "../address-warnings.ts";
import type { Binder } from "../binding/binder.ts";
import type { Directory } from "../directory.ts";
import { AccountPaces } from "../pacing/account-paces.ts";
import type { AgentCommands } from "./agent-commands.ts";
import { AgentLeg, type AgentLegServices } from "./agent-leg.ts";
import { AgentRegistry } from "./agent-registry.ts";
import { LegCommands } from "./leg-commands.ts";
import { type OnlineRecords, OnlineReport } from "./online-report.ts";

export interface AgentReceptionOptions {
  readonly directory: Directory;
  readonly binder: Binder;
  readonly region: string;
  readonly version: string;
  readonly limits: { readonly maxSessions: number; readonly maxStreamsPerSession: number };
  /** Who keeps records of what is online here, under the name of this node; absent: nobody. */
  readonly online: { readonly records: OnlineRecords; readonly nodeId: string } | undefined;
  readonly warnings: AddressWarnings;
  /** Hears the code of each refusal: to let an agent in, or to bind. */
  readonly onRefused: (code: ErrorCode) => void;
  readonly clock: Clock;
  readonly idleWatch: IdleWatch;
  readonly onFault: OnFault;
  readonly log: Logger;
}

export class AgentReception {
  /** Who is here. */
  readonly registry: AgentRegistry<AgentLeg>;
  /** What can be asked of those who are here. */
  readonly commands: AgentCommands;
  readonly #options: AgentReceptionOptions;
  readonly #legServices: AgentLegServices;

  constructor(options: AgentReceptionOptions) {
    const { directory, binder, limits, online, warnings, clock, idleWatch, onFault, log } = options;
    this.#options = options;
    const registry = new AgentRegistry<AgentLeg>({
      directory,
      maxSessions: limits.maxSessions,
      isServing: (clientId, leg) => binder.isServing(clientId, leg),
      warnings,
      clock,
    });
    this.registry = registry;
    this.commands = new LegCommands({
      find: (sessionId) => registry.find(sessionId),
      legsOf: (accountId) => registry.legsOf(accountId),
      nodeId: online?.nodeId,
      log: log.with({ obj: "commands" }),
    });
    const rateOf = (accountId: string): number => directory.account(accountId).limits.bytesPerSecond;
    this.#legServices = {
      registry,
      binder,
      region: options.region,
      edgeVersion: options.version,
      maxStreams: limits.maxStreamsPerSession,
      online: online && {
        nodeId: online.nodeId,
        report: new OnlineReport({ records: online.records, clock, log }),
      },
      paces: new AccountPaces({ rateOf, clock, onFault }),
      onRefused: options.onRefused,
      session: { clock, idleWatch, onFault },
      log,
    };
  }

  /** The connection is behind TLS, or inside this process; `initial` was read from it before. */
  accept(connection: Duplex, initial: Uint8Array): void {
    this.registry.onConnected(new AgentLeg(connection, initial, this.#legServices));
  }

  /** Ends the endpoints that their agents may not have any more, after a change of the records. */
  recheckNames(): void {
    const { binder, log } = this.#options;
    for (const { facts } of binder.recheck()) {
      log.info("endpoint offline", { url: facts.url, reason: "not allowed any more" });
      this.#legServices.online?.report.endpointEnded(facts.id);
    }
  }
}
