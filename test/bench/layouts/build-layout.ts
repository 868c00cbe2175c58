/** Makes the places of a layout, and takes them away again. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layLine } from "../line/tun-line.ts";
import { HERE, type Place, type Places } from "../place.ts";
import { hostsFile } from "../public-name.ts";
import { type CpuPlan, pinnedTo } from "./cpu-plan.ts";
import type { Layout, LineWish } from "./layout.ts";
import { Namespace } from "./namespace.ts";

/** Addresses for measuring networks (RFC 2544). Visitors and agents both know the edge by one of its two. */
const VISITOR = "198.18.1.2";
const EDGE = "198.18.1.1";
const EDGE_AT_LINE = "198.18.2.1";
const AGENT = "198.18.2.2";
const SPARE_AGENT = "198.18.2.3";
const EVERYWHERE = "0.0.0.0";
const WIDTH = 24;
const CONGESTION = "net.ipv4.tcp_congestion_control";

/** A router's buffer of 50 ms at 320 Mbit/s. */
const QUEUE_BYTES = 2 * 1024 * 1024;
const SEED = 1;

/** What a case may do to the line, or to the agent's end of it. */
export interface LineHandle {
  /** For silenceLine and healLine. */
  readonly control: string;
  readonly agentDevice: string;
  /** With their width, as `ip` has them. */
  readonly agentAddress: string;
  readonly spareAddress: string;
}

export interface Built {
  readonly places: Places;
  readonly line?: LineHandle;
}

export async function buildLayout(layout: Layout, cpus: CpuPlan): Promise<Built & AsyncDisposable> {
  const system = pinnedTo(cpus.system);
  const load = pinnedTo(cpus.load);
  await using undo = new AsyncDisposableStack();
  const build = layout.kind === "loopback" ? buildLoopback : buildThree;
  const built = await build(layout, { system, load }, undo);
  const kept = undo.move();
  return { ...built, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

interface CpuWords {
  readonly system: readonly string[];
  readonly load: readonly string[];
}

async function buildLoopback(layout: Layout, { system, load }: CpuWords, undo: AsyncDisposableStack): Promise<Built> {
  const alone = undo.use(await Namespace.create(await hostsOf(undo, HERE.address, HERE.address)));
  await choose(layout.congestion, [alone]);
  const at = (words: readonly string[]): Place => ({ ...HERE, enter: [...alone.enter, ...words] });
  return { places: { visitor: at(load), edge: at(system), agent: at(system), upstream: at(load) } };
}

async function buildThree(layout: Layout, { system, load }: CpuWords, undo: AsyncDisposableStack): Promise<Built> {
  const hosts = await hostsOf(undo, EDGE, AGENT);
  const [visitor, edge, agent] = [
    undo.use(await Namespace.create(hosts)),
    undo.use(await Namespace.create(hosts)),
    undo.use(await Namespace.create(hosts)),
  ];
  await choose(layout.congestion, [visitor, edge, agent]);
  await joinByWire([visitor, "edge", VISITOR], [edge, "visitor", EDGE]);
  let line: LineHandle | undefined;
  if (layout.line === undefined) await joinByWire([edge, "agent", EDGE_AT_LINE], [agent, "edge", AGENT]);
  else line = await joinByLine(undo, edge, agent, layout.line, load);
  await edge.set("net.ipv4.ip_forward", "1");
  await visitor.run("ip", "route", "add", "default", "via", EDGE);
  await agent.run("ip", "route", "add", "default", "via", EDGE_AT_LINE);

  const at = (one: Namespace, address: string, cpuWords: readonly string[]): Place => ({
    enter: [...one.enter, ...cpuWords],
    address,
    listen: EVERYWHERE,
  });
  const places = {
    visitor: at(visitor, VISITOR, load),
    edge: at(edge, EDGE, system),
    agent: at(agent, AGENT, system),
    upstream: at(agent, AGENT, load),
  };
  return { places, ...(line === undefined ? {} : { line }) };
}

async function choose(congestion: string, namespaces: readonly Namespace[]): Promise<void> {
  try {
    for (const one of namespaces) await one.set(CONGESTION, congestion);
  } catch (error) {
    const remedy = "those that it does are in net.ipv4.tcp_allowed_congestion_control";
    throw new Error(`the kernel does not let namespaces have ${congestion}; ${remedy}`, { cause: error });
  }
}

async function hostsOf(undo: AsyncDisposableStack, edge: string, upstream: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ginnel-hosts-"));
  undo.defer(() => rm(folder, { recursive: true }));
  const path = join(folder, "hosts");
  await writeFile(path, hostsFile(edge, upstream));
  return path;
}

type End = readonly [namespace: Namespace, device: string, address: string];

async function joinByWire(...ends: readonly [End, End]): Promise<void> {
  const [[first, firstDevice], [second, secondDevice]] = ends;
  const peer = ["peer", "name", secondDevice, "netns", String(second.pid)];
  await first.run("ip", "link", "add", firstDevice, "type", "veth", ...peer);
  for (const [namespace, device, address] of ends) {
    await namespace.run("ip", "address", "add", `${address}/${WIDTH}`, "dev", device);
    await namespace.run("ip", "link", "set", device, "up");
  }
}

async function joinByLine(
  undo: AsyncDisposableStack,
  edge: Namespace,
  agent: Namespace,
  { roundTripMs, lossPercent, megabitsPerSecond }: LineWish,
  enter: readonly string[],
): Promise<LineHandle> {
  // The agent's new address shall outlive its old one.
  await agent.set("net.ipv4.conf.all.promote_secondaries", "1");
  const traits = {
    roundTripMs,
    loss: lossPercent / 100,
    bitsPerSecond: megabitsPerSecond * 1e6,
    queueBytes: QUEUE_BYTES,
    seed: SEED,
  };
  const agentAddress = `${AGENT}/${WIDTH}`;
  const { control } = undo.use(
    await layLine(
      [
        { namespace: edge, device: "agent", address: `${EDGE_AT_LINE}/${WIDTH}` },
        { namespace: agent, device: "edge", address: agentAddress },
      ],
      traits,
      enter,
    ),
  );
  return { control, agentDevice: "edge", agentAddress, spareAddress: `${SPARE_AGENT}/${WIDTH}` };
}
