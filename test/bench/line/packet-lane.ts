/**
 * One direction of a line, without devices: which packets get through it, and when. Packets lie in numbered slots, whose bytes
 * are the business of the caller, and leave in the order in which they came.
 */
import { SeededLoss } from "./seeded-loss.ts";

export interface LineTraits {
  /** Time there and back; each direction takes half of it. */
  readonly roundTripMs: number;
  /** Share of packets lost in each direction, 0 to 1. */
  readonly loss: number;
  /** Zero: as fast as the machine. */
  readonly bitsPerSecond: number;
  /** What may wait for its turn at the entrance of each direction; what does not fit is dropped, as in a router. */
  readonly queueBytes: number;
  readonly seed: number;
}

const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;

export class PacketLane {
  readonly #delayNs: number;
  readonly #nsPerByte: number;
  readonly #longestWaitNs: number;
  readonly #loss: SeededLoss;
  readonly #lengths: Uint32Array;
  readonly #dueNs: Float64Array;
  #first = 0;
  #count = 0;
  #entranceFreeAtNs = 0;
  #isSilent = false;

  /** `slots` is how many packets may be inside, travelling and waiting. */
  constructor(traits: LineTraits, slots: number) {
    this.#delayNs = (traits.roundTripMs / 2) * NS_PER_MS;
    this.#nsPerByte = traits.bitsPerSecond === 0 ? 0 : (8 * NS_PER_SECOND) / traits.bitsPerSecond;
    this.#longestWaitNs = traits.queueBytes * this.#nsPerByte;
    this.#loss = new SeededLoss(traits.loss, traits.seed);
    this.#lengths = new Uint32Array(slots);
    this.#dueNs = new Float64Array(slots);
  }

  /** The slot for the bytes of the next packet; undefined: there is no room, and it has to be left where it is. */
  get freeSlot(): number | undefined {
    return this.#count === this.#lengths.length ? undefined : (this.#first + this.#count) % this.#lengths.length;
  }

  /** The packet in {@link freeSlot} enters, unless it is lost. Times must not go back. */
  enter(lengthBytes: number, nowNs: number): void {
    const slot = this.freeSlot;
    const isLost = this.#loss.losesNext(); // asked first, so that neither silence nor a full queue changes which ones are lost
    if (slot === undefined || isLost || this.#isSilent) return;
    const startsAtNs = Math.max(this.#entranceFreeAtNs, nowNs);
    if (startsAtNs - nowNs > this.#longestWaitNs) return;
    this.#entranceFreeAtNs = startsAtNs + lengthBytes * this.#nsPerByte;
    this.#lengths[slot] = lengthBytes;
    this.#dueNs[slot] = this.#entranceFreeAtNs + this.#delayNs;
    this.#count++;
  }

  /** When the first packet inside is to leave; Infinity when there is none. */
  get nextDueNs(): number {
    return this.#count === 0 ? Infinity : (this.#dueNs[this.#first] ?? Infinity);
  }

  /** Slot of the first packet inside. */
  get firstSlot(): number {
    return this.#first;
  }

  get firstLength(): number {
    return this.#lengths[this.#first] ?? 0;
  }

  /** The first packet has left, and its slot is free. */
  leave(): void {
    this.#first = (this.#first + 1) % this.#lengths.length;
    this.#count--;
  }

  /** From now on everything that enters is lost; what is on its way arrives. */
  set isSilent(silent: boolean) {
    this.#isSilent = silent;
  }
}
