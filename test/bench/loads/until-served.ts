/** When visitors are served again. */
import { Visitor } from "./visitor.ts";

const ASK_EVERY_MS = 10;
const ANSWER_WITHIN_MS = 2_000;
const PATIENCE_MS = 60_000;

/**
 * Milliseconds until the first visitor has a success, when a new one comes every few milliseconds; Infinity when none has for a
 * minute. Those who wait for an answer keep nobody else from asking.
 */
export async function msUntilServed(address: string, port: number): Promise<number> {
  const startedMs = performance.now();
  const served = Promise.withResolvers<number>();
  const timer = setInterval(() => {
    ask(address, port).then(
      () => served.resolve(performance.now() - startedMs),
      () => {}, // not yet
    );
  }, ASK_EVERY_MS);
  const tooLate = setTimeout(() => served.resolve(Infinity), PATIENCE_MS);
  try {
    return await served.promise;
  } finally {
    clearInterval(timer);
    clearTimeout(tooLate);
  }
}

async function ask(address: string, port: number): Promise<void> {
  const connecting = Visitor.connect({ address, port, secure: false });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer")), ANSWER_WITHIN_MS);
  try {
    using visitor = await Promise.race([connecting, late.promise]);
    await Promise.race([visitor.ask(), late.promise]);
  } finally {
    clearTimeout(timer);
    connecting.then(
      (visitor) => visitor[Symbol.dispose](),
      () => {},
    );
  }
}
