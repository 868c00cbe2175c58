import type { ProcessUsage } from "./process-usage.ts";
import { counter, gauge, type Metric } from "./prometheus-text.ts";

/** Under the names that every program gives them. */
export function processMetrics(usage: ProcessUsage): readonly Metric[] {
  const { cpuSeconds, residentBytes, openDescriptors, startedAtSeconds } = usage;
  return [
    counter("process_cpu_seconds_total", "User and system CPU time.", [{ value: cpuSeconds }]),
    gauge("process_resident_memory_bytes", "Resident memory.", [{ value: residentBytes }]),
    gauge(
      "process_open_fds",
      "Open files and sockets.",
      openDescriptors === undefined ? [] : [{ value: openDescriptors }],
    ),
    gauge("process_start_time_seconds", "Start of the process since 1970.", [{ value: startedAtSeconds }]),
  ];
}
