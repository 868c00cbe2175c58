/**
 * The one place that asks the kernel for what Bun has no words for: `setsockopt`, with the descriptor that Bun's sockets have beyond
 * their types. Where either is missing nothing is asked, and all else is as ever.
 */
import { dlopen, type Pointer, ptr } from "bun:ffi";

const MUSL_NAMES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: "x86_64", arm64: "aarch64" };
const LIBRARIES = [
  "libc.so.6",
  `libc.musl-${MUSL_NAMES[process.arch] ?? process.arch}.so.1`,
  "libSystem.B.dylib",
] as const;

/** In a buffer of its own from the start: the engine moves a small array into one when it compiles the code that writes to it. */
const VALUE = new Int32Array(new ArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
const SET_OPTION = setOption();

/** `name` is a number of this operating system. False where it is not there, as for a socket of another kind. */
export function setSocketOption(socket: object, level: number, name: number, value: number): boolean {
  if (SET_OPTION === undefined || !("fd" in socket) || typeof socket.fd !== "number" || socket.fd < 0) return false;
  VALUE[0] = value;
  return SET_OPTION(socket.fd, level, name);
}

function setOption(): ((descriptor: number, level: number, name: number) => boolean) | undefined {
  for (const library of LIBRARIES) {
    try {
      const { symbols } = dlopen(library, {
        setsockopt: { args: ["i32", "i32", "i32", "ptr", "i32"], returns: "i32" },
      });
      const value: Pointer = ptr(VALUE);
      return (descriptor, level, name) => symbols.setsockopt(descriptor, level, name, value, VALUE.byteLength) === 0;
    } catch {
      // Another system's.
    }
  }
  return undefined;
}
