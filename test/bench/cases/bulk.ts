import { type Case, soleQuestion } from "../case.ts";
import { iperf } from "../loads/iperf.ts";

/** So that at least a gigabyte passes in a full run on any machine that is worth measuring. */
function bulk(direction: "up" | "down", streams: number): Case {
  const name = `bulk-${direction}-${streams}`;
  const title = `tcp ${direction}, ${streams} stream${streams > 1 ? "s" : ""}`;
  return {
    ...soleQuestion({ name, title, unit: "GB/s", better: "more" }),
    cpuUnit: "GB",
    appliesTo: ({ system }) => system.bulkPort !== undefined,
    async measure({ system: { address, bulkPort: port = 0 }, line, extent: { seconds } }) {
      // On a line windows grow first.
      const duration = line === undefined ? seconds : 2 * seconds;
      const { bytes, bytesPerSecond } = await iperf({ address, port, direction, streams, seconds: duration });
      return { values: { [name]: bytesPerSecond / 1e9 }, work: bytes / 1e9 };
    },
  };
}

export const BULK_CASES: readonly Case[] = (["up", "down"] as const).flatMap((direction) =>
  [1, 8, 64].map((streams) => bulk(direction, streams)),
);
