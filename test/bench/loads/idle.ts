/** What a visitor costs who has had an answer and now keeps his connection open. */
import { memoryAtRest } from "./memory-at-rest.ts";
import { Visitor, type VisitorTarget } from "./visitor.ts";

/** Opened before counting begins, so that what a process takes once is not counted. */
const BEFORE = 500;
const COUNTED = 1000;
const AT_ONCE = 50;

/** Bytes of memory per connection, of all the processes together. */
export async function idleBytes(target: VisitorTarget, pids: readonly number[]): Promise<number> {
  using undo = new DisposableStack();
  const open = async (count: number): Promise<void> => {
    for (let opened = 0; opened < count; opened += AT_ONCE) {
      const visitors = await Promise.all(Array.from({ length: AT_ONCE }, () => Visitor.connect(target)));
      for (const visitor of visitors) undo.use(visitor);
      await Promise.all(visitors.map((visitor) => visitor.ask()));
    }
  };
  await open(BEFORE);
  const before = await memoryAtRest(pids);
  await open(COUNTED);
  return ((await memoryAtRest(pids)) - before) / COUNTED;
}
