/** Calls the listener when the process ends, whatever ends it but a signal that kills, until disposed of. It can wait for nothing. */
export function atExit(listener: () => void): Disposable {
  process.on("exit", listener);
  return { [Symbol.dispose]: () => void process.off("exit", listener) };
}
