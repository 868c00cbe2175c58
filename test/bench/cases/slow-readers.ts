import type { Case } from "../case.ts";
import { smallSendBuffers } from "../kernel/small-send-buffers.ts";
import { stuckVisitors } from "../loads/stuck-visitors.ts";
import { untilAtRest } from "../loads/until-at-rest.ts";
import { wrk } from "../loads/wrk.ts";
import { memoryBytes } from "../process-usage.ts";
import { urlOf } from "../scheme.ts";
import { pidsOf } from "../system-pids.ts";

const CONNECTIONS = 50;

/** Visitors who ask for much and read nothing, beside others. */
export const slowReaders: Case = {
  name: "slow-readers",
  questions: [
    {
      name: "slow-readers-speed",
      title: "requests beside stuck visitors, share of those without",
      unit: "",
      better: "more",
    },
    { name: "slow-readers-memory", title: "memory per stuck visitor, both processes", unit: "kB", better: "less" },
  ],
  needsFreshProcesses: true,
  appliesTo: ({ system }) => pidsOf(system).length > 0,
  async measure({ system, places, extent: { seconds, stuckVisitors: count } }) {
    await using _small = await smallSendBuffers(places.upstream);
    const load = { url: urlOf(system, "http"), connections: CONNECTIONS, seconds };
    await wrk(load); // new processes are slower
    const alone = await wrk(load);
    const before = await memoryBytes(pidsOf(system));
    using _stuck = await stuckVisitors(system.address, system.httpPort, count);
    await untilAtRest(pidsOf(system));
    const after = await memoryBytes(pidsOf(system));
    const beside = await wrk(load);
    return {
      values: {
        "slow-readers-speed": beside.requestsPerSecond / alone.requestsPerSecond,
        "slow-readers-memory": (after - before) / count / 1000,
      },
    };
  },
};
