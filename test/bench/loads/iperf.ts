/** Bulk load by iperf3 over TCP. Up is from the visitor to the upstream. */
import { z } from "zod";
import { output } from "../child.ts";

export interface BulkLoad {
  readonly address: string;
  readonly port: number;
  readonly direction: "up" | "down";
  readonly streams: number;
  readonly seconds: number;
}

export interface BulkResult {
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

const Report = z.object({
  end: z.object({ sum_received: z.object({ bytes: z.number(), bits_per_second: z.number() }) }),
});

/** The server of iperf3 takes one test at a time, and may still be busy with the end of the one before. */
const ATTEMPTS = 5;

export async function iperf({ address, port, direction, streams, seconds }: BulkLoad): Promise<BulkResult> {
  const args = ["-c", address, "-p", `${port}`, "-t", `${seconds}`, "-P", `${streams}`, "-J"];
  const command = ["iperf3", ...args, ...(direction === "down" ? ["-R"] : [])];
  for (let attempt = 1; ; attempt++) {
    try {
      const { sum_received: sum } = Report.parse(JSON.parse(await output(...command))).end;
      return { bytes: sum.bytes, bytesPerSecond: sum.bits_per_second / 8 };
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await Bun.sleep(500);
    }
  }
}
