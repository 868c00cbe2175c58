/** TUN devices of Linux, and waiting for them: what the runtime has no words for, from libc. Knows nothing of what is carried. */
import { dlopen, ptr, read } from "bun:ffi";

const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
/** linux/if_tun.h */
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const INTERFACE_NAME_BYTES = 16;
const IFREQ_BYTES = 40;
/** poll.h */
const POLLIN = 1;
const POLLFD_BYTES = 8;
/** linux/prctl.h */
const PR_SET_PDEATHSIG = 1;
const PR_SET_TIMERSLACK = 29;
const SIGKILL = 9;

const NS_PER_SECOND = 1e9;

// Lengths fit into 31 bits; a plain number costs less than the bigint of a size_t.
const { symbols: libc } = dlopen("libc.so.6", {
  open: { args: ["cstring", "i32"], returns: "i32" },
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
  read: { args: ["i32", "ptr", "i32"], returns: "i32" },
  write: { args: ["i32", "ptr", "i32"], returns: "i32" },
  ppoll: { args: ["ptr", "i32", "ptr", "ptr"], returns: "i32" },
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
  __errno_location: { args: [], returns: "ptr" },
});

/** Makes a device in this network namespace, which lives as long as the descriptor. Throws without CAP_NET_ADMIN. */
export function makeTun(name: string): number {
  const descriptor = openForBoth("/dev/net/tun");
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, 0, INTERFACE_NAME_BYTES - 1, "latin1");
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, INTERFACE_NAME_BYTES);
  if (libc.ioctl(descriptor, TUNSETIFF, request) < 0) throw new Error(`no TUN device ${name}: errno ${errno()}`);
  return descriptor;
}

/** Opens without blocking, now and later; for reading and writing, so that a FIFO never comes to its end. */
export function openForBoth(path: string): number {
  const descriptor = libc.open(Buffer.from(`${path}\0`), O_RDWR | O_NONBLOCK);
  if (descriptor < 0) throw new Error(`${path} cannot be opened: errno ${errno()}`);
  return descriptor;
}

/** Memory that is read into and written from, in slots of one size. It does not move while this object lives. */
export class Slots {
  readonly #bytes: Uint8Array;
  readonly #address: number;
  readonly slotBytes: number;

  constructor(count: number, slotBytes: number) {
    // A small array without a buffer of its own would be moved by the first look at it.
    this.#bytes = new Uint8Array(new ArrayBuffer(count * slotBytes));
    this.#address = ptr(this.#bytes);
    this.slotBytes = slotBytes;
  }

  /** Bytes read; at most 0 when there is nothing. */
  readFrom(descriptor: number, slot: number): number {
    return libc.read(descriptor, this.#at(slot), this.slotBytes);
  }

  writeTo(descriptor: number, slot: number, length: number): number {
    return libc.write(descriptor, this.#at(slot), length);
  }

  text(slot: number, length: number): string {
    const from = slot * this.slotBytes;
    return Buffer.from(this.#bytes.subarray(from, from + length)).toString();
  }

  #at(slot: number): number {
    return this.#address + slot * this.slotBytes;
  }
}

/** Waits for several descriptors to have something to read. Blocks the thread. */
export class ReadWait {
  readonly #polled: Buffer;
  readonly #count: number;
  readonly #timeout = new BigInt64Array(2);

  constructor(descriptors: readonly number[]) {
    this.#count = descriptors.length;
    this.#polled = Buffer.alloc(this.#count * POLLFD_BYTES);
    for (const [index, descriptor] of descriptors.entries()) {
      this.#polled.writeInt32LE(descriptor, index * POLLFD_BYTES);
      this.#polled.writeInt16LE(POLLIN, index * POLLFD_BYTES + 4);
    }
  }

  /** Infinity: for as long as it takes. */
  forAtMost(ns: number): void {
    if (ns === Infinity) {
      libc.ppoll(this.#polled, this.#count, null, null);
      return;
    }
    this.#timeout[0] = BigInt(Math.floor(ns / NS_PER_SECOND));
    this.#timeout[1] = BigInt(Math.floor(ns % NS_PER_SECOND));
    libc.ppoll(this.#polled, this.#count, ptr(this.#timeout), null);
  }
}

/** This process ends with the one that started it, however that ends, and its waits end on time. */
export function beExactAndMortal(): void {
  libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  libc.prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
}

function errno(): number {
  const location = libc.__errno_location();
  return location === null ? 0 : read.i32(location, 0);
}
