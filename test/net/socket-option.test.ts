import { dlopen, ptr } from "bun:ffi";
import { expect, test } from "bun:test";
import { setSocketOption } from "../../src/net/socket-option.ts";

const [SOL_SOCKET, SO_RCVLOWAT] = [1, 18];
/** Far beyond what makes the engine compile the code that asks. */
const TIMES = 200_000;

const LIBRARY = dlopen("libc.so.6", {
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
});

function readOption(descriptor: number, level: number, name: number): number {
  const { symbols } = LIBRARY;
  const [value, length] = [new Int32Array(new ArrayBuffer(4)), new Int32Array(new ArrayBuffer(4))];
  length[0] = value.byteLength;
  expect(symbols.getsockopt(descriptor, level, name, ptr(value), ptr(length))).toBe(0);
  return value[0] ?? Number.NaN;
}

test("setSocketOption asks for what it is told, however often it was called before", async () => {
  const handlers = { data: (): void => {} };
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: handlers });
  const socket = await Bun.connect({ hostname: "127.0.0.1", port: listener.port, socket: handlers });
  try {
    const { fd } = socket as unknown as { readonly fd: number }; // beyond Bun's types
    let wrong = 0;
    for (let time = 1; time <= TIMES; time++) {
      const wanted = 1 + (time % 1_000);
      setSocketOption(socket, SOL_SOCKET, SO_RCVLOWAT, wanted);
      if (time % 1_000 === 999 && readOption(fd, SOL_SOCKET, SO_RCVLOWAT) !== wanted) wrong++;
    }
    expect(wrong).toBe(0);
  } finally {
    socket.terminate();
    listener.stop(true);
  }
});
