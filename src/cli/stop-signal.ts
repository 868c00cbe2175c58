/** SIGINT and SIGTERM: the first asks everything to stop, a second ends the process at once. */

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;
type SignalName = (typeof STOP_SIGNALS)[number];

/** Exit codes of a process that a signal ended, as shells count them. */
const EXIT_CODES: Readonly<Record<SignalName, number>> = { SIGINT: 130, SIGTERM: 143 };

interface SignalSource {
  on(signal: SignalName, listener: () => void): unknown;
}

export interface StopSignal {
  /** Aborted with the signal's name as reason. */
  readonly signal: AbortSignal;
  /** Signals mean nothing from now on: another process, which has them too, tells this one when to end. */
  readonly ignore: () => void;
}

/** `exit` is called for the second signal, whichever of them it is. */
export function stopSignal(source: SignalSource, exit: (code: number) => void): StopSignal {
  const controller = new AbortController();
  let isIgnored = false;
  for (const name of STOP_SIGNALS) {
    source.on(name, () => {
      if (isIgnored) return;
      if (controller.signal.aborted) exit(EXIT_CODES[name]);
      else controller.abort(name);
    });
  }
  return {
    signal: controller.signal,
    ignore: () => {
      isIgnored = true;
    },
  };
}
