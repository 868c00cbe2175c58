/** A line between two namespaces: a device in each, and a process that carries packets from one to the other (shuttle.ts). */
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output } from "../child.ts";
import type { Namespace } from "../layouts/namespace.ts";
import type { LineTraits } from "./packet-lane.ts";

const PROGRAM = join(import.meta.dir, "shuttle.ts");
export const LINE_MTU = 1500;
/** So that packets wait here and not get lost while the shuttle has no turn: losses are its business alone. */
const DEVICE_PACKETS = 10_000;

/** Which way falls silent: from the first namespace to the second, or back. */
export type LineWay = "away" | "back";
const SILENCE: Readonly<Record<LineWay, string>> = { away: "a", back: "b" };
const HEAL = "h";

/** One end: a namespace, the name of its device, and the address with its width, such as 198.18.2.1/24. */
export interface LineEnd {
  readonly namespace: Namespace;
  readonly device: string;
  readonly address: string;
}

export interface TunLine extends AsyncDisposable {
  /** A FIFO for {@link silenceLine} and {@link healLine}, also of other processes. */
  readonly control: string;
}

/** `enter` are words in front of the shuttle: the processors that it may use. */
export async function layLine(
  ends: readonly [LineEnd, LineEnd],
  traits: LineTraits,
  enter: readonly string[] = [],
): Promise<TunLine> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "ginnel-line-"));
  undo.defer(() => rm(folder, { recursive: true }));
  const control = join(folder, "control");
  await output("mkfifo", "-m", "600", control);
  const [first, second] = ends;
  const program = [process.execPath, "--no-env-file", PROGRAM, first.device, second.device, control];
  // Both devices are made in the first namespace, and one is moved.
  const shuttle = Bun.spawn([...first.namespace.enter, ...enter, ...program, JSON.stringify(traits)], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  undo.defer(async () => {
    shuttle.kill("SIGKILL");
    await shuttle.exited;
  });
  if ((await shuttle.stdout.getReader().read()).done) throw new Error("the line could not be laid; see above");
  await first.namespace.run("ip", "link", "set", second.device, "netns", String(second.namespace.pid));
  for (const { namespace, device, address } of ends) {
    // Without it the kernel would send packets of its own over the line.
    await namespace.set(`net.ipv6.conf.${device}.disable_ipv6`, "1");
    await namespace.run("ip", "address", "add", address, "dev", device);
    const size = ["mtu", String(LINE_MTU), "txqueuelen", String(DEVICE_PACKETS)];
    await namespace.run("ip", "link", "set", device, ...size, "up");
  }
  const kept = undo.move();
  return { control, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Nothing passes any more, and nobody is told; without ways both. `control` is that of the line. */
export async function silenceLine(control: string, ...ways: readonly LineWay[]): Promise<void> {
  await appendFile(
    control,
    (ways.length === 0 ? (["away", "back"] as const) : ways).map((way) => SILENCE[way]).join(""),
  );
}

/** Packets pass again. */
export async function healLine(control: string): Promise<void> {
  await appendFile(control, HEAL);
}
