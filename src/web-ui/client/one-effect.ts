import { useEffect } from "hono/jsx/dom";

type CleanUp = () => void;

/**
 * `useEffect` with one run for each change. A component that is drawn twice before the next frame, by itself and by what it
 * stands in, would run the effect twice, and the clean-up of the first run would be lost.
 */
export function useOneEffect(effect: () => CleanUp | undefined, deps: readonly unknown[]): void {
  useEffect(once(effect), deps);
}

/** Further calls answer what the first one did. */
function once(effect: () => CleanUp | undefined): () => CleanUp | undefined {
  let run: { readonly cleanUp: CleanUp | undefined } | undefined;
  return () => {
    run ??= { cleanUp: effect() };
    return run.cleanUp;
  };
}
