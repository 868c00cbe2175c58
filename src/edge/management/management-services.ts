import type { Clock } from "../../base/clock.ts";
import type { PortRange } from "../../model/port-range.ts";
import type { OwnNames } from "../../model/reservations.ts";
import type { Store } from "../../store/store.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { AddressWarnings } from "../address-warnings.ts";
import type { PublicPorts } from "../binding/shown-url.ts";
import type { AgentCommands } from "../sessions/agent-commands.ts";
import type { FailedCallers } from "./failed-callers.ts";

/** What the management API works with. */
export interface ManagementServices {
  readonly store: Store;
  /** Those that are connected to this node. */
  readonly agents: AgentCommands;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where callers reach it, without a slash at the end: `https://api.example.com`. Every `uri` begins with it. */
  readonly baseUrl: string;
  readonly names: OwnNames;
  /** Codes of the regions there are. */
  readonly regions: readonly string[];
  /** Where TCP endpoints are; `undefined` when the edge has none. */
  readonly tcp: { readonly host: string; readonly ports: PortRange } | undefined;
  /** Where visitors come: for the URLs of cloud endpoints. */
  readonly publicPorts: PublicPorts;
  /** Whether another account has an endpoint at a name or TCP port of this node, or has lost its agent there a moment ago. */
  readonly isTaken: (address: { readonly host: string } | { readonly port: number }, accountId: string) => boolean;
  /** Of the API and of the dashboard together. */
  readonly failedCallers: FailedCallers;
  /** Of the API and of the dashboard together. */
  readonly addressWarnings: AddressWarnings;
  /** Web origins whose pages may call; compared as browsers write them. */
  readonly allowedOrigins: readonly string[];
}
