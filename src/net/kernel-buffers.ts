/**
 * How much the kernel holds of one socket. Left alone, Linux holds megabytes for each peer that does not read, out of memory that all
 * connections of the machine share, and megabytes more that we have not read yet; whatever is written later waits behind them.
 * With a limit they stay with the writer, who knows what to hold back.
 *
 * The one place that asks the kernel for what Bun has no words for: `setsockopt`, with the descriptor that Bun's sockets have beyond
 * their types. Where either is missing nothing is limited, and all else is as ever.
 */
import { dlopen, ptr } from "bun:ffi";
import type { Socket } from "bun";

/** What a socket takes beyond what is on its way: the kernel says that there is room again when half of this is left. */
const UNSENT_BYTES = 256 * 1024;

/** The names of the options in a system's headers, and the file with its calls. */
interface System {
  readonly library: string;
  readonly solSocket: number;
  readonly receiveBuffer: number;
  readonly unsentLowWater: number;
}

const LINUX = { solSocket: 1, receiveBuffer: 8, unsentLowWater: 25 };
const MUSL_NAMES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: "x86_64", arm64: "aarch64" };
const SYSTEMS: readonly System[] = [
  { library: "libc.so.6", ...LINUX },
  { library: `libc.musl-${MUSL_NAMES[process.arch] ?? process.arch}.so.1`, ...LINUX },
  { library: "libSystem.B.dylib", solSocket: 0xffff, receiveBuffer: 0x1002, unsentLowWater: 0x201 },
];
const IPPROTO_TCP = 6;

interface Options {
  readonly system: System;
  set(socket: Socket<unknown>, level: number, option: number, value: number): boolean;
}

const OPTIONS = socketOptions();

/** At most 256 KiB wait in the kernel beyond what is on its way. False where the system does not offer it, as for unix sockets. */
export function limitUnsent(socket: Socket<unknown>): boolean {
  return OPTIONS?.set(socket, IPPROTO_TCP, OPTIONS.system.unsentLowWater, UNSENT_BYTES) ?? false;
}

/**
 * The peer has about this much on its way at most, for the rest of the connection: what is not read fills it. Less where the system
 * allows less (`net.core.rmem_max`). False where it does not offer it.
 */
export function limitUnread(socket: Socket<unknown>, bytes: number): boolean {
  return OPTIONS?.set(socket, OPTIONS.system.solSocket, OPTIONS.system.receiveBuffer, bytes) ?? false;
}

function socketOptions(): Options | undefined {
  for (const system of SYSTEMS) {
    try {
      const { symbols } = dlopen(system.library, {
        setsockopt: { args: ["i32", "i32", "i32", "ptr", "i32"], returns: "i32" },
      });
      const cell = new Int32Array(1);
      const address = ptr(cell);
      return {
        system,
        set(socket, level, option, value) {
          if (!("fd" in socket) || typeof socket.fd !== "number" || socket.fd < 0) return false;
          cell[0] = value;
          return symbols.setsockopt(socket.fd, level, option, address, cell.byteLength) === 0;
        },
      };
    } catch {
      // Another system's.
    }
  }
  return undefined;
}
