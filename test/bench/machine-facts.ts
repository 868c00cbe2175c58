/** What a reader has to know to place the numbers of a run. */
import { readFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { type CpuPlan, cpuNumbers } from "./layouts/cpu-plan.ts";
import type { Layout } from "./layouts/layout.ts";
import { LINE_MTU } from "./line/tun-line.ts";

/** Processors that this process may use. */
export async function allowedCpus(): Promise<readonly number[]> {
  const status = await readFile("/proc/self/status", "utf8");
  return cpuNumbers(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "0");
}

/** By name, for people. */
export async function machineFacts(
  layouts: readonly Layout[],
  plan: CpuPlan,
): Promise<Readonly<Record<string, string>>> {
  const [haproxy, nginx, ssh] = await Promise.all([
    firstLine("haproxy", "-v"),
    firstLine("nginx", "-v"),
    firstLine("ssh", "-V"),
  ]);
  const pinned =
    plan.system.length === 0
      ? "not pinned"
      : `systems on ${plan.system.join(",")}, load and upstream on ${plan.load.join(",")}`;
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`,
    kernel: `Linux ${release()}`,
    processors: pinned,
    "congestion control": [...new Set(layouts.map(({ congestion }) => congestion))].join(", "),
    mtu: `loopback 65536, wires 1500, line ${LINE_MTU}`,
    programs: [haproxy, nginx, ssh, `Bun ${Bun.version}`].join("; "),
  };
}

async function firstLine(...command: readonly string[]): Promise<string> {
  const run = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, complaint] = await Promise.all([run.stdout.text(), run.stderr.text()]);
  return `${out}${complaint}`.split("\n")[0] ?? "";
}
