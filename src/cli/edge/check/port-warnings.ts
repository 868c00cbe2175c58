/** Ports of a configuration that an edge started here and now could not have. */
import { UsageError } from "../../../base/errors.ts";
import type { EdgeConfig } from "../../../config/edge-config.ts";
import { isAddressInUse, listenTcp } from "../../../net/tcp-listen.ts";

type Listening = Pick<EdgeConfig, "http" | "https" | "agents" | "operator"> & {
  readonly management: Pick<EdgeConfig["management"], "address">;
};

/**
 * Each port is opened and freed at once. One that is in use may be that of the edge which runs with this configuration. `anyAddress` is
 * where a start listens that names no address.
 */
export function portWarnings(config: Listening, anyAddress: string): readonly string[] {
  const { http, https, agents, operator, management } = config;
  const settings = { http, https, agents, "operator-addr": operator, "management-addr": management.address };
  return Object.entries(settings).flatMap(([setting, address]) => {
    if (address === undefined || address.port === 0) return [];
    try {
      listenTcp({ hostname: address.host || anyAddress, port: address.port }, (visitor) => visitor.reset()).close();
      return [];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const may = isAddressInUse(error.cause) ? " (nothing is wrong if that is this edge)" : "";
      return [`${setting}: ${error.message}${may}`];
    }
  });
}
