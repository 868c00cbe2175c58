/** What is online: agents' sessions and their endpoints. Never on the disk of a single edge; nodes around PostgreSQL share them. */
import type { LiveEndpoint } from "../model/records/live-endpoint.ts";
import type { TunnelSession } from "../model/records/tunnel-session.ts";
import type { Page } from "./page.ts";

export interface LiveRecords {
  putSession(session: TunnelSession): Promise<void>;
  /** Its endpoints go with it. */
  removeSession(id: string): Promise<void>;
  /** False, and nothing is kept, when its session is gone. */
  putEndpoint(endpoint: LiveEndpoint): Promise<boolean>;
  removeEndpoint(id: string): Promise<void>;
  /** Everything a node had online, before it starts or after it was lost. */
  forgetNode(nodeId: string): Promise<void>;
  getSession(id: string): Promise<TunnelSession | undefined>;
  getEndpoint(id: string): Promise<LiveEndpoint | undefined>;
  /** Newest first. */
  listSessions(accountId: string, page: Page<TunnelSession>): Promise<readonly TunnelSession[]>;
  /** Newest first. */
  listEndpoints(accountId: string, page: Page<LiveEndpoint>): Promise<readonly LiveEndpoint[]>;
  countEndpoints(accountId: string): Promise<number>;
  /** Of whatever account, with this host in their URLs. Newest first. */
  endpointsOn(host: string, page: Page<LiveEndpoint>): Promise<readonly LiveEndpoint[]>;
}
