/** SIGINT and SIGTERM as one AbortSignal: the first asks everything to stop, a second ends the process at once. */

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;
type StopSignal = (typeof STOP_SIGNALS)[number];

/** Exit codes of a process that a signal ended, as shells count them. */
const EXIT_CODES: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

interface SignalSource {
  on(signal: StopSignal, listener: () => void): unknown;
}

/** Aborted with the signal's name as reason. `exit` is called for the second signal, whichever of them it is. */
export function stopSignal(source: SignalSource, exit: (code: number) => void): AbortSignal {
  const controller = new AbortController();
  for (const name of STOP_SIGNALS) {
    source.on(name, () => {
      if (controller.signal.aborted) exit(EXIT_CODES[name]);
      else controller.abort(name);
    });
  }
  return controller.signal;
}
