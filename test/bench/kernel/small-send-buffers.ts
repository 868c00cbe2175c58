import { output } from "../child.ts";
import type { Place } from "../place.ts";

const KEY = "/proc/sys/net/ipv4/tcp_wmem";
/** Least, at first, and at most. */
const SMALL = "4096 16384 524288";

/**
 * No socket that sends from this place gets more than half a megabyte of the kernel's memory, until disposed of. On one machine all have
 * that memory in common: an upstream whose answers nobody takes would use it up by itself, 4 MB for each, and everybody would stand still.
 */
export async function smallSendBuffers({ enter }: Place): Promise<AsyncDisposable> {
  const usual = (await output(...enter, "cat", KEY)).trim();
  const set = (value: string): Promise<string> => output(...enter, "sh", "-c", 'echo "$1" >"$2"', "sh", value, KEY);
  await set(SMALL);
  return {
    [Symbol.asyncDispose]: async () => {
      await set(usual);
    },
  };
}
