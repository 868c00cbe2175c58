/** The line itself, with packets. Where this process may not make network namespaces, as root may, it fails and says so. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TemporaryFolder } from "../../support/temporary-folder.ts";
import { Namespace } from "../layouts/namespace.ts";
import { type LineTraits, PacketLane } from "./packet-lane.ts";
import { healLine, layLine, LINE_MTU, silenceLine } from "./tun-line.ts";

const PROBE = [process.execPath, "--no-env-file", join(import.meta.dir, "echo-probe.ts")];
const NEAR = "198.18.2.1";
const FAR = "198.18.2.2";
const TRAITS: LineTraits = { roundTripMs: 20, loss: 0, bitsPerSecond: 0, queueBytes: 0, seed: 5 };
const TIMEOUT_MS = 60_000;

const folder = new TemporaryFolder();
const undo = new AsyncDisposableStack();
let near: Namespace;
let far: Namespace;

beforeAll(async () => {
  const hosts = folder.file("hosts");
  await Bun.write(hosts, "127.0.0.1 localhost\n");
  near = undo.use(await Namespace.create(hosts));
  far = undo.use(await Namespace.create(hosts));
});

afterAll(async () => {
  await undo.disposeAsync();
  folder[Symbol.dispose]();
});

type Probe = (count: number) => Promise<readonly (number | null)[]>;

/** Lays a line and probes it. */
async function withLine<T>(traits: LineTraits, use: (probe: Probe, control: string) => Promise<T>): Promise<T> {
  await using line = await layLine(
    [
      { namespace: near, device: "near", address: `${NEAR}/24` },
      { namespace: far, device: "far", address: `${FAR}/24` },
    ],
    traits,
  );
  const answering = Bun.spawn([...far.enter, ...PROBE, "answer"], { stdin: "ignore", stdout: "pipe" });
  try {
    await answering.stdout.getReader().read();
    return await use(async (count) => JSON.parse(await near.run(...PROBE, "ask", FAR, String(count))), line.control);
  } finally {
    answering.kill();
    await answering.exited;
  }
}

function lostOf(answers: readonly (number | null)[]): readonly number[] {
  return answers.flatMap((took, number) => (took === null ? [number] : []));
}

describe("layLine", () => {
  test.each([20, 50])(
    "makes a round trip of %p ms",
    async (roundTripMs) => {
      const answers = await withLine({ ...TRAITS, roundTripMs }, (probe) => probe(50));
      expect(lostOf(answers)).toEqual([]);
      // Never sooner; and the best of fifty tells of the line, however busy the machine is.
      const best = Math.min(...answers.map((took) => took ?? Infinity));
      expect(best).toBeGreaterThanOrEqual(roundTripMs);
      expect(best).toBeLessThan(2 * roundTripMs);
    },
    TIMEOUT_MS,
  );

  test(
    "loses the packets that the seed says, each way",
    async () => {
      const traits = { ...TRAITS, loss: 0.1 };
      const count = 300;
      const answers = await withLine(traits, (probe) => probe(count));
      const there = passing(new PacketLane(traits, count), count);
      const back = passing(new PacketLane({ ...traits, seed: traits.seed + 1 }, count), there.length);
      const answered = new Set(back.map((number) => there[number]));
      const expected = Array.from({ length: count }, (_, number) => number).filter((n) => !answered.has(n));
      expect(lostOf(answers)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  test(
    "carries packets of the size of an Ethernet",
    async () => {
      const device = await withLine(TRAITS, () => far.run("ip", "-oneline", "link", "show", "far"));
      expect(device).toContain(` mtu ${LINE_MTU} `);
    },
    TIMEOUT_MS,
  );

  test(
    "falls silent, one way too, and heals",
    async () => {
      await withLine(TRAITS, async (probe, control) => {
        await silenceLine(control, "back");
        expect(lostOf(await probe(5))).toHaveLength(5);
        await healLine(control);
        expect(lostOf(await probe(5))).toHaveLength(0);
        await silenceLine(control);
        expect(lostOf(await probe(5))).toHaveLength(5);
      });
    },
    TIMEOUT_MS,
  );
});

/** Numbers of the packets that get through, of as many. */
function passing(lane: PacketLane, count: number): readonly number[] {
  const passed: number[] = [];
  for (let number = 0; number < count; number++) {
    lane.enter(100, 0);
    if (lane.nextDueNs === Infinity) continue;
    lane.leave();
    passed.push(number);
  }
  return passed;
}
