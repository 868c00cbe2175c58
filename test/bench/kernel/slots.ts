import { ptr } from "bun:ffi";
import { libc } from "./libc.ts";

/** Memory that descriptors are read into and written from, in slots of one size. It does not move while this object lives. */
export class Slots {
  readonly slotBytes: number;
  readonly #bytes: Uint8Array;
  readonly #address: number;

  constructor(count: number, slotBytes: number) {
    this.slotBytes = slotBytes;
    // A small array without a buffer of its own would be moved by the first look at it.
    this.#bytes = new Uint8Array(new ArrayBuffer(count * slotBytes));
    this.#address = ptr(this.#bytes);
  }

  /** Bytes read: 0 at the end, less when there is nothing. */
  readFrom(descriptor: number, slot: number): number {
    return libc.read(descriptor, this.#address + slot * this.slotBytes, this.slotBytes);
  }

  /** Bytes written; less than none when there is no room. */
  writeTo(descriptor: number, slot: number, length: number): number {
    return libc.write(descriptor, this.#address + slot * this.slotBytes, length);
  }

  /** The bytes of one slot themselves, not a copy. */
  bytes(slot: number, length = this.slotBytes): Uint8Array {
    const from = slot * this.slotBytes;
    return this.#bytes.subarray(from, from + length);
  }

  text(slot: number, length: number): string {
    return Buffer.from(this.bytes(slot, length)).toString("latin1");
  }
}
