/** SIGHUP, which asks a program without a terminal to look at its files again. */
import { isatty } from "node:tty";

const STANDARD_STREAMS = [0, 1, 2] as const;

/**
 * Calls the listener at each SIGHUP until disposed of, unless the signal means what it meant before there were services: that
 * the terminal was closed. Then it ends the process. Windows has no such signal.
 */
export function onHangup(listener: () => void): Disposable {
  if (process.platform === "win32") return { [Symbol.dispose]: () => {} };
  const terminals = STANDARD_STREAMS.filter((descriptor) => isatty(descriptor));
  const hear = (): void => {
    if (terminals.every((descriptor) => isatty(descriptor))) return listener();
    process.off("SIGHUP", hear);
    process.kill(process.pid, "SIGHUP");
  };
  process.on("SIGHUP", hear);
  return { [Symbol.dispose]: () => void process.off("SIGHUP", hear) };
}
