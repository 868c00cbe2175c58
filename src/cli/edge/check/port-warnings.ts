/** Ports of a configuration that an edge started here and now could not have. */
import { UsageError } from "../../../base/errors.ts";
import type { EdgeConfig } from "../../../config/edge-config.ts";
import { isAddressInUse, listenTcp } from "../../../net/tcp-listen.ts";

const SETTINGS = ["http", "https", "agents", "operator"] as const;
const ALL_ADDRESSES = "0.0.0.0";

/** Each port is opened and freed at once. One that is in use may be that of the edge which runs with this configuration. */
export function portWarnings(config: Pick<EdgeConfig, (typeof SETTINGS)[number]>): readonly string[] {
  return SETTINGS.flatMap((name) => {
    const address = config[name];
    if (address === undefined || address.port === 0) return [];
    try {
      listenTcp({ hostname: address.host || ALL_ADDRESSES, port: address.port }, (visitor) => visitor.reset()).close();
      return [];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const setting = name === "operator" ? "operator-addr" : name;
      const may = isAddressInUse(error.cause) ? " (nothing is wrong if that is this edge)" : "";
      return [`${setting}: ${error.message}${may}`];
    }
  });
}
