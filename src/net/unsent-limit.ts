/**
 * How much a kernel socket takes in beyond what is on its way. Left alone, Linux takes megabytes for each peer that does not read,
 * out of memory that all connections of the machine share, and everything that is written later waits behind them. With a
 * limit they stay with the writer, who knows what to hold back.
 *
 * The one place that asks the kernel for what Bun has no words for: `setsockopt`, with the descriptor that Bun's sockets have beyond
 * their types. Where either is missing nothing is limited, and all else is as ever.
 */
import { dlopen, type Pointer, ptr } from "bun:ffi";
import type { Socket } from "bun";

/**
 * As much again as leaves in one write, so that the kernel does not run dry while the writer hears that there is room: it
 * says so when half of this is left.
 */
const UNSENT_BYTES = 256 * 1024;

interface System {
  readonly library: string;
  /** TCP_NOTSENT_LOWAT. */
  readonly option: number;
}

const MUSL_NAMES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: "x86_64", arm64: "aarch64" };
const SYSTEMS: readonly System[] = [
  { library: "libc.so.6", option: 25 },
  { library: `libc.musl-${MUSL_NAMES[process.arch] ?? process.arch}.so.1`, option: 25 },
  { library: "libSystem.B.dylib", option: 0x201 },
];
const IPPROTO_TCP = 6;

const VALUE = new Int32Array([UNSENT_BYTES]);
const SET_OPTION = setOption();

/** False where the system does not offer it, as for unix sockets. */
export function limitUnsent(socket: Socket<unknown>): boolean {
  if (SET_OPTION === undefined || !("fd" in socket) || typeof socket.fd !== "number" || socket.fd < 0) return false;
  return SET_OPTION(socket.fd);
}

function setOption(): ((descriptor: number) => boolean) | undefined {
  for (const { library, option } of SYSTEMS) {
    try {
      const { symbols } = dlopen(library, {
        setsockopt: { args: ["i32", "i32", "i32", "ptr", "i32"], returns: "i32" },
      });
      const value: Pointer = ptr(VALUE);
      return (descriptor) => symbols.setsockopt(descriptor, IPPROTO_TCP, option, value, VALUE.byteLength) === 0;
    } catch {
      // Another system's.
    }
  }
  return undefined;
}
