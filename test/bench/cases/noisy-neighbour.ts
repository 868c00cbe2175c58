import type { Case } from "../case.ts";
import { iperf } from "../loads/iperf.ts";
import { openLoop } from "../loads/open-loop.ts";

const REQUESTS_PER_SECOND = 500;
/** In which others' bytes have filled what there is to fill. */
const FILL_MS = 500;

/** Small requests beside as many bytes as fit through the same agent. */
export const noisyNeighbour: Case = {
  name: "noisy",
  questions: [
    { name: "noisy-quiet-p99", title: "small requests, p99 while it is quiet", unit: "µs", better: "less" },
    { name: "noisy-p99", title: "small requests, p99 beside one tcp stream down", unit: "µs", better: "less" },
    { name: "noisy-ratio", title: "how many times that is the quiet p99", unit: "times", better: "less" },
  ],
  appliesTo: ({ system }) => system.bulkPort !== undefined,
  async measure({ system: { address, httpPort: port, bulkPort = 0 }, extent: { seconds } }) {
    const load = { address, port, requestsPerSecond: REQUESTS_PER_SECOND, seconds };
    const quiet = await openLoop(load);
    const bulk = iperf({ address, port: bulkPort, direction: "down", streams: 1, seconds: seconds + 2 });
    const [noisy] = await Promise.all([Bun.sleep(FILL_MS).then(() => openLoop(load)), bulk]);
    return {
      values: { "noisy-quiet-p99": quiet.p99, "noisy-p99": noisy.p99, "noisy-ratio": noisy.p99 / quiet.p99 },
    };
  },
};
