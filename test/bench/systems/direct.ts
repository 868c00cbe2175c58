/** No tunnel: the visitor reaches the upstream itself, over the same networks. What all others are compared with. */
import type { System } from "../system.ts";

export const direct: System = {
  name: "direct",
  title: "the visitor reaches the upstream itself",
  start: ({ httpPort, httpsPort, bulkPort }, { upstream }) =>
    Promise.resolve({
      address: upstream.address,
      httpPort,
      httpsPort,
      bulkPort,
      programs: {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
};
