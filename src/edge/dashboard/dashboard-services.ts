import type { EndpointTraffic } from "../operations/endpoint-traffic.ts";
import type { ManagementServices } from "../management/management-services.ts";

/** What the dashboard works with. */
export interface DashboardServices {
  /** Of the management API, whose calls the pages make. */
  readonly management: ManagementServices;
  /**
   * Names by which browsers reach it besides those of the loopback: of its site, and of an address that it has to itself. Lower case,
   * without port.
   */
  readonly hosts: readonly string[];
  /** Of the account's endpoints that are online here. */
  readonly traffic: (accountId: string) => Promise<readonly EndpointTraffic[]>;
}
