import type { LiveEndpoint } from "../model/records/live-endpoint.ts";
import type { TunnelSession } from "../model/records/tunnel-session.ts";
import { storedText } from "./column.ts";
import type { Run } from "./database.ts";
import type { LiveRecords } from "./live-records.ts";
import { countRows, readOne, readPage } from "./record-reader.ts";
import { StoreError } from "./store-error.ts";
import type { Page } from "./page.ts";
import { ENDPOINT_TABLE, SESSION_TABLE } from "./tables.ts";

/** Each call is one statement, so no transaction is held up by agents that come and go. */
export class SqlLiveRecords implements LiveRecords {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  async putSession(session: TunnelSession): Promise<void> {
    await this.#run(SESSION_TABLE.put(), SESSION_TABLE.encode(session));
  }

  async removeSession(id: string): Promise<void> {
    await this.#run(SESSION_TABLE.delete(), [storedText(id)]);
  }

  async putEndpoint(endpoint: LiveEndpoint): Promise<boolean> {
    try {
      await this.#run(ENDPOINT_TABLE.put(), ENDPOINT_TABLE.encode(endpoint));
      return true;
    } catch (error) {
      if (error instanceof StoreError && error.failure === "missing") return false;
      throw error;
    }
  }

  async removeEndpoint(id: string): Promise<void> {
    await this.#run(ENDPOINT_TABLE.delete(), [storedText(id)]);
  }

  async forgetNode(nodeId: string): Promise<void> {
    await this.#run(`DELETE FROM ${SESSION_TABLE.name} WHERE node_id = $1`, [storedText(nodeId)]);
  }

  getSession(id: string): Promise<TunnelSession | undefined> {
    return readOne(this.#run, SESSION_TABLE, id);
  }

  getEndpoint(id: string): Promise<LiveEndpoint | undefined> {
    return readOne(this.#run, ENDPOINT_TABLE, id);
  }

  listSessions(accountId: string, page: Page<TunnelSession>): Promise<readonly TunnelSession[]> {
    return readPage(this.#run, SESSION_TABLE, "account_id = $1", accountId, page);
  }

  listEndpoints(accountId: string, page: Page<LiveEndpoint>): Promise<readonly LiveEndpoint[]> {
    return readPage(this.#run, ENDPOINT_TABLE, "account_id = $1", accountId, page);
  }

  countEndpoints(accountId: string): Promise<number> {
    return countRows(this.#run, ENDPOINT_TABLE.name, accountId);
  }

  endpointsOn(host: string, page: Page<LiveEndpoint>): Promise<readonly LiveEndpoint[]> {
    return readPage(this.#run, ENDPOINT_TABLE, "host = $1", host, page);
  }
}
