/** No tunnel: the visitor reaches the upstream itself. What all others are compared with. */
import type { System } from "../system.ts";

export const direct: System = {
  name: "direct",
  start: ({ httpPort, httpsPort, bulkPort }) =>
    Promise.resolve({
      httpPort,
      httpsPort,
      bulkPort,
      processes: {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
};
