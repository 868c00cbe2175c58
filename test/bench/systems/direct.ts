/** No tunnel: the visitor reaches the upstream itself, over the same networks. What all others are compared with. */
import { UPSTREAM_NAME } from "../public-name.ts";
import type { System } from "../system.ts";

export const direct: System = {
  name: "direct",
  title: "the visitor reaches the upstream itself",
  start: ({ httpPort, httpsPort, bulkPort }, { upstream }) =>
    Promise.resolve({
      address: upstream.address,
      visitorName: UPSTREAM_NAME,
      httpPort,
      httpsPort,
      bulkPort,
      programs: {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
};
