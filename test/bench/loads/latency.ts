/** How long an answer takes while requests come at a fixed rate that no system here is loaded by. */
import { Visitor } from "./visitor.ts";

const CONNECTIONS = 20;
export const REQUESTS_PER_SECOND = 500;
const REQUESTS_PER_TURN = 1;

export interface LatencyResult {
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly requests: number;
}

/** A request whose turn comes while all connections are busy waits for one, and its waiting counts. */
export async function latency(port: number, seconds: number): Promise<LatencyResult> {
  using undo = new DisposableStack();
  const visitors = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Visitor.connect(port, { secure: false })),
  );
  for (const visitor of visitors) undo.use(visitor);
  const idle = [...visitors];
  const due: number[] = [];
  const micros: number[] = [];
  const finished = Promise.withResolvers<void>();
  const total = Math.round(seconds * REQUESTS_PER_SECOND);
  let planned = 0;

  const serve = (): void => {
    while (idle.length > 0 && due.length > 0) {
      const visitor = idle.pop();
      const dueMs = due.shift();
      if (visitor === undefined || dueMs === undefined) return;
      visitor.ask().then(() => {
        micros.push((performance.now() - dueMs) * 1000);
        idle.push(visitor);
        serve();
        if (micros.length === total) finished.resolve();
      }, finished.reject);
    }
  };
  const timer = setInterval(
    () => {
      for (let count = 0; count < REQUESTS_PER_TURN && planned < total; count++, planned++) due.push(performance.now());
      serve();
    },
    (1000 * REQUESTS_PER_TURN) / REQUESTS_PER_SECOND,
  );
  undo.defer(() => clearInterval(timer));
  await finished.promise;
  micros.sort((a, b) => a - b);
  const at = (share: number): number => micros[Math.floor(share * (micros.length - 1))] ?? Number.NaN;
  return { p50Micros: at(0.5), p99Micros: at(0.99), requests: total };
}
