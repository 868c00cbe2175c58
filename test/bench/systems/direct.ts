/** No tunnel: the visitor reaches the upstream itself. What all others are compared with. */
import type { System } from "../system.ts";

export const direct: System = {
  name: "direct",
  start: async ({ httpPort, httpsPort, bulkPort }, reach) => ({
    httpPort: await reach(httpPort),
    httpsPort: await reach(httpsPort),
    bulkPort: await reach(bulkPort),
    processes: {},
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
};
