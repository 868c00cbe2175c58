/**
 * Carries packets between two TUN devices as a line does: late, at a rate, and not all of them. A process of its own, whose one
 * thread never does anything else: `shuttle.ts DEVICE DEVICE FIFO TRAITS`, the traits as JSON.
 *
 * Prints a line when the devices are there. Takes orders from the FIFO, a letter each (ORDERS), until it is killed.
 */
import { writeSync } from "node:fs";
import { beExactAndMortal } from "../kernel/libc.ts";
import { ReadWait } from "../kernel/read-wait.ts";
import { Slots } from "../kernel/slots.ts";
import { makeTun, openForBoth } from "../kernel/tun-device.ts";
import { type LineTraits, PacketLane } from "./packet-lane.ts";

/** Packets inside each direction: 75 ms of a gigabit per second are 6,250 of full size. */
const SLOTS = 16_384;
const SLOT_BYTES = 2048;
/** Read in a row from one device before those that are due are looked at again. */
const AT_ONCE = 32;
const ORDER_BYTES = 64;

const [nearName = "", farName = "", fifo = "", traitsText = "{}"] = process.argv.slice(2);
const traits = JSON.parse(traitsText) as LineTraits; // by line.ts, which this process belongs to
beExactAndMortal();

class Direction {
  readonly lane: PacketLane;
  readonly #slots = new Slots(SLOTS, SLOT_BYTES);
  readonly #from: number;
  readonly #to: number;

  constructor(from: number, to: number, seed: number) {
    this.#from = from;
    this.#to = to;
    this.lane = new PacketLane({ ...traits, seed }, SLOTS);
  }

  /** False when there was nothing to take. */
  take(): boolean {
    for (let count = 0; count < AT_ONCE; count++) {
      const slot = this.lane.freeSlot;
      if (slot === undefined) return false; // waits in the device
      const length = this.#slots.readFrom(this.#from, slot);
      if (length <= 0) return count > 0;
      this.lane.enter(length, Bun.nanoseconds());
    }
    return true;
  }

  deliver(nowNs: number): void {
    while (this.lane.nextDueNs <= nowNs) {
      this.#slots.writeTo(this.#to, this.lane.firstSlot, this.lane.firstLength);
      this.lane.leave();
    }
  }
}

const near = makeTun(nearName);
const far = makeTun(farName);
const control = openForBoth(fifo);
const away = new Direction(near, far, traits.seed);
const back = new Direction(far, near, traits.seed + 1);
const orders = new Slots(1, ORDER_BYTES);
const waiting = new ReadWait([near, far, control]);

const ORDERS: Readonly<Record<string, () => void>> = {
  a: () => (away.lane.isSilent = true),
  b: () => (back.lane.isSilent = true),
  h: () => (away.lane.isSilent = back.lane.isSilent = false),
};

writeSync(1, "ready\n");
for (;;) {
  const length = orders.readFrom(control, 0);
  if (length > 0) for (const order of orders.text(0, length)) ORDERS[order]?.();
  away.deliver(Bun.nanoseconds());
  back.deliver(Bun.nanoseconds());
  const tookAway = away.take();
  const tookBack = back.take();
  if (tookAway || tookBack) continue;
  const waitNs = Math.min(away.lane.nextDueNs, back.lane.nextDueNs) - Bun.nanoseconds();
  if (waitNs > 0) waiting.forAtMost(waitNs);
}
