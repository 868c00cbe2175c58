import type { Case } from "../case.ts";
import { openLoop } from "../loads/open-loop.ts";
import { Visitor } from "../loads/visitor.ts";
import { memoryBytes } from "../process-usage.ts";
import { slope, valleys } from "../slope.ts";
import type { RunningSystem } from "../system.ts";
import { pidsOf } from "../system-pids.ts";

const REQUESTS_PER_SECOND = 500;
const NEW_VISITORS_PER_SECOND = 50;
const SAMPLE_EVERY_MS = 2_000;
/** In which a process takes what it needs. */
const WARM_UP_SHARE = 1 / 3;
/** Each as long as a few full collections take, in half an hour. */
const VALLEYS = 18;
const MS_PER_HOUR = 3_600_000;

/** A steady load, kept-alive and new visitors, for as long as is asked for. A request without success ends it with an error. */
export const soak: Case = {
  name: "soak",
  questions: [
    {
      name: "soak-slope",
      title: "growth of memory under a steady load, both processes",
      unit: "MB per hour",
      better: "less",
    },
    { name: "soak-p99", title: "p99 of its requests", unit: "µs", better: "less" },
  ],
  needsFreshProcesses: true,
  happensOnce: true,
  // The others' memory is not ours to watch for hours.
  appliesTo: ({ system }) => system.admission !== undefined,
  async measure({ system, extent: { soakSeconds } }) {
    const { address, httpPort: port } = system;
    const points: [number, number][] = [];
    const startedMs = performance.now();
    const sample = setInterval(() => {
      const atMs = performance.now() - startedMs;
      void memoryBytes(pidsOf(system)).then((bytes) => points.push([atMs, bytes]));
    }, SAMPLE_EVERY_MS);
    try {
      const load = { address, port, requestsPerSecond: REQUESTS_PER_SECOND, seconds: soakSeconds };
      const [times] = await Promise.all([openLoop(load), newVisitors(system, soakSeconds)]);
      const warm = points.filter(([atMs]) => atMs > WARM_UP_SHARE * soakSeconds * 1000);
      return {
        values: {
          "soak-slope": (slope(valleys(warm, (soakSeconds * 1000) / VALLEYS)) * MS_PER_HOUR) / 1e6,
          "soak-p99": times.p99,
        },
      };
    } finally {
      clearInterval(sample);
    }
  },
};

/** One after the other, each with a request. */
async function newVisitors({ address, httpPort: port }: RunningSystem, seconds: number): Promise<void> {
  const untilMs = performance.now() + seconds * 1000;
  while (performance.now() < untilMs) {
    using visitor = await Visitor.connect({ address, port, secure: false });
    await Promise.all([visitor.ask(), Bun.sleep(1000 / NEW_VISITORS_PER_SECOND)]);
  }
}
