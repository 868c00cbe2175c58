/** What a WebSocket costs that has said something once and is silent from then on. */
import { memoryAtRest } from "./memory-at-rest.ts";

/** Share of them that is opened first and not counted, for what a process takes once. */
const BEFORE_SHARE = 0.1;
const AT_ONCE = 50;

/** Bytes of memory for each, of all the processes together, when there are `count`. */
export async function idleWebSocketBytes(url: string, count: number, pids: readonly number[]): Promise<number> {
  using undo = new DisposableStack();
  const open = async (wanted: number): Promise<void> => {
    for (let opened = 0; opened < wanted; opened += AT_ONCE) {
      const sockets = await Promise.all(Array.from({ length: AT_ONCE }, () => greeted(url)));
      for (const socket of sockets) undo.defer(() => socket.terminate());
    }
  };
  const first = Math.ceil(count * BEFORE_SHARE);
  await open(first);
  const before = await memoryAtRest(pids);
  await open(count - first);
  return ((await memoryAtRest(pids)) - before) / (count - first);
}

/** Has sent a message and got it back. */
async function greeted(url: string): Promise<WebSocket> {
  const answered = Promise.withResolvers<void>();
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send("hello");
  socket.onmessage = () => answered.resolve();
  socket.onclose = () => answered.reject(new Error(`${url} was closed`));
  await answered.promise;
  return socket;
}
