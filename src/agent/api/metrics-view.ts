import { z } from "zod";
import type { RunningTunnel } from "./running-tunnel.ts";

const DURATIONS = { p50: z.number(), p90: z.number(), p95: z.number(), p99: z.number() };
const RATES = { rate1: z.number(), rate5: z.number(), rate15: z.number() };
const BYTES = { bytes_in: z.int(), bytes_out: z.int() };

/** Rates per second, durations in nanoseconds (reference.md 3.3); the bytes are an addition (C-17). */
export const metricsSchema = z.object({
  conns: z.object({ count: z.int(), gauge: z.int(), ...RATES, ...DURATIONS, ...BYTES }),
  http: z.object({ count: z.int(), ...RATES, ...DURATIONS }),
});

export function metricsView(metrics: RunningTunnel["metrics"], nowMs: number): z.infer<typeof metricsSchema> {
  const bytes = { bytes_in: metrics.bytesIn, bytes_out: metrics.bytesOut };
  return { conns: { ...metrics.conns.snapshot(nowMs), ...bytes }, http: metrics.http.snapshot(nowMs) };
}
